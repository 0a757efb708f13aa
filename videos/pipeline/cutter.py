"""The cutter: init segment and media segments of a film that was never packaged, written from its sample table and the
bytes of the original. The table lies in a file of its own, `<label>.idx`, made once; a segment costs a few reads of it,
whatever the film's length. The same table gives the same bytes, on any machine. Pure: reads through a function that is
given."""

from __future__ import annotations

import json
import struct
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from operator import add, sub

from videos.pipeline.instant import CutPlan, CutTrack
from videos.pipeline.mp4boxes import Mp4Error, Reader
from videos.pipeline.mp4writer import (
    MDAT_BYTES,
    MOOF_BYTES,
    SAMPLE_BYTES,
    TRAF_BYTES,
    Run,
    TrackHeader,
    write_init,
    write_mdat_header,
    write_moof,
)

REVISION = 1
"""Counts changes of what is written: kept segments of another revision are of no use."""

_MAGIC = b"MATIDX2\0"
_HEADER = struct.Struct("<8s4Q")  # magic; meta bytes, init bytes, segments, tracks
_RANGE = struct.Struct("<QIq")  # place of its samples' columns, how many samples, decode time of the first
_INDEXED_BYTES = 8 + 4 + 4 + 4 + 1  # of a sample: offset in the source, size, duration, composition offset, is it a key
_WORD, _SIGNED_WORD = ("I", "i") if array("I").itemsize == 4 else ("L", "l")
_MOST_META_BYTES = 1 << 20
_READ_TOGETHER_BYTES = 32 << 10  # a gap in the source that is cheaper to read than to skip


# --- Writing the index ----------------------------------------------------------------------------------------------


def write_index(plan: CutPlan, *, source: str) -> bytes:
    """The index file of a film: what open_index() and cut() need, at places that can be computed. `source` says for the
    reader in which file the samples lie."""
    init = write_init(list(map(_header, count(1), plan.tracks)), plan.duration_seconds)
    meta = json.dumps({"source": source}, separators=(",", ":")).encode()
    place = _HEADER.size + len(meta) + len(init) + _RANGE.size * len(plan.segments) * len(plan.tracks)
    ranges, columns = [], []
    for segment in plan.segments:
        for track, (first, last) in zip(plan.tracks, segment.ranges, strict=True):
            ranges.append(_RANGE.pack(place, last - first, track.samples.dts[first] - track.zero))
            columns += _columns(track, first, last)
            place += _INDEXED_BYTES * (last - first)
    header = _HEADER.pack(_MAGIC, len(meta), len(init), len(plan.segments), len(plan.tracks))
    return b"".join([header, meta, init, *ranges, *columns])


def _columns(track: CutTrack, first: int, last: int) -> list[bytes]:
    """A column at a time: packed sample by sample, two hours of film take a second."""
    table = track.samples
    dts, pts = table.dts[first:last], table.pts[first:last]
    same = array(_SIGNED_WORD, [track.lift]) * (last - first)
    shifts = same if pts == dts else array(_SIGNED_WORD, map(add, map(sub, pts, dts), same))
    return [
        _little_endian(table.offsets[first:last]),
        _little_endian(array(_WORD, table.sizes[first:last])),
        _little_endian(array(_WORD, table.durations[first:last])),
        _little_endian(shifts),
        table.keyframes[first:last],
    ]


def _little_endian(column: array[int]) -> bytes:
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()


def _header(number: int, track: CutTrack) -> TrackHeader:
    return TrackHeader(
        id=number,
        kind=track.kind,
        timescale=track.timescale,
        entry=track.entry,
        matrix=track.matrix,
        width=track.width,
        height=track.height,
        edit=track.edit,
    )


def segment_bytes(plan: CutPlan) -> list[int]:
    """How large each segment will be."""
    fixed = MOOF_BYTES + TRAF_BYTES * len(plan.tracks) + MDAT_BYTES
    return [
        fixed + sum(segment.track_bytes) + sum(SAMPLE_BYTES * (last - first) for first, last in segment.ranges)
        for segment in plan.segments
    ]


