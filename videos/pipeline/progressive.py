"""The tracks of a plain (progressive) MP4 or MOV with every sample's place and time, out of its moov box (ISO/IEC
14496-12 §8.5 to §8.7). Pure: bytes come from a reader that is given, sizes and counts are bounded, whatever is wrong is
a Mp4Error."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, compress, repeat
from operator import add, mul, sub

from videos.pipeline.mp4boxes import Box, Mp4Error, Reader, boxes_of_file, boxes_within, find, need, unpack
from videos.pipeline.samples import SampleTable

_MOST_BOXES = 4096
_MOST_MOOV_BYTES = 192 << 20
_MOST_SAMPLES = 8_000_000
_MOST_TICKS = 1 << 62
_U32 = struct.Struct(">I")
_SPAN = struct.Struct(">II")
_EDIT_0 = struct.Struct(">Iii")
_EDIT_1 = struct.Struct(">Qqi")
_WORD, _SIGNED_WORD = ("I", "i") if array("I").itemsize == 4 else ("L", "l")
_NORMAL_SPEED = 1 << 16
_MARKS = [b"", *(b"\1" + bytes(length) for length in range(255))]
_MATRIX_BYTES = 36


class FragmentedFile(Mp4Error):
    """Its samples are not listed in its moov box."""


@dataclass(frozen=True, slots=True)
class SourceTrack:
    """One track as the file describes it. Times of `samples` are ticks on the track's own clock, before its edit list;
    `entry` is its one sample description, whole; `matrix` turns the picture upright (tkhd)."""

    id: int
    handler: bytes
    timescale: int
    entry: bytes
    matrix: bytes
    width: int  # 16.16, as tkhd has it
    height: int
    edits: tuple[Edit, ...]
    samples: SampleTable

    @property
    def kind(self) -> bytes:
        """The sample entry's code: b"avc1", b"mp4a", …"""
        return self.entry[4:8]


@dataclass(frozen=True, slots=True)
class Edit:
    """One line of an edit list: `media_ticks` is -1 for an empty edit; its length in seconds of the movie's clock."""

    seconds: float
    media_ticks: int
    is_normal_speed: bool


def read_tracks(read: Reader, size: int) -> tuple[SourceTrack, ...]:
    """Every video and sound track of a file of `size` bytes. Raises Mp4Error for one that is damaged or fragmented."""
    moov = next((box for box in boxes_of_file(read, size, most=_MOST_BOXES) if box.kind == b"moov"), None)
    if moov is None:
        raise Mp4Error("no moov box", 0)
    if moov.end - moov.start > _MOST_MOOV_BYTES:
        raise Mp4Error("the moov box is too large", moov.start)
    content = read(moov.start, moov.end - moov.start)
    if len(content) != moov.end - moov.start:
        raise Mp4Error("cut off inside the moov box", moov.start)
    outer = need(content, 0, len(content), b"moov")
    if find(content, outer.body, outer.end, b"mvex") is not None:
        raise FragmentedFile("a fragmented file", moov.start)
    mvhd = need(content, outer.body, outer.end, b"mvhd")
    movie_timescale = _timescale(content, mvhd)
    return tuple(
        track
        for trak in boxes_within(content, outer.body, outer.end)
        if trak.kind == b"trak" and (track := _track(content, trak, movie_timescale, size)) is not None
    )


def _track(content: bytes, trak: Box, movie_timescale: int, size: int) -> SourceTrack | None:
    mdia = need(content, trak.body, trak.end, b"mdia")
    hdlr = need(content, mdia.body, mdia.end, b"hdlr")
    handler = content[hdlr.body + 8 : hdlr.body + 12]
    if handler not in {b"vide", b"soun"}:
        return None
    tkhd = need(content, trak.body, trak.end, b"tkhd")
    is_long = content[tkhd.body] == 1
    (track_id,) = unpack(_U32, content, tkhd.body + (20 if is_long else 12), tkhd.end)
    after_times = tkhd.body + (36 if is_long else 24)
    matrix = content[after_times + 16 : after_times + 16 + _MATRIX_BYTES]
    width, height = unpack(_SPAN, content, after_times + 16 + _MATRIX_BYTES, tkhd.end)
    stbl = need(content, mdia.body, mdia.end, b"minf", b"stbl")
    return SourceTrack(
        id=track_id,
        handler=handler,
        timescale=_timescale(content, need(content, mdia.body, mdia.end, b"mdhd")),
        entry=_entry(content, stbl),
        matrix=matrix,
        width=width,
        height=height,
        edits=tuple(_edits(content, find(content, trak.body, trak.end, b"edts", b"elst"), movie_timescale)),
        samples=_samples(content, stbl, size),
    )


