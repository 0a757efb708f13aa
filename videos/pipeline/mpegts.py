"""One segment of a fragmented MP4 as an MPEG transport stream (ISO/IEC 13818-1): H.264 with parameter sets
before every keyframe, AAC in ADTS. Pure: the same segment gives the same bytes, in any order, on any machine,
and segments joined in order are one stream with continuous counters."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from videos.pipeline.aac import ADTS_HEADER_BYTES, AacConfig
from videos.pipeline.avc import AvcConfig, reordered_frames
from videos.pipeline.mp4tracks import Track
from videos.pipeline.samples import SampleTable
from videos.pipeline.tspackets import (
    PACKET_BYTES,
    PacketWriter,
    clock_reference,
    program_tables,
    stamp,
    total_packets,
)

OFFSET_SECONDS = 10
"""Every time stamp is this much later than in the film, so that none is negative, reordering included."""

REVISION = 2
"""Counts changes of what is written here: kept segments of another revision are of no use."""

TICKS = 90_000
_WRAP = (1 << 33) - 1
_CLOCK_AHEAD_TICKS = TICKS // 2  # a packet arrives this long before it is decoded
_VIDEO_PID, _AUDIO_PID = 0x100, 0x101
_STREAM_TYPES = {_VIDEO_PID: 0x1B, _AUDIO_PID: 0x0F}
_START = b"\x00\x00\x00\x01"
_DELIMITER = _START + b"\x09\xf0"
_DELIMITER_UNIT = 9
_AUDIO_PES_BYTES = 2_900  # several frames share a PES header
_PES_HEADER_BYTES = 9
_STAMP_BYTES = 5


class TransportStreamError(ValueError):
    """The samples are not what their decoder configuration says."""


@dataclass(frozen=True, slots=True)
class _Pes:
    """A PES packet to be written: samples `first` to `last` (excluded) of a track, times in 90 kHz with the
    offset."""

    track: Track
    first: int
    last: int
    pts: int
    dts: int


def segment_to_ts(
    content: bytes, offset: int, samples: Mapping[int, SampleTable], tracks: Sequence[Track], *, index: int
) -> bytes:
    """The transport stream of the segment whose bytes are `content` and lie at `offset` in its file, with
    `samples` by track id as fmp4.parse_segment() gives them. `index` is its place among the segments, from 0.
    Raises TransportStreamError."""
    pids = _pids(tracks)
    clock_pid = min(pids.values())
    writer = PacketWriter()
    streams = tuple((_STREAM_TYPES[pid], pid) for pid in sorted(pids.values()))
    for table_pid, section in program_tables(streams, clock_pid):
        writer.write_table(table_pid, section, index)
    packets = _plan(samples, [track for track in tracks if track.id in pids])
    last_of = {pes.track.id: pes for pes in packets}
    for pes in packets:
        pid = pids[pes.track.id]
        payload = _payload(content, offset, samples[pes.track.id], pes)
        adaptation = _adaptation(pes, samples[pes.track.id]) if pid == clock_pid else b""
        writer.write_pes(pid, payload, adaptation, is_last=last_of[pes.track.id] is pes)
    return writer.getvalue()


def ts_bytes_at_most(samples: Mapping[int, SampleTable], tracks: Sequence[Track]) -> int:
    """How long segment_to_ts() can get for these samples; more only if NAL units carry lengths shorter than
    four bytes. It is what a playlist's BANDWIDTH needs, without reading any media."""
    pids = _pids(tracks)
    sizes: dict[int, list[tuple[int, bytes]]] = {}
    for pes in _plan(samples, [track for track in tracks if track.id in pids]):
        pid = pids[pes.track.id]
        adaptation = b"\x00" * 7 if pid == min(pids.values()) else b""
        sizes.setdefault(pid, []).append((_payload_bytes_at_most(samples[pes.track.id], pes), adaptation))
    return PACKET_BYTES * (2 + sum(total_packets(pes_packets) for pes_packets in sizes.values()))


def _pids(tracks: Sequence[Track]) -> dict[int, int]:
    """PID by track id: the first picture and the first sound."""
    first = {track.kind: track.id for track in reversed(tracks)}
    return {first[kind]: pid for kind, pid in (("video", _VIDEO_PID), ("audio", _AUDIO_PID)) if kind in first}


def _plan(samples: Mapping[int, SampleTable], tracks: Sequence[Track]) -> list[_Pes]:
    """All PES packets of the segment, in the order of decoding."""
    packets: list[_Pes] = []
    for track in tracks:
        table = samples.get(track.id)
        if table:
            packets.extend(_video(track, table) if track.kind == "video" else _audio(track, table))
    return sorted(packets, key=lambda pes: pes.dts)


def _ticks(time: int, timescale: int) -> int:
    """A track's time in 90 kHz, rounded half up, with the offset. Not wrapped, so that times still
    compare."""
    return (2 * time * TICKS + timescale) // (2 * timescale) + OFFSET_SECONDS * TICKS