# --- Reading it -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FilmIndex:
    """The head of an index file; small, whatever the film's length."""

    init: bytes
    segments: int
    tracks: int
    source: str
    ranges_at: int


def open_index(read: Reader) -> FilmIndex:
    """Reads the head of an index file. Raises Mp4Error for what is not one."""
    header = read(0, _HEADER.size)
    if len(header) < _HEADER.size or header[:8] != _MAGIC:
        raise Mp4Error("not an index of ours", 0)
    _, meta_bytes, init_bytes, segments, tracks = _HEADER.unpack(header)
    if meta_bytes + init_bytes > _MOST_META_BYTES or not 1 <= tracks <= 8:
        raise Mp4Error("an index with a damaged head", 0)
    head = read(_HEADER.size, meta_bytes + init_bytes)
    if len(head) < meta_bytes + init_bytes:
        raise Mp4Error("a cut off index", len(head))
    meta = json.loads(head[:meta_bytes])
    return FilmIndex(head[meta_bytes:], segments, tracks, str(meta["source"]), _HEADER.size + len(head))


@dataclass(frozen=True, slots=True)
class _Samples:
    """One track's part of a segment."""

    offsets: Sequence[int]
    run: Run


def cut(index: FilmIndex, number: int, read_index: Reader, read_source: Reader) -> bytes:
    """Segment `number` as moof and mdat. Raises Mp4Error where there is none, or the source is not what was indexed."""
    if not 0 <= number < index.segments:
        raise Mp4Error(f"there are {index.segments} segments", number)
    place = index.ranges_at + number * index.tracks * _RANGE.size
    ranges = list(_RANGE.iter_unpack(read_index(place, index.tracks * _RANGE.size)))
    tracks = [_samples(read_index, track_id, *line) for track_id, line in enumerate(ranges, start=1)]
    payload = _Payload(tracks, read_source)
    moof = write_moof(number + 1, [track.run for track in tracks])
    return b"".join([moof, write_mdat_header(payload.bytes), *payload.parts()])


def _samples(read: Reader, track_id: int, place: int, samples: int, decode_time: int) -> _Samples:
    content = read(place, samples * _INDEXED_BYTES)
    if len(content) != samples * _INDEXED_BYTES:
        raise Mp4Error("a cut off index", place)
    columns: list[array[int]] = []
    begin = 0
    for code in ("q", _WORD, _WORD, _SIGNED_WORD):
        column: array[int] = array(code)
        column.frombytes(content[begin : begin + samples * column.itemsize])
        if sys.byteorder == "big":
            column.byteswap()
        columns.append(column)
        begin += samples * column.itemsize
    offsets, sizes, durations, shifts = columns
    keys = list(map(bool, content[begin:]))
    return _Samples(offsets, Run(track_id, decode_time, sizes, durations, shifts, keys))


class _Payload:
    """The samples' bytes in the order of the tracks, read from the source in few, large pieces."""

    def __init__(self, tracks: Sequence[_Samples], read: Reader) -> None:
        self.bytes = sum(track.run.bytes for track in tracks)
        self._tracks = tracks
        wanted = sorted(pair for track in tracks for pair in zip(track.offsets, track.run.sizes, strict=True))
        self._pieces: list[tuple[int, bytes]] = []
        begin, end = wanted[0][0], wanted[0][0]
        for offset, size in wanted:
            if offset > end + _READ_TOGETHER_BYTES:
                self._pieces.append((begin, _exactly(read, begin, end - begin)))
                begin = offset
            end = max(end, offset + size)
        self._pieces.append((begin, _exactly(read, begin, end - begin)))

    def parts(self) -> Iterator[memoryview]:
        begins = [begin for begin, _ in self._pieces]
        for track in self._tracks:
            for offset, size in zip(track.offsets, track.run.sizes, strict=True):
                begin, content = self._pieces[bisect_right(begins, offset) - 1]
                yield memoryview(content)[offset - begin : offset - begin + size]


def _exactly(read: Reader, offset: int, length: int) -> bytes:
    content = read(offset, length)
    if len(content) != length:
        raise Mp4Error("the source is shorter than what was indexed", offset)
    return content
