"""Whatever workers, clocks and people do in any order, a job ends in one of its ends and no step is ever held twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.models import User
from tests.videos.jobs.conftest import KIND
from videos.errors import WrongJobState
from videos.jobs import control, leases, reaper, stages
from videos.jobs.errors import LeaseLost, Reason
from videos.jobs.queue import Claim, StepPlan, add_steps, claim_next, create_job
from videos.jobs.states import JOB_MOVES, MAX_ATTEMPTS, STEP_MOVES, JobWord, StepWord
from videos.models import Job, JobState, Lane, Step, StepState

CLAIMS = st.integers(0, 50)
COMMANDS = [control.pause, control.resume, control.cancel, control.retry]


class Queue(RuleBasedStateMachine):
    """Workers with old and new claims, a clock that moves on, a person who cancels; the rows are judged after each
    act."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.person = User.objects.create_superuser(username="steers", password="x")
        self.now: datetime = timezone.now()
        self.claims: list[Claim] = []
        self.steps: dict[int, tuple[str, int]] = {}
        self.jobs: dict[int, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @rule(
        places=st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=4),
        priority=st.sampled_from([10, 100]),
    )
    def somebody_uploads(self, places: list[tuple[int, bool]], priority: int) -> None:
        plans = [
            StepPlan(f"s{number}", Lane.QUICK, stage=stage, is_optional=is_optional)
            for number, (stage, is_optional) in enumerate(places)
        ]
        create_job(owner=None, content=None, kind=KIND, parameters={}, steps=plans, priority=priority)

    @rule()
    def a_worker_claims(self) -> None:
        claimed = claim_next(lane=Lane.QUICK, worker=f"far:away:{len(self.claims)}:1", now=self.now)
        if claimed is not None:
            self.claims.append(claimed)

    def _any(self, number: int) -> Claim:
        return self.claims[number % len(self.claims)]

    @precondition(lambda self: self.claims)
    @rule(number=CLAIMS, more=st.integers(0, 2))
    def some_worker_finishes(self, number: int, more: int) -> None:
        claimed = self._any(number)
        is_holder = self._holds(claimed)
        stage = 1 + Step.objects.get(pk=claimed.step_id).stage
        parts = [StepPlan("part", Lane.QUICK, stage=stage)] * more
        try:
            leases.finish_step(
                claimed, {"fence": claimed.fence}, also=lambda: add_steps(job_id=claimed.job_id, plans=parts)
            )
        except LeaseLost:
            assert not is_holder
        else:
            assert is_holder

    @precondition(lambda self: self.claims)
    @rule(number=CLAIMS, is_retryable=st.booleans())
    def some_worker_fails(self, number: int, is_retryable: bool) -> None:
        claimed = self._any(number)
        is_holder = self._holds(claimed)
        try:
            leases.fail_step(claimed, Reason("crashed", "", is_retryable))
        except LeaseLost:
            assert not is_holder
        else:
            assert is_holder

    @precondition(lambda self: self.claims)
    @rule(number=CLAIMS)
    def some_worker_gives_back(self, number: int) -> None:
        try:
            leases.give_back(self._any(number))
        except LeaseLost:
            return

    @precondition(lambda self: self.claims)
    @rule(number=CLAIMS)
    def a_worker_dies(self, number: int) -> None:
        expired = timezone.now() - timedelta(seconds=1)
        Step.objects.filter(pk=self._any(number).step_id, state=StepState.RUNNING).update(lease_expires_at=expired)

    @rule()
    def the_reaper_comes(self) -> None:
        reaper.reap()

    @rule(seconds=st.sampled_from([1, 10, 100]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(number=st.integers(0, 5), command=st.sampled_from(COMMANDS))
    def a_person_steers(self, number: int, command: Callable[..., Job]) -> None:
        jobs = list(Job.objects.order_by("pk"))
        if not jobs:
            return
        job = jobs[number % len(jobs)]
        before = list(job.steps.values())
        try:
            command(job=job, actor=self.person)
        except WrongJobState:
            assert list(job.steps.values()) == before

    def _holds(self, claimed: Claim) -> bool:
        return Step.objects.filter(pk=claimed.step_id, state=StepState.RUNNING, fence=claimed.fence).exists()

    @invariant()
    def every_move_is_a_legal_one(self) -> None:
        for step in Step.objects.all():
            before, fence = self.steps.get(step.pk, (step.state, 0))
            # One act may make several moves (retried and queued at once), never out of what is done.
            assert step.state == before or STEP_MOVES[cast("StepWord", before)]
            assert step.fence >= fence
            assert step.attempts <= MAX_ATTEMPTS
            self.steps[step.pk] = (step.state, step.fence)
        for job in Job.objects.all():
            before = self.jobs.get(job.pk, job.state)
            assert job.state == before or job.state in JOB_MOVES[cast("JobWord", before)]
            self.jobs[job.pk] = job.state

    @invariant()
    def a_job_and_its_steps_agree(self) -> None:
        for job in Job.objects.all():
            steps = list(job.steps.all())
            needed = {step.state for step in steps if not step.is_optional}
            optional = {step.state for step in steps if step.is_optional}
            states = needed | optional
            match job.state:
                case JobState.DONE:
                    assert needed <= {StepState.DONE}
                    assert optional <= {StepState.DONE, StepState.FAILED}
                case JobState.FAILED:
                    assert StepState.FAILED in needed
                    assert states <= {StepState.DONE, StepState.FAILED, StepState.CANCELLED}
                    assert job.error_code
                case JobState.CANCELLED:
                    assert needed <= {StepState.DONE, StepState.CANCELLED}
                    assert optional <= {StepState.DONE, StepState.CANCELLED, StepState.FAILED}
                case _:
                    self._one_stage_is_open(steps)
                    assert job.state != JobState.PAUSED or StepState.RUNNING not in states

    def _one_stage_is_open(self, steps: list[Step]) -> None:
        """Never stuck: something of it is always to be done, and it is all of the earliest stage that is left."""
        present = {step.stage for step in steps if step.state in {StepState.QUEUED, StepState.RUNNING}}
        assert len(present) == 1
        (stage,) = present
        before = {step.state for step in steps if step.stage < stage}
        assert before <= {StepState.DONE, StepState.FAILED}
        assert StepState.WAITING not in {step.state for step in steps if step.stage == stage}
        assert {step.state for step in steps if step.stage > stage} <= {StepState.WAITING}


@pytest.mark.django_db
def test_no_order_of_events_breaks_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (reaper, stages):
        monkeypatch.setattr(module, "ring", lambda _lane: None)  # nobody is there to hear it
    run_state_machine_as_test(Queue, settings=settings(max_examples=8, stateful_step_count=40, deadline=None))
