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
from itertools import accumulate, chain

from videos.pipeline.instant import CutPlan, CutTrack
from videos.pipeline.mp4boxes import Mp4Error, Reader, write_box

REVISION = 1
"""Counts changes of what is written: kept segments of another revision are of no use."""

_MAGIC = b"MATIDX1\0"
_HEADER = struct.Struct("<8s4Q")  # magic; meta bytes, init bytes, segments, tracks
_RANGE = struct.Struct("<QIq")  # place of the first record, samples, decode time of the first
_RECORD = struct.Struct("<QIIi")  # offset in the source; size, top bit for a keyframe; duration; composition offset
_KEY_BIT = 1 << 31
_MOST_META_BYTES = 1 << 20
_READ_TOGETHER_BYTES = 32 << 10  # a gap in the source that is cheaper to read than to skip
_IS_KEY, _IS_NOT_KEY = 0x0200_0000, 0x0101_0000
_TFHD_FLAGS = 0x020000  # default-base-is-moof
_TRUN_FLAGS = 0x000F01  # data offset; duration, size, flags and composition offset of each sample
_MOVIE_TIMESCALE = 1000
_MOOF_BYTES, _TRAF_BYTES, _TRUN_LINE_BYTES, _MDAT_BYTES = 8 + 16, 8 + 16 + 20 + 20, 16, 8


# --- Writing the index ----------------------------------------------------------------------------------------------


def write_index(plan: CutPlan, *, source: str) -> bytes:
    """The index file of a film: what open_index() and cut() need, at places that can be computed. `source` says for the
    reader in which file the samples lie."""
    init = write_init(plan)
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


