"""The picture that stands for a film: looked for in a PyAV child, drawn by ffmpeg, upright and in SDR."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from videos.pipeline import children
from videos.pipeline.errors import SourceError
from videos.pipeline.facts import SourceFacts, VideoFacts
from videos.pipeline.ffmpeg import Ffmpeg, examine, input_arguments
from videos.pipeline.ladder import size_within
from videos.pipeline.picture import deinterlacing, fitting
from videos.pipeline.sandbox import Limits, StopQuestion, run
from videos.pipeline.whitelist import MOST_PIXELS

LONG_SIDE_PX = 1280
_SHARES = (0.2, 0.35, 0.1, 0.5, 0.05, 0.27, 0.43, 0.6, 0.15, 0.0)
_LOOK_SECONDS = 5.0
_JPEG_QUALITY = "3"  # ffmpeg's scale: 2 is best, 31 worst


@dataclass(frozen=True, slots=True)
class PosterLimits:
    """All of it takes `wall_seconds` at most; the looking itself stops after a few seconds, whatever the film is."""

    wall_seconds: float = 40.0
    process: Limits = field(
        default_factory=lambda: Limits(cpu_seconds=40, memory_bytes=4 << 30, file_bytes=32 << 20, open_files=64, nice=0)
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
        "seconds": min(_LOOK_SECONDS, limits.wall_seconds / 2),
        "max_pixels": MOST_PIXELS,
    }
    folder = out_path.parent.absolute()
    looking = replace(limits.process, wall_seconds=limits.wall_seconds * 0.7)
    seconds = children.ask("poster", request, limits=looking, cwd=folder, should_stop=should_stop)["seconds"]
    size = size_within(video.display_width, video.display_height, LONG_SIDE_PX, LONG_SIDE_PX)
    failure = ""
    for instant in (seconds, None):  # None: the first picture, where seeking led nowhere
        argv = poster_command(source, facts, video, instant, out_path.name, ffmpeg=examine(ffmpeg), size=size)
        drawing = replace(limits.process, wall_seconds=max(1.0, deadline - time.monotonic()))
        finished = run(argv, limits=drawing, cwd=folder, should_stop=should_stop)
        if not finished.returncode and out_path.is_file() and out_path.stat().st_size:
            return PosterFacts(*size, out_path.stat().st_size)
        failure = finished.stderr_tail[-2000:]
    raise SourceError("corrupt", detail=failure)


def poster_command(
    source: Path,
    facts: SourceFacts,
    video: VideoFacts,
    seconds: float | None,
    name: str,
    *,
    ffmpeg: Ffmpeg,
    size: tuple[int, int],
) -> list[str]:
    """Draws the picture at `seconds` of the file's clock, or the first one. Pure."""
    chain = [*deinterlacing(video), *fitting(video, *size, has_tone_mapping=ffmpeg.has_tone_mapping)]
    is_later = seconds is not None and seconds > video.start_seconds
    # -ss counts from where the container begins.
    seek = ["-ss", f"{seconds - facts.container_start_seconds:.6f}"] if seconds is not None and is_later else []
    return [
        str(ffmpeg.path), "-y", *seek, *input_arguments(source.absolute()),
        "-map", f"0:{video.index}", "-vf", ",".join([*chain, "scale=out_range=pc", "format=yuvj420p"]),
        "-map_metadata", "-1", "-frames:v", "1", "-c:v", "mjpeg", "-q:v", _JPEG_QUALITY,
        "-f", "image2", "-update", "1", name,
    ]  # fmt: skip
