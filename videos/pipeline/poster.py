"""The picture that stands for a film: looked for in a PyAV child, or the one that somebody points at; drawn by ffmpeg,
upright and in SDR, in the shape of the film."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from videos.pipeline import children
from videos.pipeline.errors import LimitError, SourceError
from videos.pipeline.facts import SourceFacts, VideoFacts
from videos.pipeline.ffmpeg import Ffmpeg, examine, input_arguments
from videos.pipeline.ladder import size_within
from videos.pipeline.picture import deinterlacing, fitting
from videos.pipeline.sandbox import Limits, StopQuestion, run
from videos.pipeline.whitelist import MOST_PIXELS

LONG_SIDE_PX = 1280
# Spread over the film, and away from its ends: titles begin it and names end it. The begin itself comes last.
_SHARES = (0.2, 0.35, 0.1, 0.5, 0.65, 0.05, 0.8, 0.0)
_LOOK_SHARE = 0.4  # of the time for all of it
_JPEG_QUALITY = "3"  # ffmpeg's scale: 2 is best, 31 worst
_A_MOMENT = 0.001  # seconds; frames lie further apart
# There a jump lands anywhere, and the first picture that decodes is one of the next keyframe: begin well before.
_WITHOUT_INDEX = frozenset({"mpegts", "mpeg"})
_ROLL_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class PosterLimits:
    """All of it takes `wall_seconds` at most, whatever the film is: others wait for their pictures in the same line."""

    wall_seconds: float = 10.0
    process: Limits = field(
        default_factory=lambda: Limits(cpu_seconds=40, memory_bytes=4 << 30, file_bytes=32 << 20, open_files=64)
    )


@dataclass(frozen=True, slots=True)
class PosterFacts:
    """The JPEG that was written."""

    width: int
    height: int
    bytes: int


def make_poster(
    source: Path,
    facts: SourceFacts,
    out_path: Path,
    *,
    ffmpeg: Path,
    limits: PosterLimits | None = None,
    should_stop: StopQuestion | None = None,
) -> PosterFacts | None:
    """Writes a JPEG of at most 1280 pixels' long side to `out_path`. None where there is no picture.

    Raises SourceError(corrupt), LimitError (timed_out, decode_limit, …), MachineError, Cancelled."""
    video = facts.video
    if video is None:
        return None
    limits = limits or PosterLimits()
    deadline = time.monotonic() + limits.wall_seconds
    request = {
        "path": str(source.absolute()),
        "index": video.index,
        "instants": [video.start_seconds + share * video.duration_seconds for share in _SHARES],
        "seconds": limits.wall_seconds * _LOOK_SHARE,
        "max_pixels": MOST_PIXELS,
    }
    folder = out_path.parent.absolute()
    looking = replace(limits.process, wall_seconds=limits.wall_seconds * 0.7)
    seconds = children.ask("poster", request, limits=looking, cwd=folder, should_stop=should_stop)["seconds"]
    # The first picture where seeking led nowhere.
    tries = [poster_command(source, facts, video, at, out_path.name, ffmpeg=examine(ffmpeg)) for at in (seconds, None)]
    return _drawn(tries, video, out_path, limits=limits, deadline=deadline, should_stop=should_stop)


def draw_frame(
    source: Path,
    facts: SourceFacts,
    at_seconds: float,
    out_path: Path,
    *,
    ffmpeg: Path,
    limits: PosterLimits | None = None,
    should_stop: StopQuestion | None = None,
) -> PosterFacts | None:
    """The very picture that is on the screen at `at_seconds` of presentation; where it cannot be reached in time
    (a film of one keyframe in an hour), the keyframe before it. Returns and raises as `make_poster`."""
    video = facts.video
    if video is None:
        return None
    limits = limits or PosterLimits()
    deadline = time.monotonic() + limits.wall_seconds
    a_frame = float(1 / video.frame_rate) if video.frame_rate else 0.0
    # ffmpeg gives the first frame that begins at or after an instant; wanted is the last that begins at or before.
    within = min(max(at_seconds, 0.0), max(0.0, video.duration_seconds - a_frame))
    seconds = video.start_seconds + max(0.0, within - a_frame + _A_MOMENT)
    tries = [
        poster_command(source, facts, video, seconds, out_path.name, ffmpeg=examine(ffmpeg), is_exact=is_exact)
        for is_exact in (True, False)
    ]
    return _drawn(tries, video, out_path, limits=limits, deadline=deadline, should_stop=should_stop)


def _drawn(
    tries: Sequence[list[str]],
    video: VideoFacts,
    out_path: Path,
    *,
    limits: PosterLimits,
    deadline: float,
    should_stop: StopQuestion | None,
) -> PosterFacts:
    """What the first command gives that gives anything; each gets half of the time that is left, the last all of it."""
    problem: SourceError | LimitError | None = None
    for left, argv in zip(range(len(tries), 0, -1), tries, strict=True):
        seconds = max(1.0, (deadline - time.monotonic()) / min(left, 2))
        drawing = replace(limits.process, wall_seconds=seconds)
        try:
            finished = run(argv, limits=drawing, cwd=out_path.parent.absolute(), should_stop=should_stop)
        except LimitError as error:
            problem = error
            continue
        if not finished.returncode and out_path.is_file() and out_path.stat().st_size:
            return PosterFacts(*_size(video), out_path.stat().st_size)
        problem = SourceError("corrupt", detail=finished.stderr_tail[-2000:])
    assert problem is not None, "there is one way at least"
    raise problem


def _size(video: VideoFacts) -> tuple[int, int]:
    return size_within(video.display_width, video.display_height, LONG_SIDE_PX, LONG_SIDE_PX)


def poster_command(
    source: Path,
    facts: SourceFacts,
    video: VideoFacts,
    seconds: float | None,
    name: str,
    *,
    ffmpeg: Ffmpeg,
    is_exact: bool = True,
) -> list[str]:
    """Draws the picture at `seconds` of the file's clock, or the first one; the keyframe before it unless `is_exact`.
    Pure."""
    chain = deinterlacing(video)
    seek: list[str] = []
    if seconds is not None and seconds > video.start_seconds:
        at = seconds - facts.container_start_seconds  # -ss counts from where the container begins
        at -= _ROLL_SECONDS if facts.container in _WITHOUT_INDEX else 0.0
        seek = ["-ss", f"{at:.6f}", "-noaccurate_seek"] if at > 0 else []
        # Which frame it is, is decided on the file's own clock: what -ss takes for its zero depends on the container.
        chain += [f"select='gte(t,{seconds:.6f})'"] if is_exact else []
    chain += fitting(video, *_size(video), has_tone_mapping=ffmpeg.has_tone_mapping)
    return [
        str(ffmpeg.path), "-y", "-copyts", *seek, *input_arguments(source.absolute()),
        "-map", f"0:{video.index}", "-vf", ",".join([*chain, "scale=out_range=pc", "format=yuvj420p"]),
        "-fps_mode", "passthrough",
        "-map_metadata", "-1", "-frames:v", "1", "-c:v", "mjpeg", "-q:v", _JPEG_QUALITY,
        "-f", "image2", "-update", "1", name,
    ]  # fmt: skip
