"""Segments of an original that browsers can play as it is: cut out of the uploaded file when somebody asks for them.
Costs a few reads of its index, whatever the film's length."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

from videos import storage
from videos.errors import FileGone, StorageError
from videos.pipeline import cutter
from videos.pipeline.cutter import FilmIndex
from videos.pipeline.fmp4 import parse_init
from videos.pipeline.mp4boxes import Mp4Error, Reader
from videos.pipeline.mp4tracks import Track
from videos.streaming.address import INIT


@dataclass(frozen=True, slots=True)
class Original:
    """What cutting any segment of an original needs; `modified_ns` is when it was indexed."""

    name: str  # of the index
    source: str  # where the samples lie: the uploaded file, or its copy beside the index
    index: FilmIndex
    tracks: tuple[Track, ...]
    modified_ns: int


@lru_cache(maxsize=64)
def original(folder: str, label: str) -> Original:
    """Published indexes never change, so their heads are read once. Raises FileGone, StorageError."""
    name = f"{folder}/{label}.idx"
    try:
        index = cutter.open_index(_reader(name))
        source = index.source if "/" in index.source else f"{folder}/{index.source}"
        modified_ns = int(storage.stat(name).modified_at.timestamp()) * 1_000_000_000
        return Original(name, source, index, parse_init(index.init), modified_ns)
    except Mp4Error as error:
        raise StorageError(f"{name}: {error}") from error


def cut(film: Original, number: int) -> bytes:
    """A segment as fragmented MP4, or the init segment for INIT. Raises FileGone where there is no such segment,
    StorageError."""
    if number == INIT:
        return film.index.init
    if number >= film.index.segments:
        raise FileGone(f"{film.name} has {film.index.segments} segments")
    try:
        return cutter.cut(film.index, number, _reader(film.name), _reader(film.source))
    except Mp4Error as error:
        raise StorageError(f"{film.name}: {error}") from error


def _reader(name: str) -> Reader:
    return partial(_read, name)


def _read(name: str, offset: int, length: int) -> bytes:
    return storage.read_range(name, start=offset, length=length)
