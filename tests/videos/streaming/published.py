"""A small published item on the media storage, made by the functions that publish real ones, and grants for
it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from accounts.public_ids import new_public_id
from tests.videos.fragmented import clip, index
from videos import storage
from videos.pipeline.playlist import (
    ts_variant_of,
    variant_of,
    write_master_playlist,
    write_media_playlist,
    write_ts_playlist,
)
from videos.streaming.grants import PUBLIC, Grant, Purpose, Subject, sign
from videos.streaming.hls import signing_keys

LABEL = "360p"
PICTURE = b"\xff\xd8\xff\xe0 a picture"
WORDS = b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHello\n"
FOREVER = 2**33


@dataclass(frozen=True)
class Published:
    """An item with version 1: one rung of a few seconds, a poster and captions."""

    item: str
    film: bytes

    def grant(
        self,
        *,
        subject: Subject = PUBLIC,
        purpose: Purpose = Purpose.PLAY,
        version: int = 1,
        expires_at: int = FOREVER,
    ) -> str:
        """Signed with the site's key, whatever it says."""
        return sign(Grant(self.item, version, purpose, expires_at, subject), signing_keys()[0])

    def path(self, name: str, grant: str | None = None) -> str:
        """The address of a file: `v1/…`, `art/…` or `words/…`."""
        return f"/media/{grant or self.grant()}/{self.item}/{name}"


def publish(folder: Path, item: str | None = None) -> Published:
    """Publishes a clip; `folder` is where the attempt is prepared."""
    item = item or new_public_id()
    source = clip()
    indexed = index(source)
    attempt = folder / f"attempt-{item}"
    attempt.mkdir(parents=True)
    shutil.copy(source, attempt / f"{LABEL}.mp4")
    texts = {
        "master.m3u8": write_master_playlist([variant_of(f"{LABEL}.m3u8", indexed)]),
        "ts.m3u8": write_master_playlist([ts_variant_of(f"{LABEL}.ts.m3u8", indexed)]),
        f"{LABEL}.m3u8": write_media_playlist(f"{LABEL}.mp4", indexed),
        f"{LABEL}.ts.m3u8": write_ts_playlist(LABEL, indexed.durations),
    }
    for name, text in texts.items():
        (attempt / name).write_text(text)
    storage.publish_folder(folder=attempt, name=storage.version_folder(item, 1))
    picture = folder / f"{item}.jpg"
    picture.write_bytes(PICTURE)
    storage.put_file(path=picture, name=storage.artwork_name(item, "poster.jpg"))
    words = folder / f"{item}.vtt"
    words.write_bytes(WORDS)
    storage.put_file(path=words, name=storage.words_name(item, "en.vtt"))
    return Published(item, source.read_bytes())
