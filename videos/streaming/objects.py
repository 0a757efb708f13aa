"""Media in a bucket: playlists and pictures are passed on, films are sent for by a short-lived address of the
bucket's own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from videos import storage

PRESIGNED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class SmallObject:
    """A playlist or picture, whole."""

    content: bytes
    modified_at: datetime
    etag: str  # strong, quoted


@lru_cache(maxsize=64)
def small_object(name: str) -> SmallObject:
    """A playlist or picture out of the bucket, which never changes under its name. Blocks. Raises FileGone,
    StorageError."""
    content = storage.read(name)
    modified_at = storage.stat(name).modified_at.replace(microsecond=0)
    return SmallObject(content, modified_at, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def presigned_address(name: str, content_type: str) -> str:
    """Where the bucket itself gives out a film, for at most a minute. Raises StorageError."""
    return storage.presigned_url(name, seconds=PRESIGNED_SECONDS, content_type=content_type)
