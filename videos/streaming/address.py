"""The path of a media address: `/media/<grant>/<item>/` and `v<N>/<file>`, `art/<file>` or `words/<file>`.
Strict and pure: what is not exactly of this form, down to the last character, names nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

LONGEST_PATH = 640
INIT = -1
"""The index of an init segment."""

_LABEL = r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}"
_PATH = re.compile(
    r"/media/(?P<grant>[A-Za-z0-9_-]{1,400})/(?P<item>[A-Za-z0-9]{11})/(?:"
    rf"v(?P<version>[1-9][0-9]{{0,8}})/(?:"
    rf"(?P<playlist>(?:master|ts|{_LABEL}(?:\.ts)?)\.m3u8)"
    rf"|(?P<file>{_LABEL}\.mp4)"
    rf"|(?P<label>{_LABEL})/(?:(?P<init>init\.mp4)|(?P<segment>0|[1-9][0-9]{{0,6}})\.(?P<form>ts|m4s)))"
    r"|art/(?P<picture>[A-Za-z0-9_-]{1,64}\.(?:jpg|png|webp|vtt))"
    r"|words/(?P<words>[A-Za-z0-9_-]{1,64}\.vtt))",
    re.ASCII,
)


class MediaKind(Enum):
    """What lies behind an address."""

    PLAYLIST = "playlist"
    FILE = "file"
    SEGMENT = "segment"
    PICTURE = "picture"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class MediaAddress:
    """A parsed path. `version` is 0 for pictures and words. `filename` is the last part; a segment has its rung's
    `label` and its `index` too, INIT for what stands before the first."""

    grant: str
    item: str
    version: int
    kind: MediaKind
    filename: str
    label: str = ""
    index: int = 0

    @property
    def extension(self) -> str:
        """Lower case, without the dot."""
        return self.filename.rpartition(".")[2]


def parse_media_path(path: str) -> MediaAddress | None:
    """The address in a path that was not percent-decoded: none of our names needs an escape, so a path with
    one is not ours, and there is nothing that two servers could decode differently."""
    match = _PATH.fullmatch(path) if len(path) <= LONGEST_PATH else None
    if match is None:
        return None
    grant, item = match["grant"], match["item"]
    if match["picture"]:
        return MediaAddress(grant, item, 0, MediaKind.PICTURE, match["picture"])
    if match["words"]:
        return MediaAddress(grant, item, 0, MediaKind.WORDS, match["words"])
    version = int(match["version"])
    if match["playlist"]:
        return MediaAddress(grant, item, version, MediaKind.PLAYLIST, match["playlist"])
    if match["file"]:
        return MediaAddress(grant, item, version, MediaKind.FILE, match["file"])
    if match["init"]:
        return MediaAddress(grant, item, version, MediaKind.SEGMENT, match["init"], match["label"], INIT)
    index = match["segment"]
    return MediaAddress(grant, item, version, MediaKind.SEGMENT, f"{index}.{match['form']}", match["label"], int(index))
