"""Small pictures of a film for its seek bar: one every few seconds, tiled into sheets, and a WebVTT list that tells the
time of each. Only keyframes are decoded where they lie close enough, as they do in every rung of ours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from videos.pipeline.errors import SourceError
from videos.pipeline.facts import SourceFacts
from videos.pipeline.ffmpeg import Ffmpeg, examine, input_arguments
from videos.pipeline.ladder import size_within
from videos.pipeline.picture import deinterlacing, fitting, scaling
from videos.pipeline.sandbox import Limits, StopQuestion, run

COLUMNS = 10
MOST_ROWS = 10
LONG_SIDE_PX = 160
MOST_PICTURES = 300
LEAST_INTERVAL_SECONDS = 2.0
_ENOUGH = 0.7  # of the pictures that were planned: with fewer, every frame is decoded
_EARLY = 0.9  # of an interval: keyframes lie a little off whole seconds where the rate is odd
_JPEG_QUALITY = "5"  # ffmpeg's scale: 2 is best, 31 worst
_LIMITS = Limits(wall_seconds=1800, cpu_seconds=3600, file_bytes=64 << 20, open_files=64)


@dataclass(frozen=True, slots=True)
class Film:
    """What the pictures are taken from. `start_seconds` is the first displayed frame on the file's own clock; `chain`
    are the filters that make its pictures what a viewer sees, `width` x `height` in size."""

    path: Path
    index: int
    start_seconds: float
    duration_seconds: float
    width: int
    height: int
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Storyboard:
    """What was written: `sheets` files `<name>-1.jpg` and on, and `<name>.vtt`. `bytes` are those of all files."""

    width: int
    height: int
    sheets: int
    pictures: int
    bytes: int


def of_rung(path: Path, *, width: int, height: int, start_seconds: float, duration_seconds: float) -> Film:
    """A rung of ours: upright, progressive, in SDR."""
    size = size_within(width, height, LONG_SIDE_PX, LONG_SIDE_PX)
    return Film(path, 0, start_seconds, duration_seconds, *size, tuple(scaling(*size)))


def of_source(path: Path, facts: SourceFacts, *, ffmpeg: Path) -> Film | None:
    """What somebody gave us, where there is no rung. None without a picture."""
    video = facts.video
    if video is None:
        return None
    size = size_within(video.display_width, video.display_height, LONG_SIDE_PX, LONG_SIDE_PX)
    has_tone_mapping = examine(ffmpeg).has_tone_mapping
    chain = (*deinterlacing(video), *fitting(video, *size, has_tone_mapping=has_tone_mapping))
    return Film(path, video.index, video.start_seconds, video.duration_seconds, *size, chain)


def interval_seconds(duration_seconds: float) -> float:
    """How far apart pictures are: 2 s, and more where that would make too many. Pure."""
    return max(LEAST_INTERVAL_SECONDS, duration_seconds / MOST_PICTURES)


def make_storyboard(
    film: Film, folder: Path, name: str, *, ffmpeg: Path, should_stop: StopQuestion | None = None
) -> Storyboard:
    """Writes the sheets and the list into `folder`. Raises SourceError(corrupt) where no picture comes out, and as
    sandbox.run."""
    wanted = film.duration_seconds / interval_seconds(film.duration_seconds)
    for only_keyframes in (True, False):
        lines: list[str] = []
        argv = storyboard_command(film, name, ffmpeg=examine(ffmpeg), only_keyframes=only_keyframes)
        finished = run(argv, limits=_LIMITS, cwd=folder.absolute(), on_line=lines.append, should_stop=should_stop)
        times = [max(0.0, seconds - film.start_seconds) for seconds in instants(lines)]
        if times and not finished.returncode and len(times) >= _ENOUGH * wanted:
            break
    if not times:
        raise SourceError("corrupt", detail=finished.stderr_tail[-2000:])
    return _listed(film, times, folder, name)


def _listed(film: Film, times: Sequence[float], folder: Path, name: str) -> Storyboard:
    sheets = -(-len(times) // (COLUMNS * _rows(film)))
    paths = [folder / f"{name}-{number}.jpg" for number in range(1, sheets + 1)]
    if missing := [path.name for path in paths if not path.is_file()]:
        raise SourceError("corrupt", detail=f"{', '.join(missing)} not written")
    listing = folder / f"{name}.vtt"
    listing.write_text(vtt(film, times, name), encoding="utf-8")
    size = sum(path.stat().st_size for path in (*paths, listing))
    return Storyboard(film.width, film.height, sheets, len(times), size)


def storyboard_command(film: Film, name: str, *, ffmpeg: Ffmpeg, only_keyframes: bool) -> list[str]:
    """Draws every sheet; the time of each picture comes out on stdout, in milliseconds of the file's clock. Pure."""
    apart = interval_seconds(film.duration_seconds) * (_EARLY if only_keyframes else 1) - 0.001
    chosen = f"gte(t,{film.start_seconds - 0.001:.6f})*(isnan(prev_selected_t)+gte(t-prev_selected_t,{apart:.6f}))"
    chain = [
        f"select='{chosen}'",
        *film.chain,
        "settb=1/1000",
        "metadata=mode=add:key=picture:value=1",  # frames without a word of their own are not told
        "metadata=mode=print:file=-",
        "scale=out_range=pc", "format=yuvj420p",
        f"tile={COLUMNS}x{_rows(film)}",
    ]  # fmt: skip
    return [
        str(ffmpeg.path), "-y", "-copyts", *(["-skip_frame", "nokey"] if only_keyframes else []),
        *input_arguments(film.path.absolute()),
        "-map", f"0:{film.index}", "-vf", ",".join(chain), "-fps_mode", "passthrough",
        "-map_metadata", "-1", "-c:v", "mjpeg", "-q:v", _JPEG_QUALITY, "-f", "image2", f"{name}-%d.jpg",
    ]  # fmt: skip


def instants(lines: Sequence[str]) -> list[float]:
    """Seconds out of what the command has said: `frame:3 pts:6000 pts_time:6`. Pure."""
    told = [line.split("pts:", 1)[1].split()[0] for line in lines if line.startswith("frame:") and "pts:" in line]
    return [int(ticks) / 1000 for ticks in told]


def vtt(film: Film, times: Sequence[float], name: str) -> str:
    """The list: each picture stands from its own time until the next one's, the first from the begin. Pure."""
    a_sheet = COLUMNS * _rows(film)
    begins = [0.0, *times[1:]]
    ends = [*times[1:], max(film.duration_seconds, begins[-1] + 0.001)]
    cues = ["WEBVTT\n"]
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        sheet, place = divmod(number, a_sheet)
        row, column = divmod(place, COLUMNS)
        corner = f"{column * film.width},{row * film.height},{film.width},{film.height}"
        cues.append(f"{_clock(begin)} --> {_clock(end)}\n{name}-{sheet + 1}.jpg#xywh={corner}\n")
    return "\n".join(cues)


def _rows(film: Film) -> int:
    """No more than the pictures of a short film fill."""
    expected = film.duration_seconds / interval_seconds(film.duration_seconds) + 1
    return max(1, min(MOST_ROWS, math.ceil(expected / COLUMNS)))


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    minutes, milliseconds = divmod(whole, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds / 1000:06.3f}"
