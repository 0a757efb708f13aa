"""The folder of a resumable upload below INCOMING_DIR, and how one request at a time writes into it.

`original` grows; its size is the upload's offset. `lock` is locked (flock) by whoever may write, so that the system
frees it when a process is killed. `wanted` asks that one to give way. `unverified` holds the size that counts while a
part is written whose checksum is not known to be right yet.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from django.conf import settings

from videos.ingest import incoming
from videos.ingest.refusals import ChecksumMismatch, PartTooLong, UploadLocked
from videos.ingest.tus import Checksum
from videos.storage.disk import FILE_MODE, disk_errors, make_folder, sync

LOCK_SECONDS: Final = 15.0  # a writer looks twice a second whether it is wanted; only handing over a film takes longer
LOCK_POLL_SECONDS: Final = 0.1


class UploadFolder:
    """Where one upload grows."""

    def __init__(self, token: str) -> None:
        self.folder = Path(settings.INCOMING_DIR) / token
        self.path = self.folder / "original"
        self.mark = self.folder / "unverified"

    def make(self) -> None:
        """Makes the folder with an empty file. Raises InsufficientStorage, StorageError."""
        with disk_errors("incoming"):
            make_folder(self.folder)
            os.close(incoming.open_new(self.path, incoming.NEW_FILE, FILE_MODE))
            sync(self.folder)

    def size(self) -> int | None:
        """How much counts now, with or without the lock; None where there is no file."""
        try:
            size = self.path.stat().st_size
            marked = self._marked()
        except FileNotFoundError:
            return None
        return size if marked is None else min(size, marked)

    def settle(self) -> int | None:
        """With the lock: removes what nobody has verified, makes the rest durable and returns its size; None where
        there is no file. Raises InsufficientStorage, StorageError."""
        size = self.size()
        if size is not None:
            with disk_errors("incoming"):
                if self.mark.exists():
                    os.truncate(self.path, size)
                    sync(self.path)
                    self.unmark()
                else:
                    sync(self.path)
        return size

    def remove(self) -> None:
        """Everything of it; safe at any time, and more than once."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def set_mark(self, size: int) -> None:
        """From now on, whatever lies beyond `size` does not count."""
        beside = self.mark.with_suffix(".new")
        beside.write_text(str(size), "ascii")
        sync(beside)
        beside.replace(self.mark)
        sync(self.folder)

    def unmark(self) -> None:
        """Everything counts again."""
        self.mark.unlink(missing_ok=True)
        sync(self.folder)

    def _marked(self) -> int | None:
        try:
            return int(self.mark.read_text("ascii") or 0)
        except FileNotFoundError:
            return None


class UploadLock:
    """The right to write into a folder. Not to be used by two at a time itself."""

    def __init__(self, folder: UploadFolder) -> None:
        self._folder = folder.folder
        self._wanted = folder.folder / "wanted"
        self._descriptor: int | None = None

    def try_acquire(self) -> bool:
        """True when it is ours now; else whoever has it is asked to give way. Raises StorageError."""
        with disk_errors("incoming"):
            make_folder(self._folder)
            try:
                descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
            except FileNotFoundError:  # whoever had it has just removed the folder; who asks again will see why
                return False
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                with suppress(FileNotFoundError):  # it has just been removed with its folder
                    self._wanted.touch(FILE_MODE)
                return False
            self._descriptor = descriptor
            self._wanted.unlink(missing_ok=True)
            return True

    @property
    def is_wanted(self) -> bool:
        """Whether somebody else has asked for it since we have it."""
        return self._wanted.exists()

    def release(self) -> None:
        """Safe more than once."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def locked(folder: UploadFolder, *, wait_seconds: float | None = None) -> Iterator[None]:
    """Waits for the lock in this thread. Raises UploadLocked, StorageError."""
    lock = UploadLock(folder)
    deadline = time.monotonic() + (LOCK_SECONDS if wait_seconds is None else wait_seconds)
    while not lock.try_acquire():
        if time.monotonic() >= deadline:
            raise UploadLocked
        time.sleep(LOCK_POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()


class PartFile(incoming.GrowingFile):
    """A part being written at the end of an upload, under its lock. With a checksum nothing of it counts before all of
    it is right."""

    def __init__(self, folder: UploadFolder, *, offset: int, total_bytes: int, checksum: Checksum | None) -> None:
        """`offset` is what `settle` has told. Raises InsufficientStorage, StorageError."""
        self._folder, self._offset, self._total_bytes = folder, offset, total_bytes
        self._checksum, self._sum = checksum, checksum.begin() if checksum else None
        with disk_errors("incoming"):
            if checksum:
                folder.set_mark(offset)
            descriptor = incoming.open_new(folder.path, os.O_WRONLY | os.O_CREAT, FILE_MODE)
            os.lseek(descriptor, offset, os.SEEK_SET)
        super().__init__(descriptor, size=offset)

    def admit(self, piece: bytes) -> None:
        """Raises PartTooLong."""
        if self.bytes + len(piece) > self._total_bytes:
            raise PartTooLong(f"beyond {self._total_bytes} bytes")
        if self._sum is not None:
            self._sum.update(piece)

    def finish(self) -> None:
        """The part has come whole. Raises ChecksumMismatch; InsufficientStorage, StorageError."""
        if self._checksum and self._sum and self._sum.digest() != self._checksum.digest:
            raise ChecksumMismatch(self._checksum.algorithm)
        super().finish()
        if self._checksum:
            self._folder.unmark()

    def keep(self) -> None:
        """The part has broken off: what came stays, unless it had a checksum."""
        if self._checksum:
            self.discard()
        elif self._descriptor is not None:
            try:
                with disk_errors("incoming"):
                    self._sync()
            finally:
                self._close()

    def discard(self) -> None:
        """The upload is as it was before the part."""
        if self._descriptor is None:
            return
        try:
            with disk_errors("incoming"):
                os.ftruncate(self._open_descriptor, self._offset)
                self._sync()
                self._folder.unmark()
        finally:
            self._close()
