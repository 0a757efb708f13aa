"""Whatever workers, clocks and people do in any order, a job ends in one of its ends and no step is ever held twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.videos.jobs.conftest import KIND, cancel
from videos.jobs import leases, reaper
from videos.jobs.errors import LeaseLost, Reason
from videos.jobs.queue import Claim, StepPlan, claim_next, create_job
from videos.jobs.states import JOB_MOVES, MAX_ATTEMPTS, STEP_MOVES, JobWord, StepWord
from videos.models import Job, JobState, Lane, Step, StepState

CLAIMS = st.integers(0, 50)


class Queue(RuleBasedStateMachine):
    """Workers with old and new claims, a clock that moves on, a person who cancels; the rows are judged after each
    act."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.now: datetime = timezone.now()
        self.claims: list[Claim] = []
        self.steps: dict[int, tuple[str, int]] = {}
        self.jobs: dict[int, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @rule(steps=st.integers(1, 3), priority=st.sampled_from([10, 100]))
    def somebody_uploads(self, steps: int, priority: int) -> None:
        plans = [StepPlan(f"s{number}", Lane.QUICK, stage=number) for number in range(steps)]
        create_job(owner=None, content=None, kind=KIND, parameters={}, steps=plans, priority=priority)

    @rule()
    def a_worker_claims(self) -> None:
        claimed = claim_next(lane=Lane.QUICK, worker=f"far:away:{len(self.claims)}:1", now=self.now)
        if claimed is not None:
            self.claims.append(claimed)

    def _any(self, number: int) -> Claim:
        return self.claims[number % len(self.claims)]

    @precondition(lambda self: self.claims)
    @rule(number=CLAIMS)
    def some_worker_finishes(self, number: int) -> None:
        claimed = self._any(number)
        is_holder = self._holds(claimed)
        try:
            leases.finish_step(claimed, {"fence": claimed.fence})
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

    @rule(number=st.integers(0, 5))
    def a_person_cancels(self, number: int) -> None:
        jobs = list(Job.objects.all())
        if jobs:
            cancel(jobs[number % len(jobs)])

    def _holds(self, claimed: Claim) -> bool:
        return Step.objects.filter(pk=claimed.step_id, state=StepState.RUNNING, fence=claimed.fence).exists()

    @invariant()
    def every_move_is_a_legal_one(self) -> None:
        for step in Step.objects.all():
            before, fence = self.steps.get(step.pk, (step.state, 0))
            # One act may make several moves (retried and claimed again), never out of an end.
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
            states = [step.state for step in job.steps.order_by("position")]
            open_steps = [state for state in states if state in {StepState.QUEUED, StepState.RUNNING}]
            match job.state:
                case JobState.DONE:
                    assert set(states) == {StepState.DONE}
                case JobState.FAILED:
                    assert states.count(StepState.FAILED) == 1
                    assert not open_steps
                    assert StepState.WAITING not in states
                    assert job.error_code
                case JobState.CANCELLED:
                    assert set(states) <= {StepState.DONE, StepState.CANCELLED}
                case _:
                    assert len(open_steps) == 1  # never stuck: something of it is always to be done
                    done = states.index(open_steps[0])
                    assert set(states[:done]) <= {StepState.DONE}
                    assert set(states[done + 1 :]) <= {StepState.WAITING}


@pytest.mark.django_db
def test_no_order_of_events_breaks_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaper, "ring", lambda _lane: None)  # nobody is there to hear it
    run_state_machine_as_test(Queue, settings=settings(max_examples=8, stateful_step_count=30, deadline=None))