def _timescale(content: bytes, box: Box) -> int:
    is_long = content[box.body : box.body + 1] == b"\x01"
    (timescale,) = unpack(_U32, content, box.body + (20 if is_long else 12), box.end)
    if not timescale:
        raise Mp4Error("a timescale of 0", box.start)
    return timescale


def _entry(content: bytes, stbl: Box) -> bytes:
    stsd = need(content, stbl.body, stbl.end, b"stsd")
    entries = list(boxes_within(content, stsd.body + 8, stsd.end))
    if len(entries) != 1:
        raise Mp4Error(f"{len(entries)} sample descriptions in one track", stsd.start)
    return content[entries[0].start : entries[0].end]


def _edits(content: bytes, elst: Box | None, movie_timescale: int) -> Iterator[Edit]:
    if elst is None:
        return
    layout = _EDIT_1 if content[elst.body : elst.body + 1] == b"\x01" else _EDIT_0
    (count,) = unpack(_U32, content, elst.body + 4, elst.end)
    for index in range(min(count, 64)):
        length, media_ticks, speed = unpack(layout, content, elst.body + 8 + index * layout.size, elst.end)
        yield Edit(length / movie_timescale, media_ticks, speed == _NORMAL_SPEED)


# --- The sample table, a column at a time ---------------------------------------------------------------------------


def _samples(content: bytes, stbl: Box, file_size: int) -> SampleTable:
    sizes = _sizes(content, stbl)
    count = len(sizes)
    durations = _runs(content, need(content, stbl.body, stbl.end, b"stts"), count, _WORD)
    dts = array("q", accumulate(durations, initial=0))
    if dts.pop() > _MOST_TICKS:
        raise Mp4Error("times beyond all reason", stbl.start)
    ctts = find(content, stbl.body, stbl.end, b"ctts")
    shifts = _runs(content, ctts, count, _SIGNED_WORD) if ctts is not None else None
    return SampleTable(
        offsets=_offsets(content, stbl, sizes, file_size),
        sizes=sizes,
        dts=dts,
        pts=dts if shifts is None else array("q", list(map(add, dts, shifts))),
        durations=durations,
        keyframes=_keyframes(content, find(content, stbl.body, stbl.end, b"stss"), count),
    )


def _words(content: bytes, start: int, count: int, end: int, code: str = _WORD) -> array[int]:
    if count > _MOST_SAMPLES * 2 or start + 4 * count > end:
        raise Mp4Error("a table is shorter than it says", start)
    words: array[int] = array(code)
    words.frombytes(content[start : start + 4 * count])
    if sys.byteorder == "little":
        words.byteswap()
    return words


def _sizes(content: bytes, stbl: Box) -> array[int]:
    stsz = need(content, stbl.body, stbl.end, b"stsz")
    fixed, count = unpack(_SPAN, content, stsz.body + 4, stsz.end)
    if not 0 < count <= _MOST_SAMPLES:
        raise Mp4Error(f"{count} samples in one track", stsz.start)
    return array(_WORD, [fixed]) * count if fixed else _words(content, stsz.body + 12, count, stsz.end)


def _runs(content: bytes, box: Box, samples: int, code: str) -> array[int]:
    """A run-length table (stts, ctts) written out; it has to cover every sample."""
    (count,) = unpack(_U32, content, box.body + 4, box.end)
    lengths = _words(content, box.body + 8, 2 * count, box.end)[::2]
    values = _words(content, box.body + 8, 2 * count, box.end, code)[1::2]
    if sum(lengths) != samples:
        raise Mp4Error("a table of times that does not fit its samples", box.start)
    return values * samples if count == 1 else array(code, list(_written_out(values, lengths)))


