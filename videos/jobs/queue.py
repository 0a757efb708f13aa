"""The line of work, kept in the database: put a job in, take its next step out. Celery is only the doorbell: a lost or
doubled ring is harmless. Locks are taken in the order step, job, turn, item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any  # parameters are JSON objects; each kind reads them through a dataclass of its own

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from accounts.models import User
from videos.jobs import ending, turns
from videos.jobs.states import MAX_ATTEMPTS, jobs_that_may_become, steps_that_may_become
from videos.models import ContentMain, Job, JobState, Lane, LaneTurn, Step, StepState

log = structlog.get_logger(__name__)

LEASE_SECONDS = 30
RING_EXPIRES_SECONDS = 60  # what nobody heard by then has been rung again by the reaper
NORMAL_PRIORITY = 100
_IMPATIENT = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1}


@dataclass(frozen=True)
class StepPlan:
    """A step to be: its registered name, the lane it waits in, its share of the job's percent."""

    name: str
    lane: Lane
    weight: float = 1.0


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
    """A job with its steps, in the caller's transaction; the first step's lane is rung when that commits.

    A smaller `priority` goes first. `parameters` is a JSON object. Raises ValueError without steps."""
    if not steps:
        raise ValueError("a job without steps would never end")
    now = timezone.now()
    with transaction.atomic():
        job = Job.objects.create(
            owner=owner, content=content, kind=kind, parameters=dict(parameters), priority=priority
        )
        Step.objects.bulk_create(
            Step(
                job=job,
                name=plan.name,
                lane=plan.lane,
                weight=plan.weight,
                position=position,
                state=StepState.WAITING if position else StepState.QUEUED,
                queued_at=None if position else now,
            )
            for position, plan in enumerate(steps)
        )
        transaction.on_commit(partial(ring, steps[0].lane), robust=True)
        ending.tell(job)
    return job


def ring(lane: str) -> None:
    """Wakes a slot of the lane. Never raises and takes two seconds at most: when the broker is away, the reaper
    rings again."""
    name = Lane(lane).value
    _send(f"videos.drain_{name}", lane=name)


def call_reaper() -> None:
    """Has somebody look for dead workers now, not only at beat's next stroke. As harmless as `ring`."""
    _send("videos.reap", lane=Lane.QUICK.value)


def _send(task: str, *, lane: str) -> None:
    try:
        # A connection of its own: those of the pool try again and again, for six seconds when nobody listens.
        with current_app.connection_for_write(connect_timeout=1, transport_options=_IMPATIENT) as connection:
            current_app.send_task(task, queue=lane, connection=connection, expires=RING_EXPIRES_SECONDS, retry=False)
    except (KombuError, RedisError, OSError) as error:
        log.warning("nobody heard the ring; it will be repeated", task=task, error=str(error))


def claim_next(*, lane: str, worker: str, now: datetime | None = None) -> Claim | None:
    """The lane's next step for this worker, leased for 30 s; None if there is nothing to do.

    A step whose workers died in all its attempts is failed instead of being handed out once more."""
    now = now or timezone.now()
    while (step := turns.in_order(lane=lane, now=now).select_related("job").first()) is not None:
        if step.attempts >= MAX_ATTEMPTS:
            ending.give_up(step, code="crashed_repeatedly", detail=f"last worker: {step.worker}")
        elif (claim := _take(step, worker=worker, now=now)) is not None:
            return claim
    return None


def _take(step: Step, *, worker: str, now: datetime) -> Claim | None:
    """One UPDATE decides between workers that chose the same step; None for those who came second."""
    with transaction.atomic():
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
            state=JobState.RUNNING, started_at=now
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
