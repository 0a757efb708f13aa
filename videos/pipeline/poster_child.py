"""Looks for a good picture; the body of the sandboxed child behind poster.py. Only keyframes near the asked
instants are decoded, so that a film of any length costs the same."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
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

_WIDTH, _HEIGHT = 96, 54
_MOST_PACKETS = 400
_EXACT_LOOKS = 4  # instants that are looked at frame by frame, when keyframes gave nothing
_BLACK = 20  # luma of a black bar, or less
_DARK, _BRIGHT = 26.0, 232.0
_DIM = 70.0  # where the brightest parts are no brighter, a picture is coming up or going down
_FLAT = 6.0
_ONE_COLOUR_SHARE = 0.9
_POOR = -1000.0

Rows = Sequence[bytes]


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
    instants = request["instants"][:_EXACT_LOOKS] if is_thorough else request["instants"]
    with reader.open_source(Path(request["path"])) as container:
        film = _film(container, request)
        if is_thorough:
            best = _look(container, film, None, deadline)
        else:
            film.codec_context.skip_frame = "NONKEY"
        for instant in instants:
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
                    return _judged(frame), moment
            if count > _MOST_PACKETS and not is_exact:
                break
    except FFmpegError:
        return None
    return None


def _judged(frame: VideoFrame) -> float:
    small = frame.reformat(width=_WIDTH, height=_HEIGHT, format="yuv444p")
    luma, *chroma = ([content[row * size :][:_WIDTH] for row in range(_HEIGHT)] for content, size in _planes(small))
    return score(luma, chroma)


def _planes(frame: VideoFrame) -> list[tuple[bytes, int]]:
    return [(bytes(plane), plane.line_size) for plane in frame.planes]


def score(luma: Rows, chroma: Sequence[Rows] = ()) -> float:
    """Higher is better: contrast, detail, colour. Below 0 comes what nobody wants as a poster: dark, blinding, of one
    colour, or half faded. `chroma` are planes of the same size, 128 for none."""
    rows = _without_bars(luma)
    values = sorted(value for row in rows for value in row)
    if not values:
        return 2 * _POOR
    mean = sum(values) / len(values)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    brightest = values[int(len(values) * 0.98)]
    middle = values[len(values) // 2]
    alike = sum(abs(value - middle) <= 3 for value in values) / len(values)
    across = [abs(left - right) for row in rows for left, right in pairwise(row)]
    down = [abs(over - under) for pair in pairwise(rows) for over, under in zip(*pair, strict=True)]
    detail = sum(across + down) / (2 * len(values))
    balance = 1 - abs(mean - 118) / 255
    merit = (deviation + 2 * min(detail, 20.0) + _colour(chroma) / 2) * balance
    is_poor = mean < _DARK or mean > _BRIGHT or brightest < _DIM or deviation < _FLAT or alike > _ONE_COLOUR_SHARE
    return merit + (_POOR if is_poor else 0.0)


def _without_bars(luma: Rows) -> list[bytes]:
    """The picture between black bars; they say nothing about it."""
    rows = [bytes(row) for row in luma]
    for _ in range(2):  # rows, then columns
        while rows and max(rows[0]) <= _BLACK:
            rows.pop(0)
        while rows and max(rows[-1]) <= _BLACK:
            rows.pop()
        rows = [bytes(column) for column in zip(*rows, strict=True)]
    return rows


def _colour(chroma: Sequence[Rows]) -> float:
    """How far from grey, 0 to some 60."""
    values = [abs(value - 128) for plane in chroma for row in plane for value in row]
    return min(sum(values) / len(values), 60.0) if values else 0.0
