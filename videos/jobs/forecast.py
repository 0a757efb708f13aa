"""How far a job is and how long it will take. Pure: knows no database and no clock."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from videos.jobs.states import StepWord

ENOUGH_TO_JUDGE: Final = 0.02  # of a step; before that its time left would be a wild guess
ALMOST: Final = 99.9  # percent; 100 is said only when it is over
MOST_OF_IT: Final = 0.5  # of what is left; where nothing like it was measured yet, nobody knows


@dataclass(frozen=True)
class StepFacts:
    """What the overall percent needs to know of a step. `progress` is 0 to 1; seconds are wall time."""

    state: StepWord
    weight: float
    progress: float = 0.0
    elapsed_seconds: float = 0.0  # since its present attempt began, or how long its last one took
    seconds_left: float | None = None  # its own estimate
    stage: int = 0
    lane: str = ""
    is_optional: bool = False
    began_seconds_ago: float = 0.0


@dataclass(frozen=True)
class Overall:
    percent: float  # 0 to 100, one decimal
    seconds_left: float | None


def overall(steps: Sequence[StepFacts]) -> Overall:
    """How far a whole job is: percent by the weights, time left from the measured speed over what is left."""
    total = sum(step.weight for step in steps)
    if not total:
        return Overall(percent=0.0, seconds_left=None)
    if all(_has_ended(step) for step in steps):
        return Overall(percent=100.0, seconds_left=0.0)
    done = sum(step.weight * _share(step) for step in steps)
    percent = min(int(1000 * done / total) / 10, ALMOST)
    return Overall(percent=percent, seconds_left=_seconds_left(steps))


def _has_ended(step: StepFacts) -> bool:
    """So that the next stage need not wait for it."""
    return step.state == "done" or (step.state == "failed" and step.is_optional)


def _share(step: StepFacts) -> float:
    if _has_ended(step):
        return 1.0
    return min(max(step.progress, 0.0), 1.0) if step.state == "running" else 0.0


def _seconds_left(steps: Sequence[StepFacts]) -> float | None:
    """Stage after stage, each by as many at once as work on this job now, at the pace that each lane has shown."""
    pace = _pace(steps)
    running = [step for step in steps if step.state == "running"]
    own = [_of_running(step, pace) for step in running]
    known = [seconds for seconds in own if seconds is not None]
    later = sorted((step for step in steps if step.state in {"waiting", "queued"}), key=_stage)
    if not running or len(known) < len(own) or _is_anybodys_guess(running, later, pace):
        return None
    slots = _at_once(steps, running)
    present = max(running, key=_stage).stage
    beside = [_cost(step, pace) for step in later if step.stage <= present]
    seconds = _makespan([*known, *[0.0] * (slots - len(known))], beside)
    for stage, group in groupby(later, key=_stage):
        if stage > present:
            seconds += _makespan([0.0] * slots, [_cost(step, pace) for step in group])
    return round(seconds, 1)


def _stage(step: StepFacts) -> int:
    return step.stage


def _own_estimate(step: StepFacts) -> float | None:
    if step.seconds_left is not None:
        return max(step.seconds_left, 0.0)
    share = _share(step)
    if share < ENOUGH_TO_JUDGE or not step.elapsed_seconds:
        return None
    return step.elapsed_seconds * (1 - share) / share


def _pace(steps: Sequence[StepFacts]) -> dict[str, float]:
    """Seconds of one slot for one unit of weight, by lane; only lanes in which something was measured."""
    seconds: dict[str, float] = {}
    weight: dict[str, float] = {}
    for step in steps:
        left = 0.0 if step.state == "done" else _own_estimate(step) if step.state == "running" else None
        if left is not None and step.weight:
            seconds[step.lane] = seconds.get(step.lane, 0.0) + step.elapsed_seconds + left
            weight[step.lane] = weight.get(step.lane, 0.0) + step.weight
    return {lane: seconds[lane] / weight[lane] for lane in seconds}


def _of_running(step: StepFacts, pace: Mapping[str, float]) -> float | None:
    estimate = _own_estimate(step)
    if estimate is not None or step.lane not in pace:
        return estimate
    return max(step.weight * pace[step.lane] - step.elapsed_seconds, 0.0)


def _cost(step: StepFacts, pace: Mapping[str, float]) -> float:
    """A lane of which nothing is known yet is taken to be the dearest."""
    return step.weight * pace.get(step.lane, max(pace.values(), default=0.0))


def _is_anybodys_guess(running: Sequence[StepFacts], later: Sequence[StepFacts], pace: Mapping[str, float]) -> bool:
    unknown = sum(step.weight for step in later if step.lane not in pace)
    left = sum(step.weight for step in later) + sum(step.weight * (1 - _share(step)) for step in running)
    return unknown > left * MOST_OF_IT


def _at_once(steps: Sequence[StepFacts], running: Sequence[StepFacts]) -> int:
    """How many steps of the job are worked on at the same time. A slot that is just between two parts counts too: what
    the present stage has cost its slots, over the time since it began, tells how many there were."""
    present = max(running, key=_stage).stage
    begun = [step for step in steps if step.stage == present and step.state in {"running", "done"}]
    span = max(step.began_seconds_ago for step in begun)
    busy = sum(step.elapsed_seconds for step in begun)
    return max(len(running), min(round(busy / span) if span > 0 else 0, len(begun)))


def _makespan(slots: Iterable[float], costs: Iterable[float]) -> float:
    """When the last is over, if each slot takes the next one as soon as it is free. `slots`: seconds until each is."""
    free_at = list(slots)
    heapq.heapify(free_at)
    for cost in costs:
        heapq.heapreplace(free_at, free_at[0] + cost)
    return max(free_at)
