"""The line of work, kept in the database: put a job in, add steps to it, take its next step out.

Locks are taken in the order job, step, turn, item. Whatever moves a step and may move its job with it (a claim, an end,
a pause) begins with the job's row (`stages.hold`), so the ends of two steps of one job come one after the other, and
the second of them sees that it was the last. What touches one step alone (a renewal, a report) takes its row only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any  # parameters are JSON objects; each kind reads them through a dataclass of its own

from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Coalesce

from accounts.models import User
from videos.jobs import clock, ending, stages, turns
from videos.jobs.states import MAX_ATTEMPTS, jobs_that_may_become, steps_that_may_become
from videos.models import ContentMain, Job, JobState, Lane, LaneTurn, Step, StepState

LEASE_SECONDS = 30
NORMAL_PRIORITY = 100


@dataclass(frozen=True)
class StepPlan:
    """A step to be: its registered name, the lane it waits in, its share of the job's percent.

    Steps of one stage run side by side, each stage after those before it. `parameters` is a JSON object of the step's
    own. When an optional step has used its attempts, the job goes on without it."""

    name: str
    lane: Lane
    weight: float = 1.0
    stage: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_optional: bool = False


@dataclass(frozen=True)
class Claim:
    """One attempt at one step. Whatever the holder writes is conditional on `fence` still being the step's."""

    step_id: int
    job_id: int
    fence: int
    attempt: int  # from 1
    lane: str
    worker: str


def create_job(
    *,
    owner: User | None,
    content: ContentMain | None,
    kind: str,
    parameters: Mapping[str, Any],
    steps: Sequence[StepPlan],
    priority: int = NORMAL_PRIORITY,
) -> Job:
    """A job with its steps, in the caller's transaction; the lanes of its first stage are rung when that commits.

    A smaller `priority` goes first. `parameters` is a JSON object. Raises ValueError without steps."""
    if not steps:
        raise ValueError("a job without steps would never end")
    with transaction.atomic():
        job = Job.objects.create(
            owner=owner, content=content, kind=kind, parameters=dict(parameters), priority=priority
        )
        _write(job.pk, steps, first_position=0)
        stages.advance(job.pk)
        ending.tell(job)
    return job


def add_steps(*, job_id: int, plans: Sequence[StepPlan]) -> None:
    """More steps for a job, in the transaction that ends one of its steps well (`context.on_finish`): they stand behind
    all others of their stage. Raises ValueError for a stage that is not later than what has begun."""
    stages.hold(job_id)
    steps = Step.objects.filter(job_id=job_id)
    begun = steps.exclude(state=StepState.WAITING).aggregate(stage=Max("stage"))["stage"]
    if any(plan.stage <= begun for plan in plans):
        raise ValueError(f"stage {begun} has begun; only later ones can be given more steps")
    last = steps.aggregate(position=Max("position"))["position"]
    _write(job_id, plans, first_position=last + 1)


def _write(job_id: int, plans: Sequence[StepPlan], *, first_position: int) -> None:
    Step.objects.bulk_create(
        Step(
            job_id=job_id,
            name=plan.name,
            lane=plan.lane,
            weight=plan.weight,
            stage=plan.stage,
            parameters=dict(plan.parameters),
            is_optional=plan.is_optional,
            position=position,
        )
        for position, plan in enumerate(plans, start=first_position)
    )


def claim_next(*, lane: str, worker: str, now: datetime | None = None) -> Claim | None:
    """The lane's next step for this worker, leased for 30 s; None if there is nothing to do.

    A step whose workers died in all its attempts is failed instead of being handed out once more."""
    now = now or clock.now()
    while (step := turns.in_order(lane=lane, now=now).select_related("job").first()) is not None:
        if step.attempts >= MAX_ATTEMPTS:
            ending.give_up(step, code="crashed_repeatedly", detail=f"last worker: {step.worker}")
        elif (claim := _take(step, worker=worker, now=now)) is not None:
            return claim
    return None


def _take(step: Step, *, worker: str, now: datetime) -> Claim | None:
    """One UPDATE decides between workers that chose the same step; None for those who came second, and when somebody
    has paused or ended the job meanwhile."""
    with transaction.atomic():
        if stages.hold(step.job_id) not in turns.OPEN_JOBS:
            return None
        taken = Step.objects.filter(pk=step.pk, fence=step.fence, state__in=steps_that_may_become("running")).update(
            state=StepState.RUNNING,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,  # before the work starts, so that an attempt that kills its worker counts
            worker=worker,
            lease_expires_at=now + timedelta(seconds=LEASE_SECONDS),
            not_before=None,
            started_at=now,
            progress=0,
            seconds_left=None,
            detail={},
        )
        if not taken:
            return None
        Job.objects.filter(pk=step.job_id, state__in=jobs_that_may_become("running")).update(
            state=JobState.RUNNING, started_at=Coalesce(F("started_at"), now)
        )
        if step.job.owner_id is not None:
            LaneTurn.objects.bulk_create(
                [LaneTurn(owner_id=step.job.owner_id, lane=step.lane, served_at=now)],
                update_conflicts=True,
                unique_fields=["owner", "lane"],
                update_fields=["served_at"],
            )
        ending.tell(step.job)
    return Claim(
        step_id=step.pk,
        job_id=step.job_id,
        fence=step.fence + 1,
        attempt=step.attempts + 1,
        lane=step.lane,
        worker=worker,
    )