def _video(track: Track, table: SampleTable) -> Iterator[_Pes]:
    config = cast("AvcConfig", track.decoder)
    # Fragments may hold frames that are decoded later than they are shown (negative composition offsets). A
    # transport stream may not: all decoding times move by the depth of reordering, alike in every segment.
    is_shifted = track.shift_ticks > 0
    delay = 0 if is_shifted else reordered_frames(config.sps[0]) * int(statistics.median(table.durations))
    decoded = [min(dts - delay, pts) for dts, pts in zip(table.dts, table.pts, strict=True)]
    for number, (dts, pts) in enumerate(zip(_crowded(decoded, table.pts), table.pts, strict=True)):
        yield _Pes(track, number, number + 1, _ticks(pts, track.timescale), _ticks(dts, track.timescale))


def _crowded(dts: list[int], pts: Sequence[int]) -> list[int]:
    """Decoding times with the first frame decoded when it is shown, and those that are decoded before it is
    shown crowded in behind it. hls.js takes a segment's first decoding time for its place in the playlist: a
    film opened there would otherwise be late by the depth of reordering."""
    first = pts[0]
    if first > min(pts):  # leading pictures: they are decoded after it and shown before
        return dts
    early = next((number for number, time in enumerate(dts) if time > first), len(dts))
    until = min([*dts[early : early + 1], *pts[1:early]], default=first)
    return [first + (until - first) * number // early for number in range(early)] + dts[early:]


def _audio(track: Track, table: SampleTable) -> Iterator[_Pes]:
    first, size = 0, 0
    for number, frame_bytes in enumerate(table.sizes):
        if size and size + frame_bytes > _AUDIO_PES_BYTES:
            yield _audio_pes(track, table, first, number)
            first, size = number, 0
        size += frame_bytes + ADTS_HEADER_BYTES
    yield _audio_pes(track, table, first, len(table))


def _audio_pes(track: Track, table: SampleTable, first: int, last: int) -> _Pes:
    pts = _ticks(table.pts[first], track.timescale)
    return _Pes(track, first, last, pts, pts)


def _adaptation(pes: _Pes, table: SampleTable) -> bytes:
    return clock_reference(pes.dts - _CLOCK_AHEAD_TICKS, is_random_access=bool(table.keyframes[pes.first]))


def _payload(content: bytes, offset: int, table: SampleTable, pes: _Pes) -> bytes:
    """Header and elementary stream of one PES packet."""
    start = table.offsets[pes.first] - offset
    if pes.track.kind == "video":
        sample = content[start : start + table.sizes[pes.first]]
        stream = _annex_b(sample, cast("AvcConfig", pes.track.decoder), bool(table.keyframes[pes.first]))
        return _video_header(pes) + stream
    config = cast("AacConfig", pes.track.decoder)
    frames: list[bytes] = []
    for number in range(pes.first, pes.last):
        start, size = table.offsets[number] - offset, table.sizes[number]
        frames += (config.adts_header(size), content[start : start + size])
    stream = b"".join(frames)
    length = len(stream) + _PES_HEADER_BYTES - 6 + _STAMP_BYTES
    return b"\x00\x00\x01\xc0" + length.to_bytes(2, "big") + b"\x84\x80\x05" + stamp(2, pes.pts & _WRAP) + stream


def _video_header(pes: _Pes) -> bytes:
    """Of unbounded length, which only a picture may have: frames can be larger than 64 KiB."""
    if pes.pts == pes.dts:
        return b"\x00\x00\x01\xe0\x00\x00\x84\x80\x05" + stamp(2, pes.pts & _WRAP)
    return b"\x00\x00\x01\xe0\x00\x00\x84\xc0\x0a" + stamp(3, pes.pts & _WRAP) + stamp(1, pes.dts & _WRAP)


def _annex_b(sample: bytes, config: AvcConfig, is_keyframe: bool) -> bytes:
    """A sample's NAL units behind start codes, a delimiter first and, at a keyframe, the parameter sets."""
    width = config.nal_length_bytes
    pieces: list[bytes] = [_DELIMITER]
    if is_keyframe:
        for parameter_set in (*config.sps, *config.pps):
            pieces += (_START, parameter_set)
    position = 0
    while position < len(sample):
        begin = position + width
        position = begin + int.from_bytes(sample[position:begin], "big")
        if position > len(sample) or position == begin:
            raise TransportStreamError("a NAL unit reaches beyond its sample, or is empty")
        if sample[begin] & 0x1F != _DELIMITER_UNIT:
            pieces += (_START, sample[begin:position])
    return b"".join(pieces)


def _payload_bytes_at_most(table: SampleTable, pes: _Pes) -> int:
    if pes.track.kind == "audio":
        frames = pes.last - pes.first
        body = sum(table.sizes[pes.first : pes.last]) + frames * ADTS_HEADER_BYTES
        return _PES_HEADER_BYTES + _STAMP_BYTES + body
    config = cast("AvcConfig", pes.track.decoder)
    sets = sum(len(_START) + len(parameter_set) for parameter_set in (*config.sps, *config.pps))
    extra = len(_DELIMITER) + (sets if table.keyframes[pes.first] else 0)
    return _PES_HEADER_BYTES + 2 * _STAMP_BYTES + extra + table.sizes[pes.first]
