"""Runs steps: claims from a lane until nothing is left, and turns whatever a step does into a result, another attempt
or a reason."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar  # results are JSON objects

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from videos import storage
from videos.jobs import leases, reaper, worker
from videos.jobs.context import StepContext
from videos.jobs.errors import LeaseLost, reason_of
from videos.jobs.keeper import LeaseKeeper
from videos.jobs.queue import Claim, claim_next
from videos.jobs.registry import register, register_failure, step_function
from videos.jobs.sweeper import earlier_attempts, scratch_folder
from videos.models import Lane, Step
from videos.pipeline.witness import witnessed

__all__ = ["StepContext", "drain", "register", "register_failure", "run_step"]

log = structlog.get_logger(__name__)

DATABASE_PATIENCE_SECONDS = 60.0
SIGNAL_SECONDS = 0.3
FOLDER_TRIES = 20
_DATABASE_AWAY = (OperationalError, InterfaceError)
T = TypeVar("T")


def drain(lane: str) -> int:
    """Claims and runs the lane's steps until nothing is left or this worker is to end. Returns how many it ran."""
    ran = 0
    try:
        while not worker.is_going():
            close_old_connections()
            reaper.reap_when_due()  # a busy slot never gets to the reaper's own task
            if lane == Lane.ENCODE and storage.is_short():
                log.warning("free space is below the reserve: what would take much of it waits", lane=lane)
                break  # no attempt is counted, and the reaper rings again
            claim = claim_next(lane=lane, worker=worker.this_worker())
            if claim is None:
                break
            run_step(claim)
            ran += 1
    except _DATABASE_AWAY as error:
        log.warning("the database does not answer; the next ring tries again", lane=lane, error=str(error))
    return ran


def run_step(claim: Claim) -> None:
    """Runs one claimed step to whatever end. Errors of the step do not leave this function."""
    step = Step.objects.select_related("job__content", "job__owner").filter(pk=claim.step_id, fence=claim.fence).first()
    if step is None:
        return  # deleted between claim and now
    with structlog.contextvars.bound_contextvars(job=step.job.public_id, step=step.name, attempt=claim.attempt):
        try:
            with LeaseKeeper(claim) as keeper, _scratch(step) as folder:
                _attempt(StepContext(claim=claim, step=step, keeper=keeper, scratch=folder))
        except LeaseLost:
            log.info("the step is no longer ours; its result is refused")


def _attempt(context: StepContext) -> None:
    try:
        _run_and_judge(context)
    except (SystemExit, KeyboardInterrupt):  # a signal straight to this process unwinds the step
        context.take_back()
        with suppress(LeaseLost):
            leases.give_back(context.claim, entries=context.commands)
        raise


def _run_and_judge(context: StepContext) -> None:
    started = time.monotonic()
    try:
        with witnessed(context.note_command):
            result: Mapping[str, Any] | None = step_function(context.job.kind, context.step.name)(context)
        _persistently(lambda: context.finish(result or {}))
    except LeaseLost:
        context.take_back()
        raise
    except Exception as error:  # noqa: BLE001 -- the one place where any error of a step becomes a reason
        context.take_back()
        _left_by(context, error)
    else:
        log.info("step done", seconds=round(time.monotonic() - started, 3))


def _left_by(context: StepContext, error: Exception) -> None:
    """After an exception: nothing to write if the lease is lost, no attempt counted if the worker goes, else a
    reason."""
    reason = reason_of(error)
    if reason.is_retryable and not worker.is_going():
        time.sleep(SIGNAL_SECONDS)  # a service manager signals ffmpeg together with us, and its death arrives first
    if worker.is_going():
        _persistently(lambda: leases.give_back(context.claim, entries=context.commands))
        log.info("step given back")
        return
    context.raise_if_lost()
    is_ours = reason.code == "internal_error"
    log.warning("step failed", code=reason.code, detail=reason.detail[-500:], exc_info=error if is_ours else None)
    will_retry = _persistently(lambda: leases.fail_step(context.claim, reason, entries=context.commands))
    log.info("step will be tried again" if will_retry else "step is given up", code=reason.code)


def _persistently(write: Callable[[], T]) -> T:
    """Outlives a restart of the database: what minutes of work have made is not thrown away for it. The fence makes a
    repetition harmless."""
    until = time.monotonic() + DATABASE_PATIENCE_SECONDS
    while True:
        try:
            return write()
        except _DATABASE_AWAY as error:
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            log.warning("the database does not answer; waiting", error=str(error))
            time.sleep(1)
            close_old_connections()


@contextmanager
def _scratch(step: Step) -> Iterator[Path]:
    """The attempt's own folder, gone afterwards; the job's goes with the last one in it."""
    for leftover in earlier_attempts(step):  # one that was killed here; its space is needed
        shutil.rmtree(leftover, ignore_errors=True)
    folder = _made(scratch_folder(step))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # steps beside this one still work in it
            folder.parent.rmdir()


def _made(folder: Path) -> Path:
    """The folder, new. A step of the same job that ends at this moment may take the job's folder away under us."""
    for _ in range(FOLDER_TRIES):
        with suppress(FileNotFoundError):
            folder.mkdir(parents=True)
            return folder
    raise FileNotFoundError(folder)
