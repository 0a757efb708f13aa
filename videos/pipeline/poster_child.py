"""Looks for a good picture; the body of the sandboxed child behind poster.py. Only keyframes near the asked
instants are decoded, so that a film of any length costs the same."""

from __future__ import annotations

import math
import time
from itertools import pairwise
from pathlib import Path
from typing import Any  # JSON values

from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videos.pipeline import reader
from videos.pipeline.errors import SourceError
from videos.pipeline.whitelist import VIDEO_DECODERS

_WIDTH, _HEIGHT = 64, 36
_MOST_PACKETS = 400
_DARK, _BRIGHT = 24.0, 232.0
_FLAT = 6.0


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """`request` is {path, index, instants (seconds on the file's clock), seconds (to spend), max_pixels}; the
    answer {seconds}, the instant of the best picture."""
    deadline = time.monotonic() + request["seconds"]
    best = _best(request, deadline, is_thorough=False)
    if best is None or best[0] < 0:  # few keyframes, poor ones, or a container where seeking misses them
        best = max(filter(None, [best, _best(request, deadline, is_thorough=True)]), default=None)
    if best is None:
        raise SourceError("corrupt", detail="no picture for a poster could be decoded")
    return {"seconds": best[1]}


def _best(request: dict[str, Any], deadline: float, *, is_thorough: bool) -> tuple[float, float] | None:
    """The best of keyframes, or (thorough) of what lies exactly at the instants; at least one is looked at."""
    best: tuple[float, float] | None = None
    with reader.open_source(Path(request["path"])) as container:
        film = _film(container, request)
        if is_thorough:
            best = _look(container, film, None, deadline)
        else:
            film.codec_context.skip_frame = "NONKEY"
        for instant in request["instants"]:
            found = _look(container, film, instant, deadline, is_exact=is_thorough)
            if found is not None and (best is None or found > best):
                best = found
            if time.monotonic() > deadline:
                break
    return best


def _film(container: InputContainer, request: dict[str, Any]) -> VideoStream:
    film = next(stream for stream in container.streams.video if stream.index == request["index"])
    reader.require_decoder(film, VIDEO_DECODERS)
    reader.limit_decoder(film, request["max_pixels"])
    return film


def _look(
    container: InputContainer, film: VideoStream, instant: float | None, deadline: float, *, is_exact: bool = False
) -> tuple[float, float] | None:
    """Score and time of a picture: the first that decodes from the keyframe before `instant` (None: from the
    file's begin) on, or the first at or after it."""
    try:
        if instant is not None:
            container.seek(round(instant * reader.MICROSECONDS))
        for count, packet in enumerate(container.demux(film)):
            for frame in film.decode(packet):
                moment = float((frame.pts or 0) * (frame.time_base or 0))
                if not is_exact or instant is None or moment >= instant or time.monotonic() > deadline:
                    return score(_luma(frame)), moment
            if count > _MOST_PACKETS and not is_exact:
                break
    except FFmpegError:
        return None
    return None


def _luma(frame: VideoFrame) -> list[bytes]:
    """Rows of brightness, small."""
    plane = frame.reformat(width=_WIDTH, height=_HEIGHT, format="gray").planes[0]
    content = bytes(plane)
    return [content[row * plane.line_size :][:_WIDTH] for row in range(_HEIGHT)]


def score(rows: list[bytes]) -> float:
    """Higher is better: contrast and detail; pictures that are dark, blinding or flat come last."""
    values = [value for row in rows for value in row]
    mean = sum(values) / len(values)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    across = sum(abs(left - right) for row in rows for left, right in pairwise(row))
    down = sum(abs(over - under) for pair in pairwise(rows) for over, under in zip(*pair, strict=True))
    detail = (across + down) / (2 * len(values))
    is_poor = mean < _DARK or mean > _BRIGHT or deviation < _FLAT
    balance = 1 - abs(mean - 118) / 255
    return (deviation + 2 * min(detail, 20.0)) * balance - (1000 if is_poor else 0)
