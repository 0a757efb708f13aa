"""Reads a finished rendition packet by packet and decodes its first and last pictures; the body of the
sandboxed child behind verify.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any  # JSON values

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from videos.pipeline.errors import VerificationFailed

_TAIL_SECONDS = Fraction(1, 2)  # from the keyframe before: the last GOP


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """`request` is {path}; the answer what each track holds, times as ratios of integers in text."""
    options = {"protocol_whitelist": "file", "format_whitelist": "mov,mp4,m4a", "codec_whitelist": "h264,aac"}
    try:
        with av.open(f"file:{Path(request['path'])}", "r", options=options) as container:
            return {"tracks": _tracks(container), "decoded": _decoded(container)}
    except FFmpegError as error:
        raise VerificationFailed(str(error)) from error


@dataclass(slots=True)
class _Count:
    """What the packets of one track say, in its ticks."""

    packets: int = 0
    broken: int = 0
    start: int = 1 << 62
    end: int = 0
    keyframes: list[int] = field(default_factory=list)


def _tracks(container: InputContainer) -> dict[str, dict[str, Any]]:
    """By type; counted from the packets, not from headers."""
    counts = {stream.index: _Count() for stream in container.streams}
    for packet in container.demux():
        if packet.size and packet.pts is not None:
            _add(counts[packet.stream.index], packet, packet.pts)
    return {stream.type: _described(stream, counts[stream.index]) for stream in container.streams}


def _add(count: _Count, packet: Packet[Stream], shown: int) -> None:
    count.packets += 1
    count.broken += packet.is_corrupt
    count.start = min(count.start, shown)
    count.end = max(count.end, shown + (packet.duration or 0))
    if packet.is_keyframe:
        count.keyframes.append(shown)


def _described(stream: Stream, count: _Count) -> dict[str, Any]:
    context, unit = stream.codec_context, stream.time_base or Fraction(0)
    track: dict[str, Any] = {
        "codec": context.codec.canonical_name,
        "extradata": (context.extradata or b"").hex(),
        "packets": count.packets,
        "broken": count.broken,
        "start": str(count.start * unit),
        "end": str(count.end * unit),
    }
    if isinstance(stream, VideoStream):
        track |= {"width": stream.width, "height": stream.height, "pix_fmt": stream.codec_context.pix_fmt}
        track["keyframes"] = [str(moment * unit) for moment in count.keyframes]
    return track


def _decoded(container: InputContainer) -> dict[str, int]:
    """How many pictures decode at the begin and near the end."""
    film = next(iter(container.streams.video), None)
    if film is None:
        return {}
    container.seek(0)
    head = len(_pictures(container, film, 1))
    end = round((container.duration or 0) - _TAIL_SECONDS * 1_000_000)
    container.seek(max(0, end))
    return {"head": head, "tail": len(_pictures(container, film, None))}


def _pictures(container: InputContainer, film: VideoStream, most: int | None) -> list[int]:
    shown: list[int] = []
    for frame in container.decode(film):
        shown.append(frame.pts or 0)
        if most is not None and len(shown) >= most:
            break
    return shown
