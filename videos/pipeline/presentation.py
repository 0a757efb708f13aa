"""Finishes a fragmented MP4 in place, without moving its media: puts the first displayed frame at time 0 for
every reader, and says how long the film is and where its fragments lie (ISO/IEC 14496-12 §8.6.6, §8.8.2,
§8.16.3).

ffmpeg writes negative composition offsets. Readers disagree about them: Media Source Extensions take them as
they are, libav (so Chromium's own MP4 player too) shows everything two frames late. Positive offsets with an
edit list that takes them off again are understood alike by all. Without a length and an index Chromium reads
a whole fragmented file before it shows the first frame. Room for both is the comment command.py reserves."""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from videos.pipeline.errors import VerificationFailed
from videos.pipeline.fmp4 import FragmentedMp4, Segment, index_fragmented_mp4
from videos.pipeline.mp4boxes import Mp4Error, boxes_within, need, unpack, write_box
from videos.pipeline.mp4tracks import Track

_MOST_ENTRIES = 2000  # of the index; above, an entry covers several fragments
_EDIT_BYTES, _LENGTH_BYTES, _INDEX_BYTES, _ENTRY_BYTES, _FREE_BYTES = 36, 20, 40, 12, 8
_MARGIN_BYTES = 64
_U32 = struct.Struct(">I")
_TRUN_COLUMNS = (0x100, 0x200, 0x400, 0x800)
_HAS_DATA_OFFSET, _HAS_FIRST_FLAGS, _HAS_SHIFTS = 0x001, 0x004, 0x800
_STARTS_WITH_SAP = 0x9000_0000  # type 1: decoding and presentation begin with it


@dataclass(frozen=True, slots=True)
class Fragments:
    """Samples of the leading track (the picture, else the sound) in each fragment, and the file's size."""

    counts: tuple[int, ...]
    bytes: int


def reserve_for(duration_seconds: Fraction, segment_seconds: Fraction) -> int:
    """Bytes to keep free in moov for a film of that length."""
    entries = min(_MOST_ENTRIES, math.ceil(duration_seconds / segment_seconds) + 2)
    return _EDIT_BYTES + _LENGTH_BYTES + _INDEX_BYTES + _ENTRY_BYTES * entries + _FREE_BYTES + _MARGIN_BYTES


def finish(path: Path, *, segment_ticks: int) -> Fragments:
    """Rewrites the headers of the file at `path`; `segment_ticks` is a segment's length in the leading
    track's timescale, 0 where fragments are as long as they happen to be (sound alone).

    Raises VerificationFailed for a file that is not one fragment for each segment, every one beginning with a
    keyframe, and sound not before picture."""
    size = path.stat().st_size
    try:
        with path.open("r+b") as file:
            return _finish(file, size, segment_ticks)
    except (Mp4Error, struct.error) as error:
        raise VerificationFailed(f"{path.name}: {error}") from error


def _finish(file: BinaryIO, size: int, segment_ticks: int) -> Fragments:
    def read(offset: int, length: int) -> bytes:
        file.seek(offset)
        return file.read(length)

    found = index_fragmented_mp4(read, size)
    leading = found.video or found.tracks[0]
    _require_grid(found, leading, segment_ticks)
    tables = [segment.samples[leading.id] for segment in found.segments]
    shift = max(max(map(int.__sub__, table.dts, table.pts)) for table in tables)
    if shift > 0:
        for segment in found.segments:
            _shift(file, segment, leading.id, shift)
    init = read(0, found.init.end)
    moov = need(init, 0, len(init), b"moov")
    room = moov.end - moov.start
    header = _moov(init[moov.start : moov.end], leading.id, max(0, shift), found.duration_seconds)
    file.seek(moov.start)
    file.write(header + _index(found, leading, room - len(header)))
    return Fragments(tuple(map(len, tables)), size)


def _require_grid(found: FragmentedMp4, leading: Track, segment_ticks: int) -> None:
    """One fragment a segment, all tracks from 0 on, in no fragment sound before picture."""
    if found.segments[0].offset != found.init.end:
        raise Mp4Error("something lies between moov and the first fragment", found.init.end)
    for index, segment in enumerate(found.segments):
        begins = segment.samples[leading.id].dts[0]
        if segment_ticks and begins != index * segment_ticks:
            raise Mp4Error(f"fragment {index} begins at {begins} ticks", segment.offset)
        for track in found.tracks:
            table = segment.samples.get(track.id)
            if table is not None and table.dts[0] * leading.timescale < begins * track.timescale:
                raise Mp4Error(f"{track.kind} begins before the picture in fragment {index}", segment.offset)
    if any(table.dts[0] for table in found.segments[0].samples.values()):
        raise Mp4Error("a track does not begin at 0", found.init.end)


