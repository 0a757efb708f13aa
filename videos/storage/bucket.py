"""Media as objects of an S3-compatible bucket, through django-storages: whole objects appear at once, so a
name is either complete or absent."""

from __future__ import annotations

import mimetypes
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final  # django-storages and boto3 ship no types

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from videos.errors import FileGone, InsufficientStorage, StorageError
from videos.storage.disk import FOLDER_MODE, disk_errors
from videos.storage.facts import FileFacts, ListedFile
from videos.storage.names import BORROWED

if TYPE_CHECKING:
    from storages.backends.s3 import S3Storage

# Told to the bucket, so that a presigned address answers with it; the systems' own tables differ.
CONTENT_TYPES: Final = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt; charset=utf-8",
}
UNKNOWN_TYPE: Final = "application/octet-stream"
MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound"})
NOT_SATISFIABLE: Final = frozenset({"416", "InvalidRange"})
DELETE_AT_ONCE: Final = 1000  # the protocol's limit
_OF_UPLOAD: Final = "?upload="  # between a name and the number of an upload to it; no name of ours has a `?`


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def bucket_errors(what: str) -> Iterator[None]:
    """Turns the client's errors, and those of the local end of a copy, into ours."""
    try:
        with disk_errors(what):
            yield
    except ClientError as error:
        raise (FileGone if _code(error) in MISSING else StorageError)(f"{what}: {error}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise StorageError(f"{what}: {error}") from error


def _playlists_last(path: Path) -> tuple[bool, bool, str]:
    return path.suffix == ".m3u8", path.name == "master.m3u8", path.name


def content_type_of(name: str) -> str:
    """By the extension of a name that we gave."""
    suffix = Path(name).suffix
    return CONTENT_TYPES.get(suffix) or mimetypes.types_map.get(suffix, UNKNOWN_TYPE)


class Bucket:
    """A Place in a bucket."""

    def __init__(self, storage: S3Storage) -> None:
        self._storage = storage
        self._client: Any = storage.bucket.meta.client  # clients, unlike resources, may be shared by threads
        self._bucket = str(storage.bucket_name)
        self._prefix = f"{storage.location.strip('/')}/".lstrip("/")

    def take_in(self, path: Path, name: str) -> None:
        self.put(path, name)
        with disk_errors(name):
            path.unlink()

    def put(self, path: Path, name: str) -> None:
        with bucket_errors(name):
            self._client.upload_file(
                str(path), self._bucket, self._key(name), ExtraArgs={"ContentType": content_type_of(name)}
            )

    def publish(self, folder: Path, name: str) -> None:
        self.delete_folder(name)  # of an attempt that died half-way
        with disk_errors(name):
            files = sorted((path for path in folder.rglob("*") if path.is_file()), key=_playlists_last)
        for path in files:
            self.put(path, f"{name}/{path.relative_to(folder).as_posix()}")
        with disk_errors(name):
            shutil.rmtree(folder)

    @contextmanager
    def borrow(self, name: str) -> Iterator[Path]:
        """A copy in a scratch folder of its own, gone afterwards."""
        folder = Path(settings.SCRATCH_DIR) / BORROWED / secrets.token_hex(16)  # swept like an attempt's
        copy = folder / "original"
        try:
            size = self.stat(name).bytes
            with bucket_errors(name):
                folder.mkdir(mode=FOLDER_MODE, parents=True)
                if shutil.disk_usage(folder).free < size:
                    raise InsufficientStorage(f"{name}: no room for a copy of {size} bytes")
                self._client.download_file(self._bucket, self._key(name), str(copy))
            yield copy
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def read(self, name: str, start: int, length: int) -> bytes:
        if length <= 0:
            return b""
        with bucket_errors(name):
            try:
                answer = self._client.get_object(
                    Bucket=self._bucket, Key=self._key(name), Range=f"bytes={start}-{start + length - 1}"
                )
            except ClientError as error:
                if _code(error) in NOT_SATISFIABLE:  # nothing there: the file ends before
                    return b""
                raise
            content: bytes = answer["Body"].read()
            return content

    def stat(self, name: str) -> FileFacts:
        with bucket_errors(name):
            head = self._client.head_object(Bucket=self._bucket, Key=self._key(name))
        return FileFacts(head["ContentLength"], head["LastModified"], head["ETag"].strip('"'))

    def files(self, prefix: str) -> Iterator[ListedFile]:
        """In the order of their names, a thousand at a time."""
        with bucket_errors(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{self._key(prefix)}/"
            )
            for page in pages:
                for entry in page.get("Contents", ()):
                    yield ListedFile(entry["Key"].removeprefix(self._prefix), entry["Size"], entry["LastModified"])

    def unfinished(self, prefix: str, before: datetime) -> Iterator[list[str]]:
        """Uploads by parts that were broken off: no listing shows their parts, but they are paid for."""
        with bucket_errors(prefix):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self._bucket, Prefix=f"{self._key(prefix)}/"
            )
            for page in pages:
                begun = (upload for upload in page.get("Uploads", ()) if upload["Initiated"] < before)
                yield [
                    f"{upload['Key'].removeprefix(self._prefix)}{_OF_UPLOAD}{upload['UploadId']}" for upload in begun
                ]

    def remove_unfinished(self, name: str) -> None:
        key, _, upload = name.rpartition(_OF_UPLOAD)
        with bucket_errors(name):
            self._client.abort_multipart_upload(Bucket=self._bucket, Key=self._key(key), UploadId=upload)

    def delete_file(self, name: str) -> None:
        with bucket_errors(name):
            self._client.delete_object(Bucket=self._bucket, Key=self._key(name))

    def delete_folder(self, name: str) -> None:
        keys = [{"Key": self._key(found.name)} for found in self.files(name)]
        with bucket_errors(name):
            for first in range(0, len(keys), DELETE_AT_ONCE):
                batch = {"Objects": keys[first : first + DELETE_AT_ONCE], "Quiet": True}
                refused = self._client.delete_objects(Bucket=self._bucket, Delete=batch).get("Errors")
                if refused:
                    raise StorageError(f"{name}: {len(refused)} objects were not deleted, first {refused[0]}")

    def presigned_url(self, name: str, seconds: int, answer_headers: dict[str, str]) -> str:
        """An address that anybody may GET for `seconds`."""
        url: str = self._storage.url(name, parameters=answer_headers, expire=seconds)
        return url

    def _key(self, name: str) -> str:
        return self._prefix + name
