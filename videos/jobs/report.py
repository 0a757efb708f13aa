"""What can be told of a job to whom it concerns: how it stands, what may be done about it, and what was run for it."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypedDict  # an entry of a step's log is free in shape

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from videos.jobs import control
from videos.jobs.progress import ProgressError, RungProgress, progress_of_job, reference
from videos.jobs.turns import OPEN_JOBS
from videos.models import Job, JobKind, JobState, Step
from videos.reasons import sentence

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

STEP_WORDS: Final[dict[str, StrOrPromise]] = {
    "inspect": _("Looking at the file"),
    "poster": _("Taking a still"),
    "words": _("Reading captions and chapters"),
    "plan": _("Finding out what to make"),
    "part": _("Making a part in every size"),
    "sound": _("Making the sound"),
    "join": _("Joining the parts"),
    "publish": _("Putting it in place"),
    "storyboard": _("Taking stills for the seek bar"),
    # Of jobs from before films were made in parts.
    "probe": _("Looking at the file"),
    "index": _("Finding out what to make"),
    "ladder": _("Making every size"),
}
# A path up to the name in it. What follows a letter, a figure or a dot is a fraction or a relative name.
_FOLDERS: Final = re.compile(r"(?<![\w.])/(?:[^/\s:,;='\"\[\]]+/)+")


class LogEntry(TypedDict):
    """A command that was run, or the error that ended an attempt."""

    attempt: int
    at: datetime | str
    command: str  # as one could type it; empty for an error
    seconds: float | None
    exit_code: int | None
    max_rss_bytes: int | None
    stderr: str
    error: ProgressError | None
    detail: str  # for the operator; empty for others


class StepReport(TypedDict):
    name: str
    title: str
    state: str
    lane: str
    stage: int
    is_optional: bool
    attempts: int
    percent: float
    seconds: float | None  # of wall time, of the last attempt
    started_at: datetime | None
    finished_at: datetime | None
    worker: str  # for stewards
    log: list[LogEntry]


class JobReport(TypedDict):
    id: str
    kind: str
    video: str | None
    title: str
    owner: str | None
    state: str
    stage: str
    percent: float
    seconds_left: float | None
    queue_place: int | None
    rungs: list[RungProgress]
    error: ProgressError | None
    may_help: bool  # another attempt at what has failed or was cancelled
    priority: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class FullJobReport(JobReport):
    commands: list[str]
    retry_rungs: list[str]
    steps: list[StepReport]


def jobs_for(person: User, *, everybodys: bool = False) -> QuerySet[Job]:
    """A person's own work and that on their items; for stewards also that of everybody."""
    jobs = Job.objects.select_related("content", "owner").order_by("-id")
    if everybodys and control.is_steward(person):
        return jobs
    return jobs.filter(Q(owner=person) | Q(content__owner=person))


def with_steps(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """For lists: one query more for all of them."""
    slim = Step.objects.order_by("stage", "position").defer("log", "result", "parameters")
    return jobs.prefetch_related(Prefetch("steps", queryset=slim))


def steps_at_hand(job: Job) -> list[Step]:
    """What `with_steps` has brought along, in order."""
    return list(job.steps.all())


def summary(job: Job, steps: Sequence[Step], *, with_place: bool = False) -> JobReport:
    """One line of a list."""
    progress = progress_of_job(job, steps, with_place=with_place)
    return JobReport(
        id=job.public_id,
        kind=job.kind,
        video=job.content.public_id if job.content else None,
        title=job.content.title if job.content else "",
        owner=job.owner.username if job.owner else None,
        state=progress["state"],
        stage=progress["stage"],
        percent=progress["percent"],
        seconds_left=progress["seconds_left"],
        queue_place=progress["queue_place"],
        rungs=progress["rungs"],
        error=progress["error"],
        may_help=reference(job)["may_help"],
        priority=job.priority,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def report(job: Job, *, viewer: User) -> FullJobReport:
    """Everything about one job, as far as this person may see it: paths of the server are for stewards."""
    steps = list(job.steps.order_by("stage", "position"))
    is_whole = control.is_steward(viewer)
    return FullJobReport(
        **summary(job, steps, with_place=True),
        commands=commands_for(job, viewer),
        retry_rungs=rungs_to_retry(job),
        steps=[step_report(step, is_whole=is_whole) for step in steps],
    )


def commands_for(job: Job, viewer: User) -> list[str]:
    """The commands that fit the job as it stands and are this person's to give."""
    if not control.may_control(job, viewer):
        return []
    fitting = ["pause", "cancel"] if job.state in OPEN_JOBS else []
    if job.state == JobState.PAUSED:
        fitting = ["resume", "cancel"]
    if job.state in control.ENDED_EARLY and not control.is_superseded(job):
        fitting = ["retry"]
    return fitting


def rungs_to_retry(job: Job) -> list[str]:
    """The sizes that whoever may steer the job can have made again."""
    can_be_joined = job.kind == JobKind.TRANSCODE and job.state == JobState.DONE and not control.is_superseded(job)
    return control.rungs_of(job) if can_be_joined else []


def step_report(step: Step, *, is_whole: bool) -> StepReport:
    """A step with all that was run for it; `is_whole`: with the server's paths and names."""
    ended = step.finished_at if step.state not in {"queued", "running", "waiting"} else None
    took = (ended - step.started_at).total_seconds() if ended and step.started_at else None
    return StepReport(
        name=step.name,
        title=str(STEP_WORDS.get(step.name, step.name)),
        state=step.state,
        lane=step.lane,
        stage=step.stage,
        is_optional=step.is_optional,
        attempts=step.attempts,
        percent=round(step.progress * 100, 1),
        seconds=None if took is None else round(max(took, 0.0), 3),
        started_at=step.started_at,
        finished_at=ended,
        worker=step.worker if is_whole else "",
        log=[entry_of(entry, is_whole=is_whole) for entry in step.log],
    )


def entry_of(entry: dict[str, Any], *, is_whole: bool) -> LogEntry:
    """An entry of a step's log in a shape that does not vary."""
    told = str if is_whole else _without_folders
    code = str(entry.get("error", ""))
    return LogEntry(
        attempt=int(entry.get("attempt", 1)),
        at=str(entry.get("at", "")),
        command=shlex.join(told(str(word)) for word in entry.get("argv", [])),
        seconds=entry.get("seconds"),
        exit_code=entry.get("exit_code"),
        max_rss_bytes=entry.get("max_rss_bytes"),
        stderr=told(str(entry.get("stderr", "")).strip()),
        error=ProgressError(code=code, message=sentence(code)) if code else None,
        detail=str(entry.get("detail", "")) if is_whole else "",
    )


def _without_folders(text: str) -> str:
    """Where files lie on the server is nobody's business but its operator's."""
    for root in (settings.DATA_DIR, settings.BASE_DIR, sys.prefix):  # whose names may hold blanks
        text = text.replace(f"{root}/", "/")
    return _FOLDERS.sub("", text)
