"""The cutter: init segment and media segments of a film that was never packaged, written from its sample table and the
bytes of the original. The table lies in a file of its own, `<label>.idx`, made once; a segment costs a few reads of it,
whatever the film's length. The same table gives the same bytes, on any machine. Pure: reads through a function that is
given."""

from __future__ import annotations

import json
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, count

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

_MAGIC = b"MATIDX1\0"
_HEADER = struct.Struct("<8s4Q")  # magic; meta bytes, init bytes, segments, tracks
_RANGE = struct.Struct("<QIq")  # place of the first record, samples, decode time of the first
_RECORD = struct.Struct("<QIIi")  # offset in the source; size, top bit for a keyframe; duration; composition offset
_KEY_BIT = 1 << 31
_MOST_META_BYTES = 1 << 20
_READ_TOGETHER_BYTES = 32 << 10  # a gap in the source that is cheaper to read than to skip


# --- Writing the index ----------------------------------------------------------------------------------------------


def write_index(plan: CutPlan, *, source: str) -> bytes:
    """The index file of a film: what open_index() and cut() need, at places that can be computed. `source` says for the
    reader in which file the samples lie."""
    init = write_init(list(map(_header, count(1), plan.tracks)), plan.duration_seconds)
    meta = json.dumps({"source": source}, separators=(",", ":")).encode()
    records_at = _HEADER.size + len(meta) + len(init) + _RANGE.size * len(plan.segments) * len(plan.tracks)
    bases = list(accumulate((_RECORD.size * len(track.samples) for track in plan.tracks), initial=records_at))
    ranges = b"".join(
        _RANGE.pack(base + _RECORD.size * first, last - first, track.samples.dts[first] - track.zero)
        for segment in plan.segments
        for track, base, (first, last) in zip(plan.tracks, bases, segment.ranges, strict=False)
    )
    records = b"".join(map(_records, plan.tracks))
    header = _HEADER.pack(_MAGIC, len(meta), len(init), len(plan.segments), len(plan.tracks))
    return header + meta + init + ranges + records


def _records(track: CutTrack) -> bytes:
    table = track.samples
    marked = [size | _KEY_BIT if is_key else size for size, is_key in zip(table.sizes, table.keyframes, strict=True)]
    shifts = [shown - decoded + track.lift for shown, decoded in zip(table.pts, table.dts, strict=True)]
    fields = chain.from_iterable(zip(table.offsets, marked, table.durations, shifts, strict=True))
    # All at once: a call for each sample takes a second for a film of two hours.
    return struct.pack("<" + _RECORD.format[1:] * len(table), *fields)


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
        fixed
        + sum(
            SAMPLE_BYTES * (last - first) + sum(track.samples.sizes[first:last])
            for track, (first, last) in zip(plan.tracks, segment.ranges, strict=True)
        )
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
    content = read(place, samples * _RECORD.size)
    if len(content) != samples * _RECORD.size:
        raise Mp4Error("a cut off index", place)
    offsets, marked, durations, shifts = zip(*_RECORD.iter_unpack(content), strict=True)
    sizes = [size & ~_KEY_BIT for size in marked]
    keys = [bool(size & _KEY_BIT) for size in marked]
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
