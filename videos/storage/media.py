"""What the site asks of its media storage. Django's `storages["default"]`, looked up at each call, decides
between files and a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from django.core.files.storage import FileSystemStorage, storages

from videos.errors import FileGone, StorageError
from videos.storage.disk import Disk
from videos.storage.facts import FileFacts, ListedFile, Place
from videos.storage.names import checked, is_name, item_folder

if TYPE_CHECKING:
    from storages.backends.s3 import S3Storage

    from videos.storage.bucket import Bucket

READ_LIMIT_BYTES: Final = 8 << 20  # whole files are read only where they are small: playlists, pictures
PRESIGNED_LIMIT_SECONDS: Final = 60


def _place() -> Place:
    storage = storages["default"]
    return Disk(storage) if isinstance(storage, FileSystemStorage) else _bucket()


def _bucket() -> Bucket:
    if is_local():
        raise StorageError("media is on this machine's disk and has no address of its own")
    from videos.storage.bucket import Bucket  # noqa: PLC0415 -- Amazon's client takes long to load

    return Bucket(cast("S3Storage", storages["default"]))


def _local() -> Disk:
    place = _place()
    if not isinstance(place, Disk):
        raise StorageError("media is not on this machine's disk")
    return place


def is_local() -> bool:
    """Whether media lies on a disk of this machine."""
    return isinstance(storages["default"], FileSystemStorage)


def local_path(name: str) -> Path:
    """Where the file lies on this machine; it need not exist.

    Raises:
        FileGone: not a name, or a symbolic link stands on the way.
        StorageError: media lies in a bucket.
    """
    return _local().path(checked(name))


def take_in_source(path: Path, name: str) -> None:
    """Moves a received file to its place: a rename where media shares its disk, else a copy or an upload.
    `path` is gone afterwards, unless this raises.

    Raises:
        FileGone: `path` is not there. InsufficientStorage: no room. StorageError: anything else.
    """
    _place().take_in(path, checked(name))


def put_file(path: Path, name: str) -> None:
    """Copies one file to its place, whole under its final name; `path` stays. Raises as `take_in_source`."""
    _place().put(path, checked(name))


def publish_folder(folder: Path, name: str) -> None:
    """Moves a whole folder to its place; what an attempt that died left there goes first. On disk the folder
    appears at once; in a bucket its playlists come last, the master the very last. `folder` is gone
    afterwards.
    Raises as `take_in_source`."""
    _place().publish(folder, checked(name))


def source_file(name: str) -> AbstractContextManager[Path]:
    """`with source_file(name) as path:` a file alone in its folder, to read and not to change; for media in a
    bucket a copy in the scratch folder. Raises as `take_in_source`."""
    return _place().borrow(checked(name))


def read(name: str) -> bytes:
    """The whole of a small file.

    Raises:
        FileGone: it is not there. StorageError: it is larger than 8 MiB, or the storage does not answer.
    """
    content = _place().read(checked(name), 0, READ_LIMIT_BYTES + 1)
    if len(content) > READ_LIMIT_BYTES:
        raise StorageError(f"{name}: too large to be read whole")
    return content


def read_range(name: str, *, start: int, length: int) -> bytes:
    """`length` bytes from `start`; fewer where the file ends. Raises FileGone, StorageError."""
    return _place().read(checked(name), start, length)


def stat(name: str) -> FileFacts:
    """Raises FileGone, StorageError."""
    return _place().stat(checked(name))


def exists(name: str) -> bool:
    """Whether there is such a file. Raises StorageError."""
    try:
        stat(name)
    except FileGone:
        return False
    return True


def list_files(prefix: str) -> Iterator[ListedFile]:
    """All files in a folder and below it; none where there is none. What lies in the same folder comes in one piece,
    otherwise there is no order. Nothing is held in memory: a listing may be of millions. What somebody else has put
    there under a name that we would not give is left out. Raises StorageError."""
    return (file for file in _place().files(checked(prefix)) if is_name(file.name))


def list_names(prefix: str) -> Iterator[str]:
    """Their names alone."""
    return (file.name for file in list_files(prefix))


def list_unfinished(prefix: str, *, before: datetime) -> Iterator[list[str]]:
    """Work in progress that was abandoned before then, under names that only `remove_unfinished` takes: one list,
    mostly empty, for each name in the folder. Raises StorageError."""
    return _place().unfinished(checked(prefix), before)


def remove_unfinished(name: str) -> None:
    """Removes what `list_unfinished` has named. Raises StorageError."""
    _place().remove_unfinished(name)


def delete_file(name: str) -> None:
    """Removes a file; one that is gone already is no error. Raises StorageError."""
    _place().delete_file(checked(name))


def delete_folder(name: str) -> None:
    """Removes a folder with all in it; one that is gone already is no error. Raises StorageError."""
    _place().delete_folder(checked(name))


def delete_item(public_id: str) -> None:
    """Removes every file of an item: sources, versions, artwork. Raises StorageError."""
    delete_folder(item_folder(public_id))


def presigned_url(name: str, *, seconds: int, content_type: str = "", disposition: str = "") -> str:
    """An address in the bucket that answers GET for `seconds` (60 at most), with these headers if given.

    Raises:
        StorageError: media lies on disk.
    """
    headers = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
    given = {header: value for header, value in headers.items() if value}
    return _bucket().presigned_url(checked(name), min(seconds, PRESIGNED_LIMIT_SECONDS), given)
