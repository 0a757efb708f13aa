"""Makes the ladder: runs the one command, tells how far it is, finishes each file."""

from __future__ import annotations

import dataclasses
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from videos.pipeline import presentation
from videos.pipeline.command import AUDIO_LABEL, ladder_command, output_name, video_timescale
from videos.pipeline.errors import LimitError, MachineError, PipelineError, SourceError
from videos.pipeline.facts import SourceFacts
from videos.pipeline.ffmpeg import examine
from videos.pipeline.ladder import Ladder
from videos.pipeline.sandbox import Finished, Limits, StopQuestion, run

_SPEED_WINDOW_SECONDS = 15.0
_SPEED_AFTER_SECONDS = 1.0
_STREAM_OVERHEAD = Fraction(5, 4)  # of a capped stream over its cap, with headers
_SLACK_BYTES = 64 << 20
_PICTURE_TOO_LARGE = ("Picture size", "max_pixels", "exceeds the limit", "dimensions too large")
_SOURCE_IS_BAD = (
    "Invalid data found",
    "Error while decoding",
    "Error submitting packet",
    "does not contain any stream",
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: 0 to 1, never back; seconds of film a second; seconds left once they can be told."""

    fraction: float
    speed: float
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class EncodedRung:
    """A finished file. `segments` are its frames (packets of sound alone) fragment by fragment."""

    label: str
    path: Path
    width: int
    height: int
    frame_rate: Fraction
    segments: tuple[int, ...]
    bytes: int

    @property
    def frames(self) -> int:
        return sum(self.segments)


@dataclass(frozen=True, slots=True)
class CommandLog:
    """One command for the job's log."""

    argv: tuple[str, ...]
    seconds: float
    max_rss_bytes: int
    stderr_tail: str


@dataclass(frozen=True, slots=True)
class Transcoded:
    """All rungs, largest first, and what was run."""

    rungs: tuple[EncodedRung, ...]
    commands: tuple[CommandLog, ...]


OnProgress = Callable[[Progress], None]


@dataclass(slots=True)
class _Meter:
    """Turns ffmpeg's `-progress` lines into Progress."""

    ladder: Ladder
    on_progress: OnProgress
    clock: Callable[[], float]
    begun: float = field(init=False)
    fraction: float = 0.0
    recent: deque[tuple[float, float]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.begun = self.clock()
        self.recent.append((self.begun, 0.0))

    def take(self, line: str) -> None:
        name, _, value = line.partition("=")
        if name == "frame" and self.ladder.rungs:
            self._advance(_number(value) / self.ladder.frames)
        elif name == "out_time_us" and not self.ladder.rungs:
            self._advance(_number(value) / 1e6 / float(self.ladder.duration_seconds))

    def finish(self) -> None:
        """Everything is there."""
        self._advance(1.0)

    def _advance(self, share: float) -> None:
        self.fraction = max(self.fraction, min(share, 1.0))
        now = self.clock()
        self.recent.append((now, self.fraction))
        while len(self.recent) > 2 and now - self.recent[0][0] > _SPEED_WINDOW_SECONDS:
            self.recent.popleft()
        then, before = self.recent[0]
        length = float(self.ladder.duration_seconds)
        speed = (self.fraction - before) * length / (now - then) if now > then else 0.0
        is_known = speed > 0 and now - self.begun >= _SPEED_AFTER_SECONDS
        left = (1 - self.fraction) * length / self._expected_speed(speed, now) if is_known else None
        self.on_progress(Progress(self.fraction, speed, left))

    def _expected_speed(self, recent: float, now: float) -> float:
        """Between how fast it goes now and how fast it went so far: the one alone jumps with every other load of the
        machine, the other is slow to learn that the machine is free again."""
        so_far = self.fraction * float(self.ladder.duration_seconds) / (now - self.begun)
        return (recent + so_far) / 2


def transcode(
    source: Path,
    facts: SourceFacts,
    ladder: Ladder,
    out_dir: Path,
    *,
    ffmpeg: Path,
    threads: int = 0,
    limits: Limits | None = None,
    on_progress: OnProgress | None = None,
    should_stop: StopQuestion | None = None,
) -> Transcoded:
    """Encodes every rung of `ladder` into `out_dir` as `<label>.mp4` (sound alone as `audio.mp4`),
    fragmented, the first displayed frame at time 0. `threads` 0 means as many as there are processors.

    Raises SourceError (corrupt), LimitError (decode_limit, output_too_large, timed_out, out_of_memory),
    MachineError (disk_full, crashed), VerificationFailed, Cancelled; the caller removes partial files."""
    limits = limits or Limits()
    reserve = presentation.reserve_for(ladder.duration_seconds, ladder.segment_seconds)
    argv = ladder_command(source, facts, ladder, ffmpeg=examine(ffmpeg), threads=threads, reserve_bytes=reserve)
    meter = _Meter(ladder, on_progress or (lambda _: None), time.monotonic)
    capped = dataclasses.replace(limits, file_bytes=min(limits.file_bytes, _most_bytes(ladder)))
    finished = run(argv, limits=capped, cwd=out_dir, on_line=meter.take, should_stop=should_stop)
    if finished.returncode:
        raise _failure(finished)
    rungs = tuple(_finished(ladder, out_dir))
    meter.finish()
    log = CommandLog(tuple(argv), round(finished.seconds, 3), finished.max_rss_bytes, finished.stderr_tail)
    return Transcoded(rungs, (log,))


def _finished(ladder: Ladder, out_dir: Path) -> list[EncodedRung]:
    if not ladder.rungs:
        path = out_dir / output_name(AUDIO_LABEL)
        found = presentation.finish(path, segment_ticks=0)
        return [EncodedRung(AUDIO_LABEL, path, 0, 0, Fraction(0), found.counts, found.bytes)]
    ticks = ladder.segment_frames * video_timescale(ladder.frame_rate) / ladder.frame_rate
    done = []
    for rung in ladder.rungs:
        path = out_dir / output_name(rung.label)
        found = presentation.finish(path, segment_ticks=int(ticks))
        done.append(
            EncodedRung(rung.label, path, rung.width, rung.height, ladder.frame_rate, found.counts, found.bytes)
        )
    return done


def _most_bytes(ladder: Ladder) -> int:
    """A file above this has run away."""
    top = max((rung.maxrate_bps for rung in ladder.rungs), default=0)
    sound = ladder.audio.bit_rate_bps if ladder.audio else 0
    return int((top + sound) * _STREAM_OVERHEAD * ladder.duration_seconds / 8) + _SLACK_BYTES


def _failure(finished: Finished) -> PipelineError:
    tail = finished.stderr_tail
    detail = f"ffmpeg ended with {finished.returncode}\n{tail[-2000:]}".strip()
    if any(sign in tail for sign in _PICTURE_TOO_LARGE):
        return LimitError("decode_limit", detail=detail)
    if any(sign in tail for sign in _SOURCE_IS_BAD):
        return SourceError("corrupt", detail=detail)
    return MachineError("crashed", detail=detail)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # "N/A" until something is known
        return 0.0