def _written_out(values: Sequence[int], lengths: Sequence[int]) -> Iterable[int]:
    """Each value as often as its length says."""
    if not lengths or not min(lengths):
        values, lengths = list(compress(values, lengths)), list(filter(None, lengths))
    longest = max(lengths, default=1)
    if longest == 1:
        return values
    if longest >= len(_MARKS):
        return chain.from_iterable(map(repeat, values, lengths))
    # Tables with a line for every other sample are common, and an iterator for each line is slow.
    marks = b"".join(map(_MARKS.__getitem__, lengths))
    return map([0, *values].__getitem__, accumulate(marks))


def _offsets(content: bytes, stbl: Box, sizes: array[int], file_size: int) -> array[int]:
    """Where each sample lies: its chunk's place and the sizes of those before it there."""
    places = _chunk_places(content, stbl).tolist()
    stsc = need(content, stbl.body, stbl.end, b"stsc")
    (count,) = unpack(_U32, content, stsc.body + 4, stsc.end)
    words = _words(content, stsc.body + 8, 3 * count, stsc.end)
    firsts, per_chunk = words[::3], words[1::3]
    chunks = array("q", map(sub, [*firsts[1:], len(places) + 1], firsts))
    if not chunks or firsts[0] != 1 or min(chunks) < 1 or not min(per_chunk):
        raise Mp4Error("a chunk table out of order", stsc.start)
    if sum(map(mul, chunks, per_chunk)) != len(sizes):
        raise Mp4Error("chunks that hold more or fewer samples than there are", stsc.start)
    written_out = _many_chunks_a_run if count < len(places) // 4 else _few_chunks_a_run
    offsets = written_out(places, per_chunk, chunks, sizes)
    # What lies far enough before the end need not be looked at.
    far = file_size - max(sizes)
    if max(offsets) > far and any(
        offsets[sample] + sizes[sample] > file_size for sample, at in enumerate(offsets) if at > far
    ):
        raise Mp4Error("a sample lies outside the file", stsc.start)
    return array("q", offsets)


def _many_chunks_a_run(
    places: Sequence[int], per_chunk: Sequence[int], chunks: Sequence[int], sizes: array[int]
) -> list[int]:
    """`per_chunk` samples each in the next `chunks` of `places`."""
    offsets: list[int] = []
    chunk = 0
    for held, following in zip(per_chunk, accumulate(chunks), strict=True):
        if held == 1:
            offsets += places[chunk:following]
        else:
            for place in places[chunk:following]:
                sample = len(offsets)
                offsets += accumulate(sizes[sample : sample + held - 1], initial=place)
        chunk = following
    return offsets


def _few_chunks_a_run(places: Sequence[int], per_chunk: array[int], chunks: array[int], sizes: array[int]) -> list[int]:
    """The same without a loop of our own: two hours of sound may have a hundred thousand runs of one chunk each."""
    held = list(_written_out(per_chunk, chunks))
    before = list(accumulate(sizes, initial=0))
    firsts = list(accumulate(held, initial=0))[:-1]
    shifts = list(map(sub, places, map(before.__getitem__, firsts)))
    return list(map(add, before[:-1], _written_out(shifts, held)))


def _chunk_places(content: bytes, stbl: Box) -> array[int]:
    stco = find(content, stbl.body, stbl.end, b"stco")
    if stco is not None:
        (count,) = unpack(_U32, content, stco.body + 4, stco.end)
        return _words(content, stco.body + 8, count, stco.end)
    co64 = need(content, stbl.body, stbl.end, b"co64")
    (count,) = unpack(_U32, content, co64.body + 4, co64.end)
    places = array("Q")
    if co64.body + 8 + 8 * count > co64.end:
        raise Mp4Error("a table is shorter than it says", co64.start)
    places.frombytes(content[co64.body + 8 : co64.body + 8 + 8 * count])
    if sys.byteorder == "little":
        places.byteswap()
    return places


def _keyframes(content: bytes, stss: Box | None, count: int) -> bytes:
    if stss is None:
        return b"\x01" * count
    (listed,) = unpack(_U32, content, stss.body + 4, stss.end)
    marks = bytearray(count)
    for number in _words(content, stss.body + 8, listed, stss.end):
        if not 1 <= number <= count:
            raise Mp4Error("a keyframe that does not exist", stss.start)
        marks[number - 1] = 1
    return bytes(marks)
