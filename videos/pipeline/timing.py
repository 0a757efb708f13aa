"""Measures the clock of a source with PyAV: where its first frame lies, how far apart frames are, where each
track ends. Headers of many containers guess or lie about all three. Runs in sandboxed children only."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.frame import Frame
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videos.pipeline.errors import SourceError
from videos.pipeline.reader import MICROSECONDS, decoding_failed

_FRAMES_TO_SEE = 6
_FRAMES_TO_TIME = 300
_MOST_PACKETS_WITHOUT_FRAME = 400
_MOST_PACKETS_TO_HEAR = 600
_TAIL_SECONDS = 6
# Their length is guessed from a bit rate, and a seek lands anywhere.
_WITHOUT_INDEX = frozenset({"mp3", "aac", "ac3", "flac"})
# Tapes that were joined, recorders that were restarted: here ffmpeg expects it.
_JUMPING = frozenset({"mpegts", "mpeg"})
_JUMP_SECONDS = 10.0  # ffmpeg's -dts_delta_threshold
_STEP_BACK_SECONDS = 0.1
_MOST_SECONDS_TO_READ_WHOLE = 8.0
_REGULAR_SHARE = Fraction(1, 10)
_JITTER_SECONDS = 0.0025  # Matroska and FLV round to milliseconds


@dataclass(frozen=True, slots=True)
class Opening:
    """The first frames of a picture, and when the frames after them are shown."""

    frames: tuple[VideoFrame, ...]
    start_seconds: float
    times_seconds: tuple[float, ...]  # in order of presentation, from the first displayed frame on


@dataclass(frozen=True, slots=True)
class Pace:
    """How a picture's frames follow one another."""

    peak_rate: float | None
    is_variable: bool


class _MendedClock:
    """Takes jumps out of the clocks of transport streams, as the command that encodes does: by its rule, so that both
    come to the same length. A stream that goes on more than ten seconds off, or goes back, goes on where it was."""

    def __init__(self, container: InputContainer) -> None:
        self._offset = 0.0
        self._next: dict[int, float] = {}
        self._last: dict[int, float] = {}
        self._is_mending = container.format.name in _JUMPING

    def offset_at(self, packet: Packet[Stream] | Packet[VideoStream]) -> float:
        """Seconds to add to the times of this packet. To be asked of every packet, in the file's order."""
        if not self._is_mending or packet.dts is None or not packet.time_base:
            return self._offset
        index, dts = packet.stream.index, float(packet.dts * packet.time_base) + self._offset
        if index in self._next:
            off = dts - self._next[index]
            if abs(off) > _JUMP_SECONDS or dts + _STEP_BACK_SECONDS < self._last[index]:
                self._offset -= off
                dts -= off
        elif self._last:  # the first of its stream, after others
            off = dts - max(self._last.values())
            if abs(off) > _JUMP_SECONDS:
                self._offset -= off
                dts -= off
        self._last[index] = dts
        self._next[index] = dts + float((packet.duration or 0) * packet.time_base)
        return self._offset


def see_opening(container: InputContainer, stream: VideoStream) -> Opening:
    """Decodes the first frames. Raises SourceError(corrupt) where none can be decoded, LimitError."""
    frames: list[VideoFrame] = []
    times: list[float] = []
    failure: Exception | None = None
    clock = _MendedClock(container)
    for count, packet in enumerate(container.demux(stream)):
        if packet.size:
            times.append(_shown_at(packet) + clock.offset_at(packet))
        if len(frames) < _FRAMES_TO_SEE:
            try:
                frames += stream.decode(packet)
            except (FFmpegError, MemoryError) as error:
                failure = error
        if len(times) >= _FRAMES_TO_TIME or (not frames and count > _MOST_PACKETS_WITHOUT_FRAME):
            break
    if not frames:
        if failure is None:
            raise SourceError("corrupt", detail="no frame could be decoded")
        raise decoding_failed(failure) from failure
    start = min(_time_of(frame) for frame in frames)
    return Opening(tuple(frames), start, tuple(sorted(moment for moment in times if moment >= start - 1e-6)))


def heard(container: InputContainer, streams: Sequence[AudioStream]) -> dict[int, bool]:
    """Decodes the begin of sound tracks: True or False by index, for those that say something soon; one that
    begins late, or never, is not in the answer."""
    told: dict[int, bool] = {}
    if not streams:
        return told
    container.seek(0)
    try:
        for count, packet in enumerate(container.demux(*streams)):
            index = packet.stream.index
            if packet.size and not told.get(index):
                told[index] = _decodes(streams, packet)
            if count > _MOST_PACKETS_TO_HEAR or (len(told) == len(streams) and all(told.values())):
                break
    except FFmpegError:
        pass  # what was heard so far is what there is
    return told