def _shift(file: BinaryIO, segment: Segment, track: int, ticks: int) -> None:
    """Adds to every composition offset of a track; they are the last column of its runs."""
    file.seek(segment.offset)
    (size,) = _U32.unpack(file.read(4))
    file.seek(segment.offset)
    moof = file.read(size)
    outer = need(moof, 0, len(moof), b"moof")
    for traf in boxes_within(moof, outer.body, outer.end):
        if traf.kind != b"traf" or _id_at(moof, need(moof, traf.body, traf.end, b"tfhd").body + 4) != track:
            continue
        for trun in boxes_within(moof, traf.body, traf.end):
            if trun.kind == b"trun":
                table, content = _shifted(moof, trun.body, trun.end, ticks)
                file.seek(segment.offset + table)
                file.write(content)


def _shifted(moof: bytes, body: int, end: int, ticks: int) -> tuple[int, bytes]:
    """Where the table of the run at `body` lies, and its new content."""
    flags, count = (unpack(_U32, moof, body + at, end)[0] for at in (0, 4))
    if not flags & _HAS_SHIFTS:
        raise Mp4Error("a run without composition offsets", body)
    table = body + 8 + 4 * bool(flags & _HAS_DATA_OFFSET) + 4 * bool(flags & _HAS_FIRST_FLAGS)
    columns = sum(bool(flags & bit) for bit in _TRUN_COLUMNS)
    words = _swapped(array("i", moof[table : table + 4 * columns * count]))
    words[columns - 1 :: columns] = array("i", [shift + ticks for shift in words[columns - 1 :: columns]])
    return table, _swapped(words).tobytes()


def _swapped(words: array[int]) -> array[int]:
    """Between the file's byte order and the machine's."""
    if sys.byteorder == "little":
        words.byteswap()
    return words


def _moov(moov: bytes, leading: int, shift: int, duration: Fraction) -> bytes:
    """The box again: the comment left out, the edit list and the film's length put in."""
    outer = need(moov, 0, len(moov), b"moov")
    mvhd = need(moov, outer.body, outer.end, b"mvhd")
    movie_timescale = _id_at(moov, mvhd.body + (20 if moov[mvhd.body] else 12))
    parts = []
    for box in boxes_within(moov, outer.body, outer.end):
        content = moov[box.start : box.end]
        if box.kind == b"trak" and shift:
            tkhd = need(moov, box.body, box.end, b"tkhd")
            if _id_at(moov, tkhd.body + (20 if moov[tkhd.body] else 12)) == leading:
                content = write_box(b"trak", moov[box.body : tkhd.end], _edit_list(shift), moov[tkhd.end : box.end])
        elif box.kind == b"mvex":
            length = write_box(b"mehd", struct.pack(">IQ", 1 << 24, round(duration * movie_timescale)))
            content = write_box(b"mvex", length, moov[box.body : box.end])
        elif box.kind == b"udta":
            continue
        parts.append(content)
    return write_box(b"moov", *parts)


def _id_at(content: bytes, offset: int) -> int:
    return unpack(_U32, content, offset, len(content))[0]


def _edit_list(shift: int) -> bytes:
    """One edit without end (a duration of 0, as fragmented files want it) that begins at `shift`."""
    return write_box(b"edts", write_box(b"elst", struct.pack(">IIIiI", 0, 1, 0, shift, 1 << 16)))


def _index(found: FragmentedMp4, leading: Track, room: int) -> bytes:
    """A sidx box and a free box that fill `room` bytes."""
    count = len(found.segments)
    times = [round(segment.start_seconds * leading.timescale) for segment in found.segments]
    times.append(times[0] + round(found.duration_seconds * leading.timescale))
    edges = [*range(0, count, math.ceil(count / _MOST_ENTRIES)), count]
    entries = b"".join(
        struct.pack(">III", _bytes_of(found.segments[first:last]), times[last] - times[first], _STARTS_WITH_SAP)
        for first, last in pairwise(edges)
    )
    free = room - _INDEX_BYTES - len(entries)
    if free < _FREE_BYTES:
        raise Mp4Error(f"{room} bytes are too few for the index", 0)
    head = struct.pack(">IIIQQHH", 1 << 24, leading.id, leading.timescale, 0, free, 0, len(edges) - 1)
    return write_box(b"sidx", head, entries) + write_box(b"free", bytes(free - _FREE_BYTES))


def _bytes_of(segments: Sequence[Segment]) -> int:
    return sum(segment.bytes for segment in segments)
