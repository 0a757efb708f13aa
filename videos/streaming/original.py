"""Segments of an original that browsers can play as it is: cut out of the uploaded file when somebody asks for them.
Costs a few reads of its index, whatever the film's length."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

from videos import storage
from videos.errors import FileGone, StorageError
from videos.pipeline import cutter
from videos.pipeline.cutter import FilmIndex
from videos.pipeline.fmp4 import parse_init, parse_segment
from videos.pipeline.mp4boxes import Mp4Error, Reader
from videos.pipeline.mp4tracks import Track
from videos.pipeline.mpegts import TransportStreamError, segment_to_ts
from videos.streaming.address import INIT, MediaAddress


@dataclass(frozen=True, slots=True)
class _Film:
    """What cutting any segment of an original needs."""

    name: str  # of the index
    index: FilmIndex
    tracks: tuple[Track, ...]
    modified_ns: int


def cut_original(address: MediaAddress) -> tuple[bytes, int]:
    """The init segment, or a segment as fragmented MP4 or transport stream, and when the film was indexed (ns). Blocks.
    Raises FileGone where there is no such film or segment, StorageError."""
    film = _film(storage.version_folder(address.item, address.version), address.label)
    if address.index == INIT:
        return film.index.init, film.modified_ns
    if address.index >= film.index.segments:
        raise FileGone(f"{film.name} has {film.index.segments} segments")
    try:
        segment = cutter.cut(film.index, address.index, _reader(film.name), _reader(film.index.source))
        if address.extension == "ts":
            samples = parse_segment(segment, 0, film.tracks)
            segment = segment_to_ts(segment, 0, samples, film.tracks, index=address.index)
    except (Mp4Error, TransportStreamError) as error:
        raise StorageError(f"{film.name}: {error}") from error
    return segment, film.modified_ns


@lru_cache(maxsize=64)
def _film(folder: str, label: str) -> _Film:
    """Published indexes never change, so their heads are read once."""
    name = f"{folder}/{label}.idx"
    try:
        index = cutter.open_index(_reader(name))
        modified_ns = int(storage.stat(name).modified_at.timestamp()) * 1_000_000_000
        return _Film(name, index, parse_init(index.init), modified_ns)
    except Mp4Error as error:
        raise StorageError(f"{name}: {error}") from error


def _reader(name: str) -> Reader:
    return partial(_read, name)


def _read(name: str, offset: int, length: int) -> bytes:
    return storage.read_range(name, start=offset, length=length)