def _decodes(streams: Sequence[AudioStream], packet: Packet[Stream]) -> bool:
    stream = next(stream for stream in streams if stream.index == packet.stream.index)
    try:
        return bool(stream.codec_context.decode(packet))
    except (FFmpegError, MemoryError):
        return False


def pace_of(times: Sequence[float]) -> Pace:
    """From presentation times in order. The peak is what the closest tenth of the gaps suggests, so that a
    film that pauses keeps the smoothness of its motion."""
    gaps = sorted(later - earlier for earlier, later in pairwise(times) if later > earlier)
    if len(gaps) < 3:
        return Pace(1 / gaps[0] if gaps else None, is_variable=False)
    edge = int(len(gaps) * _REGULAR_SHARE)
    shortest, longest = gaps[edge], gaps[-1 - edge]
    is_variable = longest > shortest * 1.1 + 2 * _JITTER_SECONDS
    near = [gap for gap in gaps if gap <= shortest + 2 * _JITTER_SECONDS] if is_variable else gaps
    return Pace(len(near) / sum(near), is_variable)


def ends_of(container: InputContainer, streams: Sequence[Stream], *, scan_seconds: float) -> dict[int, float]:
    """Where streams end on the file's clock, by index: told by a complete index, else read from the file's
    tail, else (a file that does not say how long it is) from the whole of it for `scan_seconds` at most. A stream
    that shows nothing where it was looked for is not in the answer."""
    told = {stream.index: end for stream in streams if (end := _told_end(stream)) is not None}
    if len(told) == len(streams):
        return told
    if container.format.name in _JUMPING:  # the first and the last time stamp tell nothing
        whole = _read_whole(container, streams, time.monotonic() + min(scan_seconds, _MOST_SECONDS_TO_READ_WHOLE))
        if whole is not None:
            return whole
    deadline = time.monotonic() + scan_seconds
    measured: dict[int, float] = {}
    if container.duration and container.format.name not in _WITHOUT_INDEX:
        begins = (container.start_time or 0) + container.duration - _TAIL_SECONDS * MICROSECONDS
        measured = _read_ends(container, streams, max(begins, 0), deadline)
    if not measured:
        measured = _read_ends(container, streams, None, deadline)
    return measured | told


def _told_end(stream: Stream) -> float | None:
    """MP4 lists every sample: its durations are facts."""
    if not stream.frames or len(stream.index_entries) < stream.frames or stream.duration is None:
        return None
    if stream.container.format.name.startswith("mov,") and stream.time_base:
        return float(((stream.start_time or 0) + stream.duration) * stream.time_base)
    return None


def _read_ends(
    container: InputContainer, streams: Sequence[Stream], begins: int | None, deadline: float
) -> dict[int, float]:
    """The largest end each stream shows from `begins` (microseconds) on; from the first byte when None."""
    ends: dict[int, float] = {}
    try:
        container.seek(begins or 0)
        for packet in _before(container.demux(*streams), deadline):
            if packet.size and packet.time_base:
                end = _shown_at(packet) + float((packet.duration or 0) * packet.time_base)
                ends[packet.stream.index] = max(end, ends.get(packet.stream.index, end))
    except FFmpegError:
        pass  # what was read so far is what there is
    return ends


def _read_whole(container: InputContainer, streams: Sequence[Stream], deadline: float) -> dict[int, float] | None:
    """The end of each stream on a clock without jumps; None where there is too much to read."""
    ends: dict[int, float] = {}
    clock = _MendedClock(container)
    try:
        container.seek(0)
        for count, packet in enumerate(container.demux(*streams)):
            if not count % 256 and time.monotonic() > deadline:
                return None
            if packet.size and packet.time_base:
                offset = clock.offset_at(packet)
                end = _shown_at(packet) + offset + float((packet.duration or 0) * packet.time_base)
                ends[packet.stream.index] = max(end, ends.get(packet.stream.index, end))
    except FFmpegError:
        pass  # what was read so far is what there is
    return ends


def _before(packets: Iterable[Packet[Stream]], deadline: float) -> Iterable[Packet[Stream]]:
    for count, packet in enumerate(packets):
        if not count % 256 and time.monotonic() > deadline:
            return
        yield packet


def _shown_at(packet: Packet[Stream] | Packet[VideoStream]) -> float:
    ticks = packet.pts if packet.pts is not None else packet.dts
    return float(ticks * packet.time_base) if ticks is not None and packet.time_base else 0.0


def _time_of(frame: Frame) -> float:
    return float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else 0.0
