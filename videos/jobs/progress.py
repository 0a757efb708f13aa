"""The progress object: how an item is being made, for the API, the socket and the pages alike (PRODUCT.md,
`…/progress/`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, TypedDict, cast

from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from videos import storage
from videos.jobs.forecast import StepFacts, overall
from videos.jobs.states import StepWord
from videos.jobs.turns import OPEN_JOBS, queue_place
from videos.models import ContentMain, ContentStatus, Job, JobKind, JobState, Lane, Rendition, Step, StepState
from videos.reasons import FINAL, sentence

State = Literal["queued", "running", "paused", "done", "failed", "cancelled"]
Stage = Literal["receiving", "queued", "probing", "poster", "encoding", "publishing", "done"]

STAGE_OF_STEP: Final[dict[str, Stage]] = {
    "probe": "probing",
    "index": "probing",
    "inspect": "probing",
    "poster": "poster",
    "words": "probing",
    "plan": "probing",
    "ladder": "encoding",
    "part": "encoding",
    "sound": "encoding",
    "join": "encoding",
    "publish": "publishing",
    "storyboard": "publishing",
}


ASIDE: Final = (JobKind.POSTER,)  # small work on an item that is made already


class RungProgress(TypedDict):
    label: str
    percent: float


class ProgressError(TypedDict):
    code: str
    message: str


class JobReference(TypedDict):
    id: str
    state: State
    may_help: bool  # another attempt at what has failed or was cancelled
    is_needed: bool  # nobody can watch the item to its end without what it makes


class Progress(TypedDict):
    state: State
    stage: Stage
    percent: float  # 0 to 100
    seconds_left: float | None
    queue_place: int | None  # 1 is next; only while queued
    rungs: list[RungProgress]
    error: ProgressError | None
    waits_for: ProgressError | None  # what keeps waiting work from being begun
    job: JobReference | None  # what makes it, for who may steer that (/api/jobs/<id>/)


def progress_of(content: ContentMain) -> Progress:
    """How the item's latest job stands. Two queries; four more while it waits in a line, seven in two."""
    jobs = Job.objects.filter(content=content).exclude(kind__in=ASIDE)
    job = jobs.annotate(source_token=F("content__source__token"), grows=Exists(_grows)).order_by("-id").first()
    if job is None:
        return _without_job(content)
    progress = progress_of_job(job, list(steps_of(job)))
    made = reference(job, is_needed=content.version is None or job.grows)
    if progress["error"] and _was_to_replace(content, job, job.source_token):
        progress["error"] = _error_of_newer_file(progress["error"])
        made["may_help"] = False  # it is gone
    progress["job"] = made
    return progress


def refusal_of_newer_file(content: ContentMain) -> str:
    """Why the file that was to take the place of the film's own was not taken, for a person; empty where the latest
    work was about something else. One query."""
    jobs = Job.objects.filter(content=content).exclude(kind__in=ASIDE)
    job = jobs.annotate(source_token=F("content__source__token")).order_by("-id").first()
    if job is None or job.state not in _ENDED_EARLY or not _was_to_replace(content, job, job.source_token):
        return ""
    return _error_of_newer_file(_error(job.error_code))["message"]


def _was_to_replace(content: ContentMain, job: Job, source_token: str | None) -> bool:
    """Whether the file of this work is not the film's, which can be watched all the same."""
    return content.version is not None and job.parameters.get("source", source_token) != source_token


_ENDED_EARLY: Final = frozenset({JobState.FAILED, JobState.CANCELLED})
# What can be watched of the item is a film whose end is still to come.
_grows: Final = (
    Rendition.objects.filter(content=OuterRef("content"), version=OuterRef("content__version"), parts__gt=0)
    .annotate(there=Count("pieces"))
    .filter(there__lt=F("parts"))
)


def reference(job: Job, *, is_needed: bool = False) -> JobReference:
    """What pages need to know to offer its commands. No queries."""
    return JobReference(
        id=job.public_id,
        state=cast("State", job.state),
        may_help=job.state in _ENDED_EARLY and job.error_code not in FINAL,
        is_needed=is_needed,
    )


def _error_of_newer_file(error: ProgressError) -> ProgressError:
    """Of a file that was to take the place of another one (videos/publishing/replacing.py)."""
    words = _("The new file was not taken: %(reason)s The film that was there stays as it is.")
    return ProgressError(code=error["code"], message=words % {"reason": error["message"]})


