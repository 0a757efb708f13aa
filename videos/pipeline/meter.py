"""How far a command is: ffmpeg's own lines, turned into a fraction and the seconds left."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

_SPEED_WINDOW_SECONDS = 15.0
_SPEED_AFTER_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: 0 to 1, never back; seconds of film a second; seconds left once they can be told."""

    fraction: float
    speed: float
    seconds_left: float | None


OnProgress = Callable[[Progress], None]


@dataclass(slots=True)
class Meter:
    """Turns ffmpeg's `-progress` lines into Progress: of `frames` where there are pictures, else of `seconds`."""

    frames: int
    seconds: float
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
        if name == "frame" and self.frames:
            self._advance(_number(value) / self.frames)
        elif name == "out_time_us" and not self.frames:
            self._advance(_number(value) / 1e6 / self.seconds)

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
        speed = (self.fraction - before) * self.seconds / (now - then) if now > then else 0.0
        is_known = speed > 0 and now - self.begun >= _SPEED_AFTER_SECONDS
        left = (1 - self.fraction) * self.seconds / self._expected_speed(speed, now) if is_known else None
        self.on_progress(Progress(self.fraction, speed, left))

    def _expected_speed(self, recent: float, now: float) -> float:
        """Between how fast it goes now and how fast it went so far: the one alone jumps with every other load of the
        machine, the other is slow to learn that the machine is free again."""
        so_far = self.fraction * self.seconds / (now - self.begun)
        return (recent + so_far) / 2


def nobody(_progress: Progress) -> None:
    """For who does not want to know."""


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # "N/A" until something is known
        return 0.0
