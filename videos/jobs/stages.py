"""Which steps of a job may be taken: those of one stage side by side, the next stage once all before it has ended."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone

from videos.jobs.bell import ring
from videos.jobs.states import jobs_that_may_become, steps_that_may_become
from videos.models import ContentMain, Job, JobState, Step, StepState

_LEFT_TO_DO = (StepState.WAITING, StepState.QUEUED, StepState.RUNNING)


def hold(job_id: int) -> str | None:
    """Locks the job's row until the caller's transaction ends, and tells its state; None if it was deleted. The first
    lock of whoever takes several (videos/jobs/queue.py)."""
    states = list(Job.objects.select_for_update().filter(pk=job_id).order_by().values_list("state", flat=True))
    return states[0] if states else None


def hold_item(content_id: int) -> ContentMain | None:
    """Locks an item with its work, in the order in which workers lock: a step that is just publishing must not wait for
    us and we for it. None if the item is gone."""
    list(Job.objects.select_for_update().filter(content=content_id).order_by("pk").values_list("pk"))
    steps = Step.objects.select_for_update(of=("self",)).filter(job__content=content_id)
    list(steps.order_by("pk").values_list("pk"))
    return ContentMain.objects.select_for_update(of=("self",)).select_related("owner").filter(pk=content_id).first()


def advance(job_id: int) -> None:
    """Queues the steps of the earliest stage that has something left to do, or ends the job. For who holds the job's
    row: so the last of two that end at the same moment does it, and no other."""
    left = Step.objects.filter(job_id=job_id, state__in=_LEFT_TO_DO)
    stage = left.order_by("stage").values_list("stage", flat=True).first()
    now = timezone.now()
    if stage is None:
        Job.objects.filter(pk=job_id, state__in=jobs_that_may_become("done")).update(
            state=JobState.DONE, finished_at=now
        )
        return
    waiting = left.filter(stage=stage, state=StepState.WAITING)
    lanes = sorted(set(waiting.values_list("lane", flat=True)))
    if lanes:
        waiting.filter(state__in=steps_that_may_become("queued")).update(state=StepState.QUEUED, queued_at=now)
        ring_on_commit(*lanes)


def ring_on_commit(*lanes: str) -> None:
    """Wakes a slot of each of these lanes when the transaction commits."""
    for lane in lanes:
        transaction.on_commit(partial(ring, lane), robust=True)
