"""How a job ends other than well: given up, failed or cancelled. Each is one transaction together with what its kind
does to the item (`register_failure`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal  # entries of a step's log are JSON objects

import structlog
from django.db import OperationalError, transaction
from django.utils import timezone

from videos import live
from videos.jobs import stages
from videos.jobs.registry import failure_hook
from videos.jobs.states import jobs_that_may_become, steps_that_may_become
from videos.models import Job, Step, StepState

log = structlog.get_logger(__name__)

CANCELLED: Final = "cancelled"
CANCELLED_BY_STAFF: Final = "cancelled_by_staff"
LOG_ENTRIES = 60  # of all attempts together; the oldest go


def give_up(step: Step, *, code: str, detail: str) -> bool:
    """Fails a step that nobody holds any more, and its job with it. False when it has moved on in the meantime."""
    entry = {"error": code, "detail": detail}
    with transaction.atomic():
        stages.hold(step.job_id)
        # The lease is compared too: the holder may have renewed it since we looked.
        moved = Step.objects.filter(
            pk=step.pk, fence=step.fence, state=step.state, lease_expires_at=step.lease_expires_at
        ).update(
            state=StepState.FAILED,
            lease_expires_at=None,
            finished_at=timezone.now(),
            log=with_entries(step.log, [entry], attempt=step.attempts),
        )
        if moved:
            after_failed_step(step.pk, code=code, detail=detail)
    return bool(moved)


def after_failed_step(step_id: int, *, code: str, detail: str) -> None:
    """Goes on without an optional step; any other takes its job along. For who holds the job's row."""
    step = Step.objects.select_related("job__content").get(pk=step_id)
    if step.is_optional:
        log.warning("the job goes on without this step", job=step.job.public_id, step=step.name, code=code)
        stages.advance(step.job_id)
        tell(step.job)
    else:
        fail_job(step.job_id, code=code, detail=detail)


def with_entries(
    log: Sequence[dict[str, Any]], entries: Sequence[Mapping[str, Any]], *, attempt: int
) -> list[dict[str, Any]]:
    """What can be read of a step afterwards, so much longer; the oldest of too many go."""
    stamp = {"attempt": attempt, "at": timezone.now().isoformat(timespec="seconds")}
    return [*log, *({**stamp, **entry} for entry in entries)][-LOG_ENTRIES:]


def fail_job(job_id: int, *, code: str, detail: str) -> None:
    """Ends the job with a reason and tells its kind, in the transaction of who holds the job's row."""
    _end(job_id, "failed", code=code, detail=detail)


def cancel_job(job_id: int, *, code: str = CANCELLED) -> None:
    """Ends the job because somebody wants it so; its kind hears of it as of a failure with that code."""
    _end(job_id, "cancelled", code=code, detail="")


def _end(job_id: int, state: Literal["failed", "cancelled"], *, code: str, detail: str) -> None:
    now = timezone.now()
    Step.objects.filter(job_id=job_id, state__in=steps_that_may_become("cancelled")).update(
        state=StepState.CANCELLED, lease_expires_at=None, finished_at=now
    )
    ended = Job.objects.filter(pk=job_id, state__in=jobs_that_may_become(state)).update(
        state=state, error_code=code, error_detail=detail, finished_at=now
    )
    job = Job.objects.select_related("content").get(pk=job_id)
    if ended:
        _tell_kind(job, code)
    tell(job)
    log.warning("job has ended early", job=job.public_id, kind=job.kind, code=code, detail=detail[-500:])


def _tell_kind(job: Job, code: str) -> None:
    """A hook that breaks must not keep a dead job alive: it would stand at the head of its lane for ever."""
    hook = failure_hook(job.kind)
    if hook is None:
        return
    try:
        with transaction.atomic():
            hook(job, code)
    except OperationalError:
        raise  # the database is away or busy: nothing of this has happened, and it will be tried again
    except Exception:
        log.exception("the kind could not act on its job's failure", job=job.public_id, kind=job.kind, code=code)


def tell(job: Job) -> None:
    """Lets whoever watches the job's item look again, on commit."""
    if job.content is not None:
        live.item_changed(job.content.public_id)
