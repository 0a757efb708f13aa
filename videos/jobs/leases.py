"""What the holder of a claim may do: renew it, report, end it well or badly, give it back. Every write is conditional
on the fence, so a worker that lost its lease (asleep, cut off, believed dead) changes nothing: it gets LeaseLost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any  # results, details and log entries are JSON objects

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from videos.jobs import clock, stages
from videos.jobs.ending import after_failed_step, tell, with_entries
from videos.jobs.errors import LeaseLost, Reason
from videos.jobs.queue import LEASE_SECONDS, Claim
from videos.jobs.states import back_off_seconds
from videos.models import Job, Step, StepState


def renew(claim: Claim) -> bool:
    """Another 30 s. False when the lease is lost."""
    return _update(claim, lease_expires_at=clock.now() + timedelta(seconds=LEASE_SECONDS))


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


def append_to_log(claim: Claim, entries: Sequence[Mapping[str, Any]]) -> None:
    """Adds JSON objects to what can be read of the step afterwards. Raises LeaseLost."""
    if not entries:
        return
    with fenced(claim):
        log = Step.objects.values_list("log", flat=True).get(pk=claim.step_id)
        Step.objects.filter(pk=claim.step_id).update(log=with_entries(log, entries, attempt=claim.attempt))


def finish_step(
    claim: Claim,
    result: Mapping[str, Any],
    *,
    detail: Mapping[str, Any] | None = None,
    also: Callable[[], None] | None = None,
    entries: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Ends the step well, with `entries` in its log, in one transaction with `also`; the next stage is queued if
    nothing of this one is left to do, or the job is done. Raises LeaseLost."""
    now = timezone.now()
    changes = {"detail": dict(detail)} if detail else {}
    with transaction.atomic():
        stages.hold(claim.job_id)
        append_to_log(claim, entries)
        _leave(
            claim, state=StepState.DONE, progress=1, seconds_left=None, result=dict(result), finished_at=now, **changes
        )
        if also is not None:
            also()
        stages.advance(claim.job_id)
        tell(_job(claim))


def has_finished(claim: Claim) -> bool:
    """Whether this very claim has ended its step well, be it that the answer to the COMMIT was never heard."""
    return Step.objects.filter(pk=claim.step_id, fence=claim.fence, state=StepState.DONE).exists()


def fail_step(claim: Claim, reason: Reason, *, entries: Sequence[Mapping[str, Any]] = ()) -> bool:
    """Puts the step back for later when another attempt may help, else fails it, and its job with it unless the step is
    optional. True when it will be tried again. Raises LeaseLost."""
    pause_seconds = back_off_seconds(attempt=claim.attempt, is_retryable=reason.is_retryable)
    now = clock.now()
    with transaction.atomic():
        stages.hold(claim.job_id)
        append_to_log(claim, [*entries, {"error": reason.code, "detail": reason.detail}])
        if pause_seconds is None:
            _leave(claim, state=StepState.FAILED, finished_at=now)
            after_failed_step(claim.step_id, code=reason.code, detail=reason.detail)
        else:
            not_before = now + timedelta(seconds=pause_seconds)
            _leave(claim, state=StepState.QUEUED, queued_at=now, not_before=not_before)
            tell(_job(claim))
    return pause_seconds is not None


def give_back(claim: Claim, *, entries: Sequence[Mapping[str, Any]] = ()) -> None:
    """Puts the step back as if this attempt had not been, but for what its log tells: its worker is going away. Raises
    LeaseLost."""
    with transaction.atomic():
        append_to_log(claim, entries)
        _leave(claim, state=StepState.QUEUED, attempts=F("attempts") - 1)
        stages.ring_on_commit(claim.lane)
        tell(_job(claim))


def _leave(claim: Claim, *, state: StepState, **changes: Any) -> None:
    if not _update(claim, state=state, lease_expires_at=None, **changes):
        raise LeaseLost


def _update(claim: Claim, **changes: Any) -> bool:
    held = Step.objects.filter(pk=claim.step_id, fence=claim.fence, state=StepState.RUNNING)
    return bool(held.update(**changes))


def _job(claim: Claim) -> Job:
    return Job.objects.select_related("content").get(pk=claim.job_id)
