"""What the holder of a claim may do: renew it, report, end it well or badly, give it back. Every write is conditional
on the fence, so a worker that lost its lease (asleep, cut off, believed dead) changes nothing: it gets LeaseLost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any  # results, details and log entries are JSON objects

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from videos.jobs.ending import fail_job, tell
from videos.jobs.errors import LeaseLost, Reason
from videos.jobs.queue import LEASE_SECONDS, Claim, ring
from videos.jobs.states import back_off_seconds, jobs_that_may_become
from videos.models import Job, JobState, Step, StepState

log = structlog.get_logger(__name__)

LOG_ENTRIES = 60  # of all attempts together; the oldest go


def renew(claim: Claim) -> bool:
    """Another 30 s. False when the lease is lost."""
    return _update(claim, lease_expires_at=timezone.now() + timedelta(seconds=LEASE_SECONDS))


def report(claim: Claim, *, progress: float, seconds_left: float | None, detail: Mapping[str, Any]) -> bool:
    """Writes how far the step is (0 to 1). False when the lease is lost."""
    return _update(claim, progress=progress, seconds_left=seconds_left, detail=dict(detail))


@contextmanager
def fenced(claim: Claim) -> Iterator[None]:
    """A transaction that commits only while the claim holds: the step's row stays locked in it. Raises LeaseLost."""
    with transaction.atomic():
        if not renew(claim):
            raise LeaseLost
        yield


def append_to_log(claim: Claim, entry: Mapping[str, Any]) -> None:
    """Adds a JSON object to what can be read of the step afterwards. Raises LeaseLost."""
    with fenced(claim):
        entries = Step.objects.values_list("log", flat=True).get(pk=claim.step_id)
        stamped = {"attempt": claim.attempt, "at": timezone.now().isoformat(timespec="seconds"), **entry}
        Step.objects.filter(pk=claim.step_id).update(log=[*entries, stamped][-LOG_ENTRIES:])


def finish_step(
    claim: Claim,
    result: Mapping[str, Any],
    *,
    detail: Mapping[str, Any] | None = None,
    also: Callable[[], None] | None = None,
) -> None:
    """Ends the step well, in one transaction with `also`; the next step is queued, or the job is done. Raises
    LeaseLost."""
    now = timezone.now()
    changes = {"detail": dict(detail)} if detail else {}
    with transaction.atomic():
        _leave(
            claim, state=StepState.DONE, progress=1, seconds_left=None, result=dict(result), finished_at=now, **changes
        )
        if also is not None:
            also()
        following = Step.objects.filter(job_id=claim.job_id, state=StepState.WAITING).order_by("position").first()
        if following is not None:
            Step.objects.filter(pk=following.pk).update(state=StepState.QUEUED, queued_at=now)
            transaction.on_commit(partial(ring, following.lane), robust=True)
        else:
            Job.objects.filter(pk=claim.job_id, state__in=jobs_that_may_become("done")).update(
                state=JobState.DONE, finished_at=now
            )
        tell(_job(claim))


def has_finished(claim: Claim) -> bool:
    """Whether this very claim has ended its step well, be it that the answer to the COMMIT was never heard."""
    return Step.objects.filter(pk=claim.step_id, fence=claim.fence, state=StepState.DONE).exists()


def fail_step(claim: Claim, reason: Reason) -> bool:
    """Puts the step back for later when another attempt may help, else fails it and its job. True when it will be tried
    again. Raises LeaseLost."""
    pause_seconds = back_off_seconds(attempt=claim.attempt, is_retryable=reason.is_retryable)
    now = timezone.now()
    with transaction.atomic():
        append_to_log(claim, {"error": reason.code, "detail": reason.detail})
        if pause_seconds is None:
            _leave(claim, state=StepState.FAILED, finished_at=now)
            fail_job(claim.job_id, code=reason.code, detail=reason.detail)
        else:
            not_before = now + timedelta(seconds=pause_seconds)
            _leave(claim, state=StepState.QUEUED, queued_at=now, not_before=not_before)
            tell(_job(claim))
    return pause_seconds is not None


def give_back(claim: Claim) -> None:
    """Puts the step back as if this attempt had not been: its worker is going away. Raises LeaseLost."""
    with transaction.atomic():
        _leave(claim, state=StepState.QUEUED, attempts=F("attempts") - 1)
        transaction.on_commit(partial(ring, claim.lane), robust=True)
        tell(_job(claim))


def _leave(claim: Claim, *, state: StepState, **changes: Any) -> None:
    if not _update(claim, state=state, lease_expires_at=None, **changes):
        raise LeaseLost


def _update(claim: Claim, **changes: Any) -> bool:
    held = Step.objects.filter(pk=claim.step_id, fence=claim.fence, state=StepState.RUNNING)
    return bool(held.update(**changes))


def _job(claim: Claim) -> Job:
    return Job.objects.select_related("content").get(pk=claim.job_id)
