"""Jobs of a kind that exists only in tests: each test registers what its steps do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from tests.videos.factories import make_video
from videos.jobs import registry
from videos.jobs.queue import Claim, StepPlan, claim_next, create_job
from videos.jobs.states import jobs_that_may_become, steps_that_may_become
from videos.models import ContentMain, ContentStatus, Job, JobState, Lane, Step, StepState

KIND = "drill"
MakeJob = Callable[..., Job]


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is forgotten after it."""
    monkeypatch.setattr(registry, "_steps", dict(registry._steps))
    monkeypatch.setattr(registry, "_failure_hooks", dict(registry._failure_hooks))


@pytest.fixture
def video(owner: User) -> ContentMain:
    """An item that is being made."""
    return make_video(owner, status=ContentStatus.PROCESSING)


@pytest.fixture
def make_job(owner: User) -> MakeJob:
    """`make_job("a", "b", owner=…, lane=…, priority=…)`: a job of those steps, one after the other."""

    def make(
        *names: str,
        owner: User | None = owner,
        lane: Lane = Lane.QUICK,
        priority: int = 100,
        content: ContentMain | None = None,
        weights: Sequence[float] = (),
    ) -> Job:
        plans = [
            StepPlan(name, lane, weights[index] if weights else 1.0, stage=index)
            for index, name in enumerate(names or ("only",))
        ]
        return create_job(owner=owner, content=content, kind=KIND, parameters={}, steps=plans, priority=priority)

    return make


def claim(lane: Lane = Lane.QUICK, worker: str = "somewhere:else:1:1") -> Claim:
    """The next step of the lane, which must be there. The worker is one that nobody here can ask about."""
    claimed = claim_next(lane=lane, worker=worker)
    assert claimed is not None
    return claimed


def expire(claimed: Claim) -> None:
    """Lets the lease run out, as when its worker was cut off for half a minute."""
    Step.objects.filter(pk=claimed.step_id).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def cancel(job: Job) -> None:
    """Ends the job and its steps under whoever works on it, as the states allow it."""
    steps = Step.objects.filter(job=job, state__in=steps_that_may_become("cancelled"))
    steps.update(state=StepState.CANCELLED, lease_expires_at=None)
    Job.objects.filter(pk=job.pk, state__in=jobs_that_may_become("cancelled")).update(state=JobState.CANCELLED)


def step_of(claimed: Claim) -> Step:
    """The claimed step as the database has it."""
    return Step.objects.get(pk=claimed.step_id)
