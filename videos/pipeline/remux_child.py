"""Copies the picture and the chosen sound of a source, packet by packet, into an MP4; the body of the sandboxed child
behind remux.py. Nothing is encoded, and nothing is left out in silence."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any  # JSON values

import av
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from videos.pipeline import reader
from videos.pipeline.avc import parameter_sets_within
from videos.pipeline.facts import SourceFacts

_MOST_UNDATED = 32
_MOST_JUMP_SECONDS = {"video": 10.0, "audio": 1.0}


class _NotCopied(Exception):
    """Copied, it would not be the same film; the text says why."""


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """`request` is {path, facts, target}; the answer is {packets: how many of each stream were written, the picture's
    first}, or {refused: why}."""
    gc.disable()  # packets are no garbage of the kind it looks for
    facts, target = SourceFacts.from_json(request["facts"]), Path(request["target"])
    try:
        with reader.open_source(Path(request["path"])) as source:
            with av.open(f"file:{target}", "w", format="mp4") as written:
                packets = _copy(source, written, facts)
            _compare_first_frames(source, target)
    except _NotCopied as error:
        return {"refused": str(error)}
    except (FFmpegError, ValueError) as error:
        return {"refused": f"it cannot be copied: {error}"}
    return {"packets": packets}


def _copy(source: InputContainer, target: OutputContainer, facts: SourceFacts) -> list[int]:
    picture = reader.choose_video(source)
    if picture is None or facts.video is None or picture.index != facts.video.index:
        raise _NotCopied("no picture")
    chosen: list[Stream] = [picture]
    if facts.main_audio is not None:
        chosen.append(source.streams[facts.main_audio.index])
    lines = {stream.index: _Line(stream, target, facts.video.start_seconds) for stream in chosen}
    for packet in source.demux(*chosen):
        if packet.size:
            target.mux(lines[packet.stream.index].moved(packet))
    for line in lines.values():
        line.finish()
    return [lines[stream.index].packets for stream in chosen]


class _Line:
    """One stream on its way."""

    def __init__(self, stream: Stream, target: OutputContainer, begin_seconds: float) -> None:
        if stream.time_base is None:
            raise _NotCopied("a stream without a clock")
        self._stream = stream
        self._time_base = stream.time_base
        self._begin = round(begin_seconds / stream.time_base)
        self._target = target.add_stream_from_template(stream)
        self._most_jump = round(_MOST_JUMP_SECONDS[stream.type] / stream.time_base)
        self._undated: list[Packet[Stream]] = []
        self._next: int | None = None
        self._last: int | None = None
        self._is_picture = isinstance(stream, VideoStream)
        record = (stream.codec_context.extradata or b"") if isinstance(stream, VideoStream) else b""
        self._nal_length_bytes = (record[4] & 3) + 1 if len(record) > 4 and record[0] == 1 else 0
        self._sets: frozenset[bytes] = frozenset()
        self.packets = 0

    def moved(self, packet: Packet[Stream]) -> list[Packet[Stream]]:
        """The packet, and those that waited for it, on the clock of the target: the first displayed frame is at 0.
        Raises _NotCopied for what an MP4 cannot say, or what would be lost in it."""
        if packet.is_corrupt or packet.pts is None:
            raise _NotCopied(f"damaged, or without a time ({self._stream.type})")
        if packet.dts is None:
            self._undated.append(packet)
            if self._last is not None or len(self._undated) > _MOST_UNDATED:
                raise _NotCopied(f"without a time of decoding ({self._stream.type})")
            return []
        packets = [*self._dated(packet.dts), packet] if self._undated else [packet]
        for one in packets:
            self._check(one)
            self._move(one)
        return packets

    def finish(self) -> None:
        if self._undated:
            raise _NotCopied(f"without a time of decoding ({self._stream.type})")

    def _dated(self, first_known: int) -> list[Packet[Stream]]:
        """Matroska does not say when frames are decoded, and libav finds out after a few of them. Those are decoded at
        the pace at which they are shown."""
        packets, self._undated = self._undated, []
        for place, packet in enumerate(packets):
            packet.dts = first_known - (len(packets) - place) * max(packet.duration or 0, 1)
        return packets

    def _check(self, packet: Packet[Stream]) -> None:
        assert packet.dts is not None
        if self._last is not None and packet.dts <= self._last:
            raise _NotCopied(f"its clock goes back ({self._stream.type})")
        if self._next is not None and packet.dts - self._next > self._most_jump:
            raise _NotCopied(f"its clock jumps ({self._stream.type})")
        if self._is_picture and packet.is_keyframe:
            if self.packets and packet.has_sidedata("new_extradata"):  # asked of each packet it would take seconds
                raise _NotCopied("the picture's parameters change midway")
            self._check_sets(parameter_sets_within(bytes(packet), self._nal_length_bytes))

    def _check_sets(self, sets: frozenset[bytes]) -> None:
        """Where the stream repeats them they have to stay what they were: an MP4 tells them once, at its beginning."""
        if self._sets and sets and sets != self._sets:
            raise _NotCopied("the picture's parameters change midway")
        self._sets = self._sets or sets

    def _move(self, packet: Packet[Stream]) -> None:
        assert packet.dts is not None
        assert packet.pts is not None
        self._last, self._next = packet.dts, packet.dts + (packet.duration or 0)
        self.packets += 1
        packet.dts -= self._begin
        packet.pts -= self._begin
        packet.stream = self._target


def _compare_first_frames(source: InputContainer, target: Path) -> None:
    """What is shown first has to be the same picture, dot for dot."""
    picture = reader.choose_video(source)
    assert picture is not None
    source.seek(0)
    with av.open(f"file:{target}", options={"protocol_whitelist": "file", "format_whitelist": "mov"}) as copied:
        firsts = [
            next(container.decode(stream))
            for container, stream in ((source, picture), (copied, copied.streams.video[0]))
        ]
    if bytes(firsts[0].planes[0]) != bytes(firsts[1].planes[0]):
        raise _NotCopied("it begins with another picture")