def segment_bytes(plan: CutPlan) -> list[int]:
    """How large each segment will be."""
    fixed = _MOOF_BYTES + _TRAF_BYTES * len(plan.tracks) + _MDAT_BYTES
    return [
        fixed
        + sum(
            _TRUN_LINE_BYTES * (last - first) + sum(track.samples.sizes[first:last])
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
    """One track's part of a segment, in columns."""

    decode_time: int
    offsets: Sequence[int]
    sizes: Sequence[int]
    durations: Sequence[int]
    shifts: Sequence[int]
    keys: Sequence[bool]


def cut(index: FilmIndex, number: int, read_index: Reader, read_source: Reader) -> bytes:
    """Segment `number` as moof and mdat. Raises Mp4Error where there is none, or the source is not what was indexed."""
    if not 0 <= number < index.segments:
        raise Mp4Error(f"there are {index.segments} segments", number)
    place = index.ranges_at + number * index.tracks * _RANGE.size
    ranges = list(_RANGE.iter_unpack(read_index(place, index.tracks * _RANGE.size)))
    tracks = [_samples(read_index, *line) for line in ranges]
    payload = _Payload(tracks, read_source)
    moof = _moof(number, tracks)
    return b"".join([moof, struct.pack(">I4s", 8 + payload.bytes, b"mdat"), *payload.parts()])


def _samples(read: Reader, place: int, count: int, decode_time: int) -> _Samples:
    content = read(place, count * _RECORD.size)
    if len(content) != count * _RECORD.size:
        raise Mp4Error("a cut off index", place)
    offsets, marked, durations, shifts = zip(*_RECORD.iter_unpack(content), strict=True)
    sizes = [size & ~_KEY_BIT for size in marked]
    return _Samples(decode_time, offsets, sizes, durations, shifts, [bool(size & _KEY_BIT) for size in marked])


class _Payload:
    """The samples' bytes in the order of the tracks, read from the source in few, large pieces."""

    def __init__(self, tracks: Sequence[_Samples], read: Reader) -> None:
        self.bytes = sum(sum(track.sizes) for track in tracks)
        self._tracks = tracks
        wanted = sorted(pair for track in tracks for pair in zip(track.offsets, track.sizes, strict=True))
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
            for offset, size in zip(track.offsets, track.sizes, strict=True):
                begin, content = self._pieces[bisect_right(begins, offset) - 1]
                yield memoryview(content)[offset - begin : offset - begin + size]


def _exactly(read: Reader, offset: int, length: int) -> bytes:
    content = read(offset, length)
    if len(content) != length:
        raise Mp4Error("the source is shorter than what was indexed", offset)
    return content


# --- Boxes ----------------------------------------------------------------------------------------------------------


def _moof(number: int, tracks: Sequence[_Samples]) -> bytes:
    def built(moof_bytes: int) -> bytes:
        trafs, place = [], moof_bytes + 8
        for track_id, track in enumerate(tracks, start=1):
            trafs.append(_traf(track_id, track, place))
            place += sum(track.sizes)
        return write_box(b"moof", write_box(b"mfhd", struct.pack(">II", 0, number + 1)), *trafs)

    return built(len(built(0)))


def _traf(track_id: int, track: _Samples, data_offset: int) -> bytes:
    count = len(track.sizes)
    words = array("I" if array("I").itemsize == 4 else "L", bytes(16 * count))
    words[0::4] = array(words.typecode, track.durations)
    words[1::4] = array(words.typecode, track.sizes)
    words[2::4] = array(words.typecode, [_IS_KEY if is_key else _IS_NOT_KEY for is_key in track.keys])
    words[3::4] = array(words.typecode, track.shifts)
    if sys.byteorder == "little":
        words.byteswap()
    return write_box(
        b"traf",
        write_box(b"tfhd", struct.pack(">II", _TFHD_FLAGS, track_id)),
        write_box(b"tfdt", struct.pack(">IQ", 1 << 24, track.decode_time)),
        write_box(b"trun", struct.pack(">IIi", _TRUN_FLAGS, count, data_offset), words.tobytes()),
    )


def write_init(plan: CutPlan) -> bytes:
    """ftyp and moov: tracks without samples, and the promise of fragments."""
    length = round(plan.duration_seconds * _MOVIE_TIMESCALE)
    mvhd = struct.pack(">IIIII", 0, 0, 0, _MOVIE_TIMESCALE, 0) + struct.pack(">IHxxxxxxxxxx", 1 << 16, 1 << 8)
    unity = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    header = write_box(b"mvhd", mvhd, unity, bytes(24), struct.pack(">I", len(plan.tracks) + 1))
    traks = [_trak(number, track) for number, track in enumerate(plan.tracks, start=1)]
    trexes = [
        write_box(b"trex", struct.pack(">6I", 0, number, 1, 0, 0, 0)) for number in range(1, len(plan.tracks) + 1)
    ]
    mvex = write_box(b"mvex", write_box(b"mehd", struct.pack(">IQ", 1 << 24, length)), *trexes)
    ftyp = write_box(b"ftyp", b"iso5", struct.pack(">I", 512), b"iso5iso6mp41")
    return ftyp + write_box(b"moov", header, *traks, mvex)


def _trak(number: int, track: CutTrack) -> bytes:
    is_picture = track.kind == "video"
    tkhd = struct.pack(">6I8xhhhxx", 3, 0, 0, number, 0, 0, 0, 0, 0 if is_picture else 256)
    size = struct.pack(">II", track.width, track.height)
    edits = [_edit_list(track.edit)] if track.edit else []
    mdhd = write_box(b"mdhd", struct.pack(">5IHH", 0, 0, 0, track.timescale, 0, 0x55C4, 0))
    handler = b"vide" if is_picture else b"soun"
    hdlr = write_box(b"hdlr", bytes(8), handler, bytes(13))
    media_header = write_box(b"vmhd", struct.pack(">I8x", 1)) if is_picture else write_box(b"smhd", bytes(8))
    dinf = write_box(b"dinf", write_box(b"dref", struct.pack(">II", 0, 1), write_box(b"url ", struct.pack(">I", 1))))
    tables = [write_box(kind, bytes(8)) for kind in (b"stts", b"stsc", b"stco")]
    stsd = write_box(b"stsd", struct.pack(">II", 0, 1), track.entry)
    stbl = write_box(b"stbl", stsd, tables[0], tables[1], write_box(b"stsz", bytes(12)), tables[2])
    mdia = write_box(b"mdia", mdhd, hdlr, write_box(b"minf", media_header, dinf, stbl))
    return write_box(b"trak", write_box(b"tkhd", tkhd, track.matrix, size), *edits, mdia)


def _edit_list(begin: int) -> bytes:
    """One edit without end: fragmented files want a duration of 0."""
    return write_box(b"edts", write_box(b"elst", struct.pack(">IIIiI", 0, 1, 0, begin, 1 << 16)))
