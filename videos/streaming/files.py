"""Open files for the event loop: what the page cache holds is read at once, anything else in a thread, so
that a cold disk never keeps other viewers waiting."""

from __future__ import annotations

import asyncio
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from videos.errors import FileGone

Buffer = bytes  # the classes below have a size called `bytes`
_OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_ONE_BYTE = [bytearray(1)]  # whatever lands in it is of no interest
_WITHOUT_WAITING: int | None = getattr(os, "RWF_NOWAIT", None)  # Linux only


class Readable(Protocol):
    """Bytes to be sent. Whoever got it calls close()."""

    @property
    def bytes(self) -> int: ...

    @property
    def modified_at(self) -> datetime: ...

    async def read(self, offset: int, length: int) -> Buffer: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """Content that is in memory already. `modified_at` has whole seconds."""

    content: Buffer
    modified_at: datetime

    @property
    def bytes(self) -> int:
        return len(self.content)

    async def read(self, offset: int, length: int) -> Buffer:
        """As OpenFile.read()."""
        return self.content[offset : offset + length]

    def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class OpenFile:
    """A regular file open for reading. Whoever opened it calls close()."""

    descriptor: int
    bytes: int
    modified_ns: int
    accessed_ns: int
    inode: int

    @property
    def modified_at(self) -> datetime:
        """Whole seconds."""
        return whole_seconds(self.modified_ns)

    async def read(self, offset: int, length: int) -> Buffer:
        """Up to `length` bytes at `offset`; fewer at the end of the file."""
        if self._is_cached(offset) and self._is_cached(offset + length - 1):
            return os.pread(self.descriptor, length, offset)
        return await asyncio.to_thread(os.pread, self.descriptor, length, offset)

    def _is_cached(self, offset: int) -> bool:
        """Whether the byte at `offset` is in memory. Asked at both ends of a read: pages come and go in long
        runs, and asking for all of them would cost as much as the read itself."""
        if _WITHOUT_WAITING is None:
            return False
        try:
            os.preadv(self.descriptor, _ONE_BYTE, offset, _WITHOUT_WAITING)
        except OSError:  # BlockingIOError: on the disk; anything else: this file system cannot tell
            return False
        return True

    def close(self) -> None:
        os.close(self.descriptor)


def open_file(path: str | Path) -> OpenFile:
    """Opens a regular file that is no symbolic link. Raises FileGone."""
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
    except OSError as error:
        raise FileGone(str(error)) from error
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise FileGone(f"{path}: not a file")
    return OpenFile(descriptor, facts.st_size, facts.st_mtime_ns, facts.st_atime_ns, facts.st_ino)


def whole_seconds(moment_ns: int) -> datetime:
    """A file system's time as Last-Modified tells it."""
    return datetime.fromtimestamp(moment_ns // 1_000_000_000, UTC)
