"""Media as files below the media root, through Django's FileSystemStorage. What is written is on the disk
(fsync) before it has its final name."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.core.files.storage import FileSystemStorage

from videos.errors import FileGone, InsufficientStorage, StorageError
from videos.storage.facts import FileFacts, ListedFile

FOLDER_MODE: Final = 0o750
FILE_MODE: Final = 0o640
COPY_BYTES: Final = 1 << 20
SYNCED_AT_ONCE: Final = 8
NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
NOT_THERE: Final = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


@contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Turns the operating system's errors into ours."""
    try:
        yield
    except NOT_THERE as error:
        raise FileGone(f"{what}: {error}") from error
    except OSError as error:
        if error.errno in NO_SPACE:
            raise InsufficientStorage(f"{what}: {error}") from error
        raise StorageError(f"{what}: {error}") from error


def sync(path: Path) -> None:
    """Flushes a file's content, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Makes `folder` and its parents, each written to the disk."""
    missing = [folder, *folder.parents]
    missing = missing[: next(i for i, candidate in enumerate(missing) if candidate.exists())]
    for candidate in reversed(missing):
        candidate.mkdir(mode=FOLDER_MODE, exist_ok=True)
        sync(candidate.parent)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("xb") as writing:
        target.chmod(FILE_MODE)
        shutil.copyfileobj(reading, writing, COPY_BYTES)
        writing.flush()
        os.fsync(writing.fileno())


def _copied(source: str, target: str) -> str:
    _copy(Path(source), Path(target))
    return target


def _sync_tree(folder: Path) -> None:
    """Side by side: a disk writes what waits together at once."""
    with ThreadPoolExecutor(SYNCED_AT_ONCE) as pool:
        list(pool.map(sync, [*folder.rglob("*"), folder]))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What lies in a folder, one by one; nothing where it is not there."""
    with suppress(*NOT_THERE), os.scandir(folder) as entries:
        yield from entries


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Everything below a folder that is no folder; links are not followed. What vanishes meanwhile is left out."""
    for entry in _entries(folder):
        if not entry.is_dir(follow_symlinks=False):
            yield entry
        elif not entry.name.startswith("."):
            yield from _walk(Path(entry.path))


def _newest(path: Path) -> float:
    """When anything at or below `path` was last written; now, if it went away while we looked."""
    try:
        return max(found.lstat().st_mtime for found in (path, *path.rglob("*")))
    except FileNotFoundError:
        return time.time()


def _stale_within(item: Path, before: float) -> Iterator[str]:
    """Hidden names below an item's folder; the folder itself where nothing at all is in it."""
    is_empty = True
    folders = [item]
    while folders:
        for entry in _entries(folders.pop()):
            if entry.name.startswith("."):
                is_empty = False
                if _newest(Path(entry.path)) < before:
                    yield entry.path
            elif entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))
            else:
                is_empty = False
    if is_empty and _newest(item) < before:
        yield str(item)