def steps_of(job: Job) -> QuerySet[Step]:
    """What progress needs to know of each, in order."""
    return job.steps.order_by("stage", "position").defer("log", "result", "parameters")


def progress_of_job(job: Job, steps: Sequence[Step], *, with_place: bool = True) -> Progress:
    """How this job stands. Without queries but those for its place in the queue."""
    now = timezone.now()
    whole = overall([_facts(step, now) for step in steps])
    state = _state(job, steps)
    is_over = state in {"done", "failed", "cancelled"}
    return Progress(
        state=state,
        stage=_stage(state, steps),
        percent=whole.percent,
        seconds_left=None if is_over else whole.seconds_left,
        queue_place=queue_place(job) if state == "queued" and with_place else None,
        rungs=_rungs(steps),
        error=_error(job.error_code) if state in {"failed", "cancelled"} else None,
        waits_for=_waits_for(steps) if state == "queued" else None,
        job=reference(job),
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
        waits_for=None,
        job=None,
    )


def _waits_for(steps: Sequence[Step]) -> ProgressError | None:
    """The disk of this machine stands for those of the workers."""
    waits = any(step.state == StepState.QUEUED and step.lane == Lane.ENCODE for step in steps)
    return _error("waits_for_room") if waits and storage.is_short() else None


def _state(job: Job, steps: Sequence[Step]) -> State:
    if job.state not in OPEN_JOBS:
        return cast("State", job.state)  # the choices are these words
    # Between two steps a job stands in a line again, with a place in it; saying "running" then would be a lie.
    return "running" if any(step.state == StepState.RUNNING for step in steps) else "queued"


def _stage(state: State, steps: Sequence[Step]) -> Stage:
    if state in {"done", "queued"}:
        return "done" if state == "done" else "queued"
    left = [step for step in steps if step.state != StepState.DONE and not (step.is_optional and _has_ended(step))]
    # Of those side by side the one that matters: what failed, else what is worked on, and not what could be left out.
    weightiest = min(left, key=lambda step: (step.stage, _RANK.get(step.state, 2), step.is_optional), default=None)
    return STAGE_OF_STEP.get(weightiest.name, "encoding") if weightiest else "publishing"


_RANK: Final[dict[str, int]] = {StepState.FAILED: 0, StepState.RUNNING: 1}


def _has_ended(step: Step) -> bool:
    return step.state in {StepState.DONE, StepState.FAILED, StepState.CANCELLED}


def _rungs(steps: Sequence[Step]) -> list[RungProgress]:
    """Each rung over all steps that make rungs, by their weights: one part of ten is a tenth of each of its rungs."""
    makers = {step.name for step in steps if step.detail.get("rungs")}
    labels = [rung["label"] for step in steps for rung in step.detail.get("rungs", [])]
    told: list[RungProgress] = []
    for label in dict.fromkeys(labels):
        shares = [(step.weight, _percent(step, label)) for step in steps if step.name in makers]
        whole = sum(weight for weight, percent in shares if percent is not None)
        made = sum(weight * percent for weight, percent in shares if percent is not None)
        told.append(RungProgress(label=label, percent=round(made / whole, 1) if whole else 0.0))
    return told


def _percent(step: Step, label: str) -> float | None:
    """How far the step is with this rung; None if it does not make it, as far as it has said."""
    percents = {rung["label"]: rung["percent"] for rung in step.detail.get("rungs", [])}
    if percents and label not in percents:
        return None
    if step.state == StepState.DONE:
        return 100.0
    # What was begun and is to be begun anew counts for nothing.
    return float(percents.get(label, 0.0)) if step.state in {StepState.RUNNING, StepState.FAILED} else 0.0


def _facts(step: Step, now: datetime) -> StepFacts:
    state = cast("StepWord", step.state)  # the choices are these words
    began = max((now - step.started_at).total_seconds(), 0.0) if step.started_at else 0.0
    ended = max((now - step.finished_at).total_seconds(), 0.0) if step.finished_at and state != "running" else 0.0
    return StepFacts(
        state=state,
        weight=step.weight,
        progress=step.progress,
        elapsed_seconds=max(began - ended, 0.0) if state in {"running", "done"} else 0.0,
        seconds_left=step.seconds_left,
        stage=step.stage,
        lane=step.lane,
        is_optional=step.is_optional,
        began_seconds_ago=began,
    )


def _error(code: str) -> ProgressError:
    return ProgressError(code=code or "internal_error", message=sentence(code))
