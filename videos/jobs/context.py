"""What a step's function is given: its job, a folder, and ways to say how far it is and to hear that it must stop."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any  # parameters, results and details are JSON objects

import structlog
from django.db import DatabaseError

from videos.errors import VideoError
from videos.jobs import leases, worker
from videos.jobs.ending import tell
from videos.jobs.errors import LeaseLost, StepStopped
from videos.jobs.keeper import LeaseKeeper
from videos.jobs.queue import Claim
from videos.models import ContentMain, Job, Step, StepState
from videos.pipeline.witness import Ran

log = structlog.get_logger(__name__)

REPORT_EVERY_SECONDS = 0.5
STDERR_CHARACTERS = 4000
ARGUMENT_CHARACTERS = 4000
COMMANDS = 20  # kept of one attempt


class StepContext:
    """One attempt at one step.

    `scratch` is an empty folder of this attempt's own, removed afterwards whatever happens. `results` holds what the
    earlier steps returned, by their names; of several of one name the last, so ask `results_of` for those. `parameters`
    are the job's; the step's own are `step.parameters`."""

    def __init__(self, *, claim: Claim, step: Step, keeper: LeaseKeeper, scratch: Path) -> None:
        self.claim = claim
        self.step = step
        self.job: Job = step.job
        self.parameters: dict[str, Any] = step.job.parameters
        self.scratch = scratch
        self._returned: list[tuple[str, dict[str, Any]]] = list(
            Step.objects.filter(job=step.job, state=StepState.DONE).order_by("position").values_list("name", "result")
        )
        self.results: dict[str, dict[str, Any]] = dict(self._returned)
        self._keeper = keeper
        self._reported_at = -REPORT_EVERY_SECONDS
        self._detail: dict[str, Any] = {}
        self._also: Callable[[], None] | None = None
        self._take_backs: list[Callable[[], None]] = []
        self._commands: deque[dict[str, Any]] = deque(maxlen=COMMANDS)

    @property
    def content(self) -> ContentMain:
        """The item as the database has it now. Raises LeaseLost if it was deleted, and the job with it."""
        content = ContentMain.objects.filter(jobs=self.job).first()
        if content is None:
            raise LeaseLost
        return content

    def results_of(self, name: str) -> list[dict[str, Any]]:
        """What each earlier step of that name returned, in order of position."""
        return [result for each, result in self._returned if each == name]

    def should_stop(self) -> bool:
        """True once the lease is lost (taken, cancelled, deleted) or the worker is going: end children, and leave by
        `stop_if_asked()` or any other exception. To be asked several times a second; costs nothing."""
        return self._keeper.is_lost or worker.is_going()

    def raise_if_lost(self) -> None:
        """For the runner: raises LeaseLost when nothing may be written any more."""
        if self._keeper.is_lost:
            raise LeaseLost

    def stop_if_asked(self) -> None:
        """Raises StepStopped when `should_stop()`."""
        if self.should_stop():
            raise StepStopped

    def report(
        self, fraction: float, seconds_left: float | None = None, detail: Mapping[str, Any] | None = None
    ) -> None:
        """How far this step is, 0 to 1; call it as often as you like. `detail["rungs"]` may hold [{label, percent}]."""
        self._detail = dict(detail) if detail is not None else self._detail
        if time.monotonic() - self._reported_at < REPORT_EVERY_SECONDS:
            return
        self._reported_at = time.monotonic()
        try:
            is_ours = leases.report(
                self.claim, progress=min(max(fraction, 0.0), 1.0), seconds_left=seconds_left, detail=self._detail
            )
        except DatabaseError as error:  # a lost line of progress is no reason to lose the work
            log.warning("progress could not be written", step=self.step.pk, error=str(error))
            return
        if is_ours:
            tell(self.job)
        else:
            self._keeper.mark_lost()

    def note_command(self, ran: Ran) -> None:
        """For the runner: keeps a command that was run, to be read with the job afterwards."""
        self._commands.append(
            {
                "argv": [word[:ARGUMENT_CHARACTERS] for word in ran.argv],
                "seconds": round(ran.seconds, 3),
                "stderr": ran.stderr_tail[-STDERR_CHARACTERS:],
                "exit_code": ran.exit_code,
                "max_rss_bytes": ran.max_rss_bytes or None,
            }
        )

    @property
    def commands(self) -> list[dict[str, Any]]:
        """Entries for the step's log: the last COMMANDS of this attempt."""
        return list(self._commands)

    def fenced(self) -> AbstractContextManager[None]:
        """`with context.fenced():` is a transaction that commits only while this attempt holds the lease
        (LeaseLost)."""
        return leases.fenced(self.claim)

    def on_finish(self, function: Callable[[], None]) -> None:
        """`function` runs in the very transaction that ends this step well: it happens exactly once, or not at all."""
        self._also = function

    def unless_finished(self, function: Callable[[], None]) -> None:
        """`function` takes back what the step is about to put where others find it. It runs when this attempt ends in
        any way but well: lost, stopped, failed. It must not mind when there is nothing to take back."""
        self._take_backs.append(function)

    def take_back(self) -> None:
        """For the runner, after an attempt that did not end well. In doubt (a connection lost during COMMIT) what was
        made stays: the sweep finds it later."""
        try:
            if not self._take_backs or leases.has_finished(self.claim):
                return
        except DatabaseError as error:
            log.warning("nobody knows whether the step has ended", step=self.step.pk, error=str(error))
            return
        for function in self._take_backs:
            try:
                function()
            except VideoError as error:
                log.warning("what the step has made could not be taken back", step=self.step.pk, error=str(error))

    def finish(self, result: Mapping[str, Any]) -> None:
        """For the runner: ends the step with what its function returned. Raises LeaseLost."""
        leases.finish_step(self.claim, result, detail=self._detail, also=self._also, entries=self.commands)
