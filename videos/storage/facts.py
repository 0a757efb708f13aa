"""What is known about a stored file, and the questions that both kinds of storage answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Size, last change (aware, UTC) and an opaque, unquoted tag that differs whenever the content does."""

    bytes: int
    modified_at: datetime
    etag: str


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file in a listing."""

    name: str
    bytes: int
    modified_at: datetime  # aware, UTC


class Place(Protocol):
    """Where media lies. Every name was checked before; every method raises the StorageError family only."""

    def take_in(self, path: Path, name: str) -> None: ...
    def put(self, path: Path, name: str) -> None: ...
    def publish(self, folder: Path, name: str) -> None: ...
    def borrow(self, name: str) -> AbstractContextManager[Path]: ...
    def read(self, name: str, start: int, length: int) -> bytes: ...
    def stat(self, name: str) -> FileFacts: ...
    def files(self, prefix: str) -> Iterator[ListedFile]: ...
    def unfinished(self, prefix: str, before: datetime) -> Iterator[list[str]]: ...
    def remove_unfinished(self, name: str) -> None: ...
    def delete_file(self, name: str) -> None: ...
    def delete_folder(self, name: str) -> None: ...
