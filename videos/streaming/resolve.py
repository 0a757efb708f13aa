"""From an address to bytes: a file on this machine's disk, a segment cut for the occasion, an object in a
bucket."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from videos import storage
from videos.errors import FileGone
from videos.pipeline import cutter, mpegts
from videos.streaming import growing
from videos.streaming.address import MediaAddress, MediaKind
from videos.streaming.byterange import Representation
from videos.streaming.files import MemoryFile, Readable, open_file, whole_seconds
from videos.streaming.objects import presigned_address, small_object
from videos.streaming.responses import CONTENT_TYPES
from videos.streaming.segments import SegmentCache


@dataclass(frozen=True, slots=True)
class Found:
    """Bytes, which the caller closes, and their facts."""

    file: Readable
    representation: Representation
    is_growing: bool = False  # and so another the next time


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The bucket gives these bytes out itself, for a minute."""

    location: str


class Resolver:
    """Finds what an address names. Both methods raise FileGone and StorageError."""

    def __init__(self, segments: SegmentCache) -> None:
        self._segments = segments

    async def find(self, address: MediaAddress, method: str) -> Found | Elsewhere:
        """For GET or HEAD."""
        if address.kind is MediaKind.SEGMENT:
            return await self._segment(address)
        if address.kind is MediaKind.PLAYLIST:
            return await self._playlist(address)
        if storage.is_local():
            return _on_disk(address)
        if address.kind is not MediaKind.FILE:
            return await asyncio.to_thread(_small, address)
        # A presigned address is good for one method only, so HEAD is answered here.
        return await asyncio.to_thread(_facts if method == "HEAD" else _elsewhere, address)

    async def _playlist(self, address: MediaAddress) -> Found:
        """A finished one is a file; one that grows is made of rows."""
        try:
            return _on_disk(address) if storage.is_local() else await asyncio.to_thread(_small, address)
        except FileGone:
            return Found(*await asyncio.to_thread(growing.find, address), is_growing=True)

    async def _segment(self, address: MediaAddress) -> Found:
        file = await self._segments.open(address)
        # Cutting again gives the same bytes but another file, so the tag is made from what never changes.
        form = f"t{mpegts.REVISION}" if address.extension == "ts" else f"m{cutter.REVISION}"
        tag = f'"{form}-v{address.version}-{address.label}-{address.index}-{file.bytes:x}"'
        return Found(file, Representation(file.bytes, tag, file.modified_at))


def storage_name(address: MediaAddress) -> str:
    """The name in the media storage; raises FileGone for one that can name nothing."""
    if address.kind is MediaKind.PICTURE:
        return storage.artwork_name(address.item, address.filename)
    if address.kind is MediaKind.WORDS:
        return storage.words_name(address.item, address.filename)
    return f"{storage.version_folder(address.item, address.version)}/{address.filename}"


def _on_disk(address: MediaAddress) -> Found:
    file = open_file(_local_path(str(settings.MEDIA_ROOT), address))
    return Found(file, _representation(file.bytes, file.modified_ns, file.inode))


@lru_cache(maxsize=4096)
def _representation(size: int, modified_ns: int, inode: int) -> Representation:
    """The facts of a file on disk, whose tag changes with anything that could change its content."""
    return Representation(size, f'"{size:x}-{modified_ns:x}-{inode:x}"', whole_seconds(modified_ns))


@lru_cache(maxsize=4096)
def _local_path(_root: str, address: MediaAddress) -> str:
    """Looking for links on the way costs as much as sending a small file, and what is published does not
    move. The file itself is opened without following a link each time."""
    return str(storage.local_path(storage_name(address)))


def _small(address: MediaAddress) -> Found:
    found = small_object(storage_name(address))
    representation = Representation(len(found.content), found.etag, found.modified_at)
    return Found(MemoryFile(found.content, found.modified_at), representation)


def _facts(address: MediaAddress) -> Found:
    facts = storage.stat(storage_name(address))
    modified_at = facts.modified_at.replace(microsecond=0)
    return Found(MemoryFile(b"", modified_at), Representation(facts.bytes, f'"{facts.etag}"', modified_at))


def _elsewhere(address: MediaAddress) -> Elsewhere:
    return Elsewhere(presigned_address(storage_name(address), CONTENT_TYPES[address.extension]))
