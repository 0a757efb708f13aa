"""Which moves a step and a job may make, and when to try again. Pure: knows no database and no clock; the words are
those of the models' choices (a test compares them)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

StepWord = Literal["waiting", "queued", "running", "done", "failed", "cancelled"]
JobWord = Literal["queued", "running", "paused", "done", "failed", "cancelled"]

STEP_MOVES: Final[Mapping[StepWord, frozenset[StepWord]]] = {
    "waiting": frozenset({"queued", "cancelled"}),
    "queued": frozenset({"running", "failed", "cancelled"}),  # failed: its workers died too often
    # Queued again: given back, to be tried again, reaped, or its job was paused.
    "running": frozenset({"done", "failed", "queued", "cancelled"}),
    "done": frozenset(),
    "failed": frozenset({"waiting"}),  # a person has the job tried again
    "cancelled": frozenset({"waiting"}),
}
JOB_MOVES: Final[Mapping[JobWord, frozenset[JobWord]]] = {
    "queued": frozenset({"running", "paused", "failed", "cancelled"}),
    "running": frozenset({"done", "paused", "failed", "cancelled"}),
    "paused": frozenset({"queued", "failed", "cancelled"}),
    "done": frozenset(),
    "failed": frozenset({"queued"}),  # a person has it tried again
    "cancelled": frozenset({"queued"}),
}

MAX_ATTEMPTS: Final = 3
BACK_OFF_SECONDS: Final = (5.0, 30.0)  # after the first and the second attempt; there is no fourth


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
