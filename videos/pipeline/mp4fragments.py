"""The samples of one movie fragment (ISO/IEC 14496-12 §8.8.4 to §8.8.12), read a column at a time. Pure."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

from videos.pipeline.mp4boxes import Box, Mp4Error, boxes_within, need, unpack
from videos.pipeline.mp4tracks import Track
from videos.pipeline.samples import SampleTable

_U32 = struct.Struct(">I")
_I32 = struct.Struct(">i")
_U64 = struct.Struct(">Q")
_U32_CODE = "I" if array("I").itemsize == 4 else "L"
_MOST_SAMPLES = 1_000_000
_MOST_TICKS = 1 << 62
_IS_NOT_SYNC = 0x0001_0000

_TFHD_BASE, _TFHD_DESCRIPTION, _TFHD_DURATION, _TFHD_SIZE, _TFHD_FLAGS, _TFHD_FROM_MOOF = (
    1,
    2,
    8,
    0x10,
    0x20,
    0x20000,
)
_TRUN_OFFSET, _TRUN_FIRST_FLAGS, _TRUN_DURATION, _TRUN_SIZE, _TRUN_FLAGS, _TRUN_TIME = (
    1,
    4,
    0x100,
    0x200,
    0x400,
    0x800,
)


@dataclass(slots=True)
class _Defaults:
    """What a tfhd box says, completed by the track's trex box."""

    track: Track
    base: int
    duration: int
    size: int
    flags: int


@dataclass(slots=True)
class _Run:
    """One trun box in columns; `end` is where its data ends in the file."""

    offsets: list[int]
    sizes: Sequence[int]
    durations: Sequence[int]
    flags: list[int]
    shifts: Sequence[int]
    end: int


def samples_of_fragment(
    moof: bytes, moof_offset: int, payload: tuple[int, int], tracks: Sequence[Track]
) -> dict[int, SampleTable]:
    """Sample tables by track id. `moof` is the whole box, at `moof_offset` in the file; every sample has to
    lie between the two file offsets of `payload`."""
    known = {track.id: track for track in tracks}
    tables: dict[int, SampleTable] = {}
    base = moof_offset
    outer = need(moof, 0, len(moof), b"moof")
    for traf in boxes_within(moof, outer.body, outer.end):
        if traf.kind != b"traf":
            continue
        defaults = _track_defaults(moof, traf, known, base, moof_offset)
        if defaults.track.id in tables:
            raise Mp4Error("one track twice in a fragment", moof_offset + traf.start)
        runs = _runs(moof, traf, defaults)
        if runs:
            base = runs[-1].end
            tables[defaults.track.id] = _table(runs, _decode_time(moof, traf), defaults.track, payload)
    if not tables:
        raise Mp4Error("a fragment without samples", moof_offset)
    return tables


def _track_defaults(moof: bytes, traf: Box, known: dict[int, Track], base: int, moof_offset: int) -> _Defaults:
    """`base` is where the data of the track before ended: where this one's begins if nothing else is said."""
    tfhd = need(moof, traf.body, traf.end, b"tfhd")
    flags, track_id = (unpack(_U32, moof, tfhd.body + at, tfhd.end)[0] for at in (0, 4))
    track = known.get(track_id)
    if track is None:
        raise Mp4Error(f"a fragment of an unknown track {track_id}", moof_offset + tfhd.start)
    offset = tfhd.body + 8
    if flags & _TFHD_BASE:
        (base,) = unpack(_U64, moof, offset, tfhd.end)
        offset += 8
    elif flags & _TFHD_FROM_MOOF:
        base = moof_offset
    if flags & _TFHD_DESCRIPTION:
        offset += 4
    told = [track.default_duration, track.default_size, track.default_flags]
    for position, bit in enumerate((_TFHD_DURATION, _TFHD_SIZE, _TFHD_FLAGS)):
        if flags & bit:
            (told[position],) = unpack(_U32, moof, offset, tfhd.end)
            offset += 4
    return _Defaults(track, base, *told)


def _decode_time(moof: bytes, traf: Box) -> int:
    tfdt = need(moof, traf.body, traf.end, b"tfdt")
    is_long = moof[tfdt.body : tfdt.body + 1] == b"\x01"
    (ticks,) = unpack(_U64 if is_long else _U32, moof, tfdt.body + 4, tfdt.end)
    if ticks > _MOST_TICKS:
        raise Mp4Error("a decode time beyond all reason", tfdt.start)
    return ticks


def _runs(moof: bytes, traf: Box, defaults: _Defaults) -> list[_Run]:
    runs: list[_Run] = []
    for trun in boxes_within(moof, traf.body, traf.end):
        if trun.kind == b"trun":
            run = _run(moof, trun, defaults, runs[-1].end if runs else defaults.base)
            if run.sizes:
                runs.append(run)
    return runs


def _run(moof: bytes, trun: Box, defaults: _Defaults, begins: int) -> _Run:
    flags, count = (unpack(_U32, moof, trun.body + at, trun.end)[0] for at in (0, 4))
    is_signed, flags = bool(flags >> 24), flags & 0xFFFFFF
    offset = trun.body + 8
    if flags & _TRUN_OFFSET:
        begins = defaults.base + unpack(_I32, moof, offset, trun.end)[0]
        offset += 4
    first_flags = defaults.flags
    if flags & _TRUN_FIRST_FLAGS:
        (first_flags,) = unpack(_U32, moof, offset, trun.end)
        offset += 4
    columns = [bit for bit in (_TRUN_DURATION, _TRUN_SIZE, _TRUN_FLAGS, _TRUN_TIME) if flags & bit]
    if count > _MOST_SAMPLES or offset + 4 * count * len(columns) > trun.end:
        raise Mp4Error("a trun box is shorter than its samples", trun.start)
    values = _words(moof[offset : offset + 4 * count * len(columns)])

    def column(bit: int, otherwise: int) -> Sequence[int]:
        return values[columns.index(bit) :: len(columns)] if flags & bit else [otherwise] * count

    sizes = column(_TRUN_SIZE, defaults.size)
    sample_flags = list(column(_TRUN_FLAGS, defaults.flags))
    if count and flags & _TRUN_FIRST_FLAGS:
        sample_flags[0] = first_flags
    shifts = column(_TRUN_TIME, 0)
    if is_signed:
        shifts = [shift - (shift >> 31 << 32) for shift in shifts]
    *offsets, end = accumulate(sizes, initial=begins)
    return _Run(offsets, sizes, column(_TRUN_DURATION, defaults.duration), sample_flags, shifts, end)


def _words(content: bytes) -> array[int]:
    words = array(_U32_CODE)
    words.frombytes(content)
    if sys.byteorder == "little":
        words.byteswap()
    return words


def _table(runs: Sequence[_Run], decode_time: int, track: Track, payload: tuple[int, int]) -> SampleTable:
    for run in runs:
        if run.offsets[0] < payload[0] or run.end > payload[1]:
            raise Mp4Error("samples lie outside their mdat box", run.offsets[0])
    durations = array("q", chain.from_iterable(run.durations for run in runs))
    *dts, _ = accumulate(durations, initial=decode_time - track.shift_ticks)
    shifts = chain.from_iterable(run.shifts for run in runs)
    return SampleTable(
        offsets=array("q", chain.from_iterable(run.offsets for run in runs)),
        sizes=array("q", chain.from_iterable(run.sizes for run in runs)),
        dts=array("q", dts),
        pts=array("q", map(int.__add__, dts, shifts)),
        durations=durations,
        keyframes=bytes(not flags & _IS_NOT_SYNC for run in runs for flags in run.flags),
    )
