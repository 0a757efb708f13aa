"""Writes fragmented MP4: init segments, movie fragments, the index of a file (ISO/IEC 14496-12 §8.8, §8.16.3). Pure;
the same values give the same bytes."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from videos.pipeline.mp4boxes import write_box

UNITY = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
"""The matrix of a picture that is not turned."""

MOOF_BYTES, TRAF_BYTES, MDAT_BYTES = 8 + 16, 8 + 16 + 20 + 20, 8
SAMPLE_BYTES = 16
"""What write_moof() takes for itself, for each track and for each sample, unless it is compact."""

_MOVIE_TIMESCALE = 1000
_IS_KEY, _IS_NOT_KEY = 0x0200_0000, 0x0101_0000
_FROM_MOOF, _DEFAULT_DURATION, _DEFAULT_FLAGS = 0x020000, 0x08, 0x20
_DATA_OFFSET, _DURATION, _SIZE, _FLAGS, _SHIFT = 0x001, 0x100, 0x200, 0x400, 0x800
_STARTS_WITH_SAP = 0x9000_0000  # type 1: decoding and presentation begin with it
_U32 = "I" if array("I").itemsize == 4 else "L"


@dataclass(frozen=True, slots=True)
class TrackHeader:
    """What an init segment says of a track. `entry` is its sample description box; `edit` is what the edit list takes
    off every time, in its own ticks; sizes are 16.16 fixed point, 0 for sound."""

    id: int
    kind: Literal["video", "audio"]
    timescale: int
    entry: bytes
    matrix: bytes = UNITY
    width: int = 0
    height: int = 0
    edit: int = 0
    codec: str = ""  # RFC 6381; for who reads this, it is not written


@dataclass(frozen=True, slots=True)
class Run:
    """One track's samples in a fragment, in columns. `shifts` are composition offsets, none of them negative."""

    track_id: int
    decode_time: int
    sizes: Sequence[int]
    durations: Sequence[int]
    shifts: Sequence[int]
    keys: Sequence[bool | int]

    @property
    def bytes(self) -> int:
        return sum(self.sizes)


# --- Init segment ---------------------------------------------------------------------------------------------------


def write_init(tracks: Sequence[TrackHeader], duration_seconds: Fraction) -> bytes:
    """ftyp and moov: tracks without samples, and the promise of fragments."""
    length = round(duration_seconds * _MOVIE_TIMESCALE)
    mvhd = struct.pack(">IIIII", 0, 0, 0, _MOVIE_TIMESCALE, 0) + struct.pack(">IHxxxxxxxxxx", 1 << 16, 1 << 8)
    following = max(track.id for track in tracks) + 1
    header = write_box(b"mvhd", mvhd, UNITY, bytes(24), struct.pack(">I", following))
    trexes = [write_box(b"trex", struct.pack(">6I", 0, track.id, 1, 0, 0, 0)) for track in tracks]
    mvex = write_box(b"mvex", write_box(b"mehd", struct.pack(">IQ", 1 << 24, length)), *trexes)
    ftyp = write_box(b"ftyp", b"iso5", struct.pack(">I", 512), b"iso5iso6mp41")
    return ftyp + write_box(b"moov", header, *map(_trak, tracks), mvex)


def _trak(track: TrackHeader) -> bytes:
    is_picture = track.kind == "video"
    tkhd = struct.pack(">6I8xhhhxx", 3, 0, 0, track.id, 0, 0, 0, 0, 0 if is_picture else 256)
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


# --- Fragments ------------------------------------------------------------------------------------------------------


def write_moof(sequence: int, runs: Sequence[Run], *, is_compact: bool = False) -> bytes:
    """The moof box of a fragment whose mdat follows at once and holds the runs' samples one run after the other.
    Compact leaves out what is the same for all samples of a track."""

    def built(moof_bytes: int) -> bytes:
        trafs, place = [], moof_bytes + MDAT_BYTES
        for run in runs:
            trafs.append((_compact_traf if is_compact else _full_traf)(run, place))
            place += run.bytes
        return write_box(b"moof", write_box(b"mfhd", struct.pack(">II", 0, sequence)), *trafs)

    return built(len(built(0)))


def write_mdat_header(payload_bytes: int) -> bytes:
    """What stands before the samples."""
    return struct.pack(">I4s", MDAT_BYTES + payload_bytes, b"mdat")


def _full_traf(run: Run, data_offset: int) -> bytes:
    columns = {_DURATION: run.durations, _SIZE: run.sizes, _FLAGS: _flags(run), _SHIFT: run.shifts}
    return _traf(run, data_offset, columns, b"")


def _compact_traf(run: Run, data_offset: int) -> bytes:
    columns: dict[int, Sequence[int]] = {_SIZE: run.sizes}
    defaults = b""
    flags = _flags(run)
    if len(set(run.durations)) == 1:
        defaults += struct.pack(">I", run.durations[0])
    else:
        columns[_DURATION] = run.durations
    if len(set(flags)) == 1:
        defaults += struct.pack(">I", flags[0])
    else:
        columns[_FLAGS] = flags
    if any(run.shifts):
        columns[_SHIFT] = run.shifts
    return _traf(run, data_offset, columns, defaults)


def _traf(run: Run, data_offset: int, columns: dict[int, Sequence[int]], defaults: bytes) -> bytes:
    """`defaults` are the values of duration and flags, in that order, of those that are no columns."""
    count = len(run.sizes)
    said = [bit for bit in (_DURATION, _SIZE, _FLAGS, _SHIFT) if bit in columns]
    words = array(_U32, bytes(4 * len(said) * count))
    for place, bit in enumerate(said):
        words[place :: len(said)] = array(_U32, columns[bit])
    if sys.byteorder == "little":
        words.byteswap()
    tfhd_flags = _FROM_MOOF
    if defaults:
        tfhd_flags |= (0 if _DURATION in columns else _DEFAULT_DURATION) | (0 if _FLAGS in columns else _DEFAULT_FLAGS)
    return write_box(
        b"traf",
        write_box(b"tfhd", struct.pack(">II", tfhd_flags, run.track_id), defaults),
        write_box(b"tfdt", struct.pack(">IQ", 1 << 24, run.decode_time)),
        write_box(b"trun", struct.pack(">IIi", _DATA_OFFSET | sum(said), count, data_offset), words.tobytes()),
    )


def _flags(run: Run) -> list[int]:
    return [_IS_KEY if is_key else _IS_NOT_KEY for is_key in run.keys]


# --- Index of a file ------------------------------------------------------------------------------------------------


def write_index(track: TrackHeader, segments: Iterable[tuple[int, int]]) -> bytes:
    """The sidx box that stands right before the first fragment: bytes and ticks of each segment."""
    entries = [struct.pack(">III", size, ticks, _STARTS_WITH_SAP) for size, ticks in segments]
    head = struct.pack(">IIIQQHH", 1 << 24, track.id, track.timescale, 0, 0, 0, len(entries))
    return write_box(b"sidx", head, *entries)