class Disk:
    """A Place on this machine."""

    def __init__(self, storage: FileSystemStorage) -> None:
        self.root = Path(storage.location)

    def path(self, name: str) -> Path:
        """Where `name` lies. A symbolic link on the way, wherever it leads, means that there is nothing."""
        with disk_errors(name):
            root = self.root.resolve()
            path = root / name
            if path.resolve() != path:
                raise FileGone(f"{name}: a link leads elsewhere")
        return path

    def take_in(self, path: Path, name: str) -> None:
        with disk_errors(name):
            os.utime(path)  # it arrives now, however old it is: the sweep looks at the age of what no row names yet
            sync(path)
            self._move(path, name)

    def put(self, path: Path, name: str) -> None:
        with disk_errors(name), self._beside(name) as (target, beside):
            _copy(path, beside)
            beside.replace(target)
            sync(target.parent)

    def publish(self, folder: Path, name: str) -> None:
        with disk_errors(name):
            _sync_tree(folder)
            self.delete_folder(name)  # of an attempt that died between its rename and its transaction
            self._move(folder, name)

    @contextmanager
    def borrow(self, name: str) -> Iterator[Path]:
        path = self.path(name)
        if not path.is_file():
            raise FileGone(name)
        yield path

    def read(self, name: str, start: int, length: int) -> bytes:
        with disk_errors(name), self.path(name).open("rb", buffering=0) as file:
            file.seek(start)
            parts: list[bytes] = []
            while length > 0 and (part := file.read(length)):
                parts.append(part)
                length -= len(part)
            return b"".join(parts)

    def stat(self, name: str) -> FileFacts:
        path = self.path(name)
        with disk_errors(name):
            facts = path.stat()
        if not path.is_file():
            raise FileGone(name)
        modified_at = datetime.fromtimestamp(facts.st_mtime, tz=UTC)
        return FileFacts(facts.st_size, modified_at, f"{facts.st_mtime_ns:x}-{facts.st_size:x}")

    def files(self, prefix: str) -> Iterator[ListedFile]:
        """Folder by folder, as the disk tells them: a listing of millions costs no memory."""
        root = self.root.resolve()
        with disk_errors(prefix):
            for entry in _walk(self.path(prefix)):
                if entry.name.startswith("."):
                    continue
                with suppress(FileNotFoundError):  # it went away while we looked
                    facts = entry.stat(follow_symlinks=False)
                    name = Path(entry.path).relative_to(root).as_posix()
                    yield ListedFile(name, facts.st_size, datetime.fromtimestamp(facts.st_mtime, tz=UTC))

    def unfinished(self, prefix: str, before: datetime) -> Iterator[list[str]]:
        """Work in progress that nobody has touched since `before`, and folders in which there is nothing: one list,
        mostly empty, for each name in the folder `prefix`."""
        root = self.root.resolve()
        with disk_errors(prefix):
            for entry in _entries(self.path(prefix)):
                stale: list[str] = []
                if entry.name.startswith("."):
                    stale = [entry.path] if _newest(Path(entry.path)) < before.timestamp() else []
                elif entry.is_dir(follow_symlinks=False):
                    stale = list(_stale_within(Path(entry.path), before.timestamp()))
                yield [Path(path).relative_to(root).as_posix() for path in stale]

    def remove_unfinished(self, name: str) -> None:
        """`name` is one that `unfinished` gave: no name that could be asked for anywhere else."""
        path = self.root.resolve() / name
        with disk_errors(name):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def delete_file(self, name: str) -> None:
        with disk_errors(name):
            self.path(name).unlink(missing_ok=True)

    def delete_folder(self, name: str) -> None:
        """The folder vanishes at once, under a name that nobody asks for; then its files go."""
        folder = self.path(name)
        with disk_errors(name), suppress(FileNotFoundError):
            doomed = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
            folder.replace(doomed)
            shutil.rmtree(doomed)

    @contextmanager
    def _beside(self, name: str) -> Iterator[tuple[Path, Path]]:
        """The final path, and one beside it for work in progress, which is gone afterwards."""
        target = self.path(name)
        make_folder(target.parent)
        beside = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        try:
            yield target, beside
        finally:
            if beside.is_dir():
                shutil.rmtree(beside)
            else:
                beside.unlink(missing_ok=True)

    def _move(self, path: Path, name: str) -> None:
        """A rename where both ends share a disk; else a copy beside the target, then the rename."""
        target = self.path(name)
        make_folder(target.parent)
        try:
            path.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._move_across(path, name)
        sync(target.parent)

    def _move_across(self, path: Path, name: str) -> None:
        with self._beside(name) as (target, beside):
            if path.is_dir():
                # Copies are as young as they are: the sweep takes what looks old for abandoned.
                shutil.copytree(path, beside, copy_function=_copied)
                _sync_tree(beside)
                beside.replace(target)
                shutil.rmtree(path)
            else:
                _copy(path, beside)
                beside.replace(target)
                path.unlink()
