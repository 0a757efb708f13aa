"""The progress object: how an item is being made, for the API, the socket and the pages alike (PRODUCT.md,
`…/progress/`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, TypedDict, cast

from django.utils import timezone

from videos.jobs.states import StepFacts, StepWord, overall
from videos.jobs.turns import OPEN_JOBS, queue_place
from videos.models import ContentMain, ContentStatus, Job, Step, StepState
from videos.reasons import sentence

State = Literal["queued", "running", "paused", "done", "failed", "cancelled"]
Stage = Literal["receiving", "queued", "probing", "poster", "encoding", "publishing", "done"]

STAGE_OF_STEP: Final[dict[str, Stage]] = {
    "probe": "probing",
    "index": "probing",
    "poster": "poster",
    "ladder": "encoding",
    "publish": "publishing",
}


class RungProgress(TypedDict):
    label: str
    percent: float


class ProgressError(TypedDict):
    code: str
    message: str


class Progress(TypedDict):
    state: State
    stage: Stage
    percent: float  # 0 to 100
    seconds_left: float | None
    queue_place: int | None  # 1 is next; only while queued
    rungs: list[RungProgress]
    error: ProgressError | None


def progress_of(content: ContentMain) -> Progress:
    """How the item's latest job stands. Two queries; four more while it waits in a line, seven in two."""
    job = Job.objects.filter(content=content).order_by("-id").first()
    return _without_job(content) if job is None else _of_job(job, list(job.steps.order_by("position")))


def _of_job(job: Job, steps: Sequence[Step]) -> Progress:
    now = timezone.now()
    whole = overall([_facts(step, now) for step in steps])
    state = _state(job, steps)
    is_over = state in {"done", "failed", "cancelled"}
    return Progress(
        state=state,
        stage=_stage(state, steps),
        percent=whole.percent,
        seconds_left=None if is_over else whole.seconds_left,
        queue_place=queue_place(job) if state == "queued" else None,
        rungs=_rungs(steps),
        error=_error(job.error_code) if state == "failed" else None,
    )


def _without_job(content: ContentMain) -> Progress:
    """Items whose bytes are still arriving, and old ones whose job was cleared away."""
    states: dict[int, tuple[State, Stage]] = {
        ContentStatus.AVAILABLE: ("done", "done"),
        ContentStatus.PROCESSING: ("queued", "receiving"),
        ContentStatus.FAILED: ("failed", "receiving"),
        ContentStatus.WITHDRAWN: ("done", "done"),
    }
    state, stage = states[content.status]
    return Progress(
        state=state,
        stage=stage,
        percent=100.0 if state == "done" else 0.0,
        seconds_left=None,
        queue_place=None,
        rungs=[],
        error=_error(content.failure_code) if state == "failed" else None,
    )


def _state(job: Job, steps: Sequence[Step]) -> State:
    if job.state not in OPEN_JOBS:
        return cast("State", job.state)  # the choices are these words
    # Between two steps a job stands in a line again, with a place in it; saying "running" then would be a lie.
    return "running" if any(step.state == StepState.RUNNING for step in steps) else "queued"


def _stage(state: State, steps: Sequence[Step]) -> Stage:
    if state in {"done", "queued"}:
        return "done" if state == "done" else "queued"
    ended_at = next((step for step in steps if step.state != StepState.DONE), None)
    return STAGE_OF_STEP.get(ended_at.name, "encoding") if ended_at else "publishing"


def _rungs(steps: Sequence[Step]) -> list[RungProgress]:
    for step in reversed(steps):
        if rungs := step.detail.get("rungs"):
            is_done = step.state == StepState.DONE
            return [RungProgress(label=rung["label"], percent=100.0 if is_done else rung["percent"]) for rung in rungs]
    return []


def _facts(step: Step, now: datetime) -> StepFacts:
    state = cast("StepWord", step.state)  # the choices are these words
    elapsed = (now - step.started_at).total_seconds() if step.started_at and state == "running" else 0.0
    return StepFacts(
        state=state,
        weight=step.weight,
        progress=step.progress,
        elapsed_seconds=max(elapsed, 0.0),
        seconds_left=step.seconds_left,
    )


def _error(code: str) -> ProgressError:
    return ProgressError(code=code or "internal_error", message=sentence(code))
