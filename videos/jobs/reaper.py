"""Takes steps back from workers that died, and rings again for work that nobody has come for."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from videos.jobs import clock, turns, worker
from videos.jobs.bell import ring
from videos.jobs.ending import give_up, tell
from videos.jobs.states import MAX_ATTEMPTS
from videos.models import Lane, Step, StepState

log = structlog.get_logger(__name__)

REAP_EVERY_SECONDS = 5.0
# A laptop that was shut wakes up with every lease expired. A worker that lives on this machine renews within seconds.
GRACE_FOR_THE_LIVING = timedelta(seconds=60)

_last_reaped_at = float("-inf")


def reap_when_due() -> None:
    """`reap`, at most every 5 s in this process."""
    global _last_reaped_at  # noqa: PLW0603 -- a clock of the process
    if time.monotonic() - _last_reaped_at >= REAP_EVERY_SECONDS:
        _last_reaped_at = time.monotonic()
        reap()


def reap() -> int:
    """Takes back what dead workers hold and rings the lanes that have work. Returns how many steps it took back. Any
    number may run at once, on any machine."""
    now = clock.now()
    taken = sum(
        _take_back(step, now) for step in Step.objects.filter(state=StepState.RUNNING) if _is_abandoned(step, now)
    )
    for lane in Lane.values:
        if turns.claimable(lane=lane, now=now).exists():
            ring(lane)
    return taken


def _is_abandoned(step: Step, now: datetime) -> bool:
    is_alive = worker.is_alive(step.worker)
    if is_alive is False:
        return True
    expires_at = step.lease_expires_at or now
    return expires_at + (GRACE_FOR_THE_LIVING if is_alive else timedelta()) < now


def _take_back(step: Step, now: datetime) -> bool:
    facts = {"step": step.pk, "name": step.name, "attempt": step.attempts, "worker": step.worker}
    if step.attempts >= MAX_ATTEMPTS:
        given_up = give_up(
            step, code="crashed_repeatedly", detail=f"every attempt ended with its worker, last: {step.worker}"
        )
        if given_up:
            log.warning("step is given up: its workers died", **facts)
        return given_up
    with transaction.atomic():
        # The lease is compared too: the holder may have renewed it since we looked.
        moved = Step.objects.filter(
            pk=step.pk, fence=step.fence, state=StepState.RUNNING, lease_expires_at=step.lease_expires_at
        ).update(state=StepState.QUEUED, lease_expires_at=None, queued_at=now)
        if moved:
            tell(step.job)
    if moved:
        log.warning("step taken back from a dead worker", **facts)
    return bool(moved)
