"""Which moves a step and a job may make, when to try again, and how far a job is. Pure: knows no database and no clock;
the words are those of the models' choices (a test compares them)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

StepWord = Literal["waiting", "queued", "running", "done", "failed", "cancelled"]
JobWord = Literal["queued", "running", "paused", "done", "failed", "cancelled"]

STEP_MOVES: Final[Mapping[StepWord, frozenset[StepWord]]] = {
    "waiting": frozenset({"queued", "cancelled"}),
    "queued": frozenset({"running", "failed", "cancelled"}),  # failed: its workers died too often
    "running": frozenset({"done", "failed", "queued", "cancelled"}),  # queued: given back, to be tried again, or reaped
    "done": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
}
JOB_MOVES: Final[Mapping[JobWord, frozenset[JobWord]]] = {
    "queued": frozenset({"running", "failed", "cancelled"}),
    "running": frozenset({"done", "failed", "cancelled"}),
    "paused": frozenset({"cancelled"}),
    "done": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
}

MAX_ATTEMPTS: Final = 3
BACK_OFF_SECONDS: Final = (5.0, 30.0)  # after the first and the second attempt; there is no fourth
ENOUGH_TO_JUDGE: Final = 0.02  # of a step; before that its time left would be a wild guess
ALMOST: Final = 99.9  # percent; 100 is said only when it is over


def steps_that_may_become(target: StepWord) -> list[StepWord]:
    """The states a step can leave for `target`; services put them into the WHERE of their UPDATE."""
    return [word for word, targets in STEP_MOVES.items() if target in targets]


def jobs_that_may_become(target: JobWord) -> list[JobWord]:
    """The states a job can leave for `target`."""
    return [word for word, targets in JOB_MOVES.items() if target in targets]


def back_off_seconds(*, attempt: int, is_retryable: bool) -> float | None:
    """How long to wait before the attempt after the `attempt`-th (from 1); None when there shall be no other."""
    if not is_retryable or attempt >= MAX_ATTEMPTS:
        return None
    return BACK_OFF_SECONDS[max(attempt, 1) - 1]


@dataclass(frozen=True)
class StepFacts:
    """What the overall percent needs to know of a step. `progress` is 0 to 1; seconds are wall time."""

    state: StepWord
    weight: float
    progress: float = 0.0
    elapsed_seconds: float = 0.0  # since its present attempt began
    seconds_left: float | None = None  # its own estimate


@dataclass(frozen=True)
class Overall:
    percent: float  # 0 to 100, one decimal
    seconds_left: float | None


def overall(steps: Sequence[StepFacts]) -> Overall:
    """How far a whole job is. Later steps are taken to cost what the running one costs for its weight."""
    total = sum(step.weight for step in steps)
    if not total:
        return Overall(percent=0.0, seconds_left=None)
    if all(step.state == "done" for step in steps):
        return Overall(percent=100.0, seconds_left=0.0)
    done = sum(step.weight * _share(step) for step in steps)
    percent = min(int(1000 * done / total) / 10, ALMOST)
    return Overall(percent=percent, seconds_left=_seconds_left(steps))


def _share(step: StepFacts) -> float:
    if step.state == "done":
        return 1.0
    return min(max(step.progress, 0.0), 1.0) if step.state == "running" else 0.0


def _seconds_left(steps: Sequence[StepFacts]) -> float | None:
    running = next((step for step in steps if step.state == "running"), None)
    if running is None:
        return None
    own = _own_seconds_left(running)
    if own is None or not running.weight:
        return own
    later = sum(step.weight for step in steps if step.state in {"waiting", "queued"})
    return round(own + (running.elapsed_seconds + own) * (later / running.weight), 1)


def _own_seconds_left(step: StepFacts) -> float | None:
    if step.seconds_left is not None:
        return max(step.seconds_left, 0.0)
    share = _share(step)
    if share < ENOUGH_TO_JUDGE or not step.elapsed_seconds:
        return None
    return step.elapsed_seconds * (1 - share) / share
