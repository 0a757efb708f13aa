"""Files on their way in: one folder each below INCOMING_DIR, on this machine's disk. They leave by
`accept_source`, or are removed; what a killed server leaves there, videos.jobs.sweeper finds."""

from __future__ import annotations

import os
import secrets
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from django.conf import settings

from videos.ingest import space
from videos.storage.disk import FILE_MODE, FOLDER_MODE, disk_errors, make_folder

SYNC_EVERY_BYTES: Final = 64 << 20  # so that the last flush, for which the sender waits, is a short one
open_new = os.open  # a name of its own, so that a test can put a full disk here
NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL


class GrowingFile(ABC):
    """An open file that pieces are added to. Every method blocks on the disk, and none may run beside another."""

    def __init__(self, descriptor: int, *, size: int = 0) -> None:
        """`size`: how much is there already."""
        self._descriptor: int | None = descriptor
        self.bytes = size
        self._synced = size

    def append(self, pieces: Iterable[bytes]) -> None:
        """Writes the pieces in order. Raises TooLarge, InsufficientStorage, StorageError, and what `admit` raises."""
        with disk_errors("incoming"):
            for piece in pieces:
                self.admit(piece)
                self._write(piece)
            space.refuse_too_large(self.bytes)
            if self.bytes - self._synced >= SYNC_EVERY_BYTES:
                self._sync()
                space.refuse_growth(self.bytes)

    @abstractmethod
    def admit(self, piece: bytes) -> None:
        """Looks at a piece before it is written, and raises where it must not be."""

    def finish(self) -> None:
        """Everything is on the disk now. Raises InsufficientStorage, StorageError."""
        with disk_errors("incoming"):
            self._sync()
        self._close()

    @abstractmethod
    def discard(self) -> None:
        """Undoes the writing; safe at any time, and more than once."""

    def _write(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while rest:
            written = os.write(self._open_descriptor, rest)
            self.bytes += written
            rest = rest[written:]

    def _sync(self) -> None:
        os.fsync(self._open_descriptor)
        self._synced = self.bytes

    @property
    def _open_descriptor(self) -> int:
        if self._descriptor is None:
            raise ValueError("the file is closed")
        return self._descriptor

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


class IncomingFile(GrowingFile):
    """A film that comes in one request, alone in a folder that goes with it."""

    def __init__(self, refuse_size: Callable[[int], None] = lambda _size: None) -> None:
        """Makes the folder and the empty file. `refuse_size` is asked before each piece about the size that there
        would be, and may raise. Raises InsufficientStorage, StorageError."""
        self.folder = Path(settings.INCOMING_DIR) / secrets.token_hex(16)
        self.path = self.folder / "original"
        self._refuse_size = refuse_size
        with disk_errors("incoming"):
            make_folder(self.folder.parent)
            self.folder.mkdir(mode=FOLDER_MODE)
            super().__init__(open_new(self.path, NEW_FILE, FILE_MODE))

    def admit(self, piece: bytes) -> None:
        self._refuse_size(self.bytes + len(piece))

    def discard(self) -> None:
        """Removes what is left in the folder, and the folder."""
        self._close()
        shutil.rmtree(self.folder, ignore_errors=True)
