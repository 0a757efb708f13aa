"""The layout below the media root. Names are relative, with forward slashes, harmless characters. Pure."""

from __future__ import annotations

import re
from typing import Final

from videos.errors import FileGone

LONGEST_NAME: Final = 512
_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", re.ASCII)  # never hidden, never a parent


def is_name(name: str) -> bool:
    """Whether it may name something below the media root."""
    return len(name) <= LONGEST_NAME and all(_SEGMENT.fullmatch(segment) for segment in name.split("/"))


def checked(name: str) -> str:
    """`name` itself if it may name something below the media root.

    Raises:
        FileGone: it is absolute, climbs, is hidden, or holds anything but ASCII letters, digits, `.` `_` `-`.
    """
    if not is_name(name):
        raise FileGone(f"not a name in the media storage: {name[:100]!r}")
    return name


ITEMS: Final = "items"  # the folder of all items
BORROWED: Final = "borrowed"  # below the scratch folder: copies of what lies in a bucket


def item_folder(public_id: str) -> str:
    """Everything that belongs to one item."""
    return checked(f"{ITEMS}/{public_id}")


def source_folder(public_id: str, token: str) -> str:
    """Holds one source and nothing else: a hostile playlist finds no neighbour to point at."""
    return checked(f"items/{public_id}/source/{token}")


def source_name(public_id: str, token: str) -> str:
    """The file that somebody gave us. It has no extension: what it is, is found out by looking inside."""
    return f"{source_folder(public_id, token)}/original"


def version_folder(public_id: str, version: int) -> str:
    """One published version: playlists and rungs. It appears whole and never changes."""
    return checked(f"items/{public_id}/v{version}")


def artwork_name(public_id: str, filename: str) -> str:
    """One picture of the item; its file name holds a token: a new picture never hides behind an old
    address."""
    return checked(f"items/{public_id}/art/{filename}")


def words_name(public_id: str, filename: str) -> str:
    """Captions of the item; their file name holds a token too."""
    return checked(f"items/{public_id}/words/{filename}")
