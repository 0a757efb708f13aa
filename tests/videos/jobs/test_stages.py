"""Steps side by side: a stage begins when all before it has ended, once, whoever ends last."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import User
from tests.videos.jobs.conftest import KIND, claim, expire
from videos.jobs import leases, reaper, stages
from videos.jobs.context import StepContext
from videos.jobs.errors import LeaseLost, Reason
from videos.jobs.queue import Claim, StepPlan, add_steps, claim_next, create_job
from videos.jobs.runner import drain, register
from videos.models import Job, JobState, Lane, Step, StepState

pytestmark = pytest.mark.database

FINAL = Reason("corrupt", "no frame", is_retryable=False)
MakePlans = Callable[..., Job]


@pytest.fixture
def plan(owner: User) -> MakePlans:
    """`plan(StepPlan(…), …)`: a job of exactly these steps."""

    def make(*plans: StepPlan) -> Job:
        return create_job(owner=owner, content=None, kind=KIND, parameters={}, steps=plans)

    return make


def quick(name: str, stage: int, *, is_optional: bool = False) -> StepPlan:
    return StepPlan(name, Lane.QUICK, stage=stage, is_optional=is_optional)


def states(job: Job) -> dict[str, str]:
    return {f"{step.name}{step.position}": step.state for step in job.steps.all()}


@pytest.mark.django_db
def test_steps_of_one_stage_are_claimed_side_by_side_and_the_next_stage_waits_for_all(plan: MakePlans) -> None:
    job = plan(quick("poster", 0), quick("words", 0), quick("publish", 1))
    first, second = claim(), claim()
    assert claim_next(lane=Lane.QUICK, worker="w") is None
    leases.finish_step(second, {})
    assert states(job) == {"poster0": "running", "words1": "done", "publish2": "waiting"}
    leases.finish_step(first, {})
    assert states(job)["publish2"] == "queued"
    leases.finish_step(claim(), {})
    job.refresh_from_db()
    assert job.state == JobState.DONE


@pytest.mark.django_db
def test_stages_may_have_gaps(plan: MakePlans) -> None:
    job = plan(quick("look", 2), quick("publish", 9))
    leases.finish_step(claim(), {})
    assert states(job) == {"look0": "done", "publish1": "queued"}


@pytest.mark.django_db
def test_a_step_adds_others_behind_those_that_stand(plan: MakePlans) -> None:
    job = plan(quick("plan", 0), quick("join", 5))
    parts = [StepPlan("part", Lane.ENCODE, 2.0, stage=3, parameters={"number": number}) for number in range(2)]
    leases.finish_step(claim(), {}, also=lambda: add_steps(job_id=job.pk, plans=parts))
    assert states(job) == {"plan0": "done", "part2": "queued", "part3": "queued", "join1": "waiting"}
    added = [(step.parameters, step.weight, step.lane) for step in job.steps.filter(name="part")]
    assert added == [({"number": 0}, 2.0, "encode"), ({"number": 1}, 2.0, "encode")]
    for _ in parts:
        leases.finish_step(claim(Lane.ENCODE), {})
    assert states(job)["join1"] == "queued"


@pytest.mark.django_db
def test_the_last_step_may_add_others_before_the_job_has_ended(plan: MakePlans) -> None:
    job = plan(quick("plan", 0))
    leases.finish_step(claim(), {}, also=lambda: add_steps(job_id=job.pk, plans=[quick("more", 1)]))
    job.refresh_from_db()
    assert (job.state, states(job)) == (JobState.RUNNING, {"plan0": "done", "more1": "queued"})


@pytest.mark.django_db
@pytest.mark.parametrize("stage", [0, 1])
def test_a_stage_that_has_begun_takes_no_more_steps(plan: MakePlans, stage: int) -> None:
    job = plan(quick("look", 0), quick("plan", 1))
    leases.finish_step(claim(), {})
    claimed = claim()
    with pytest.raises(ValueError, match="stage 1 has begun"):
        leases.finish_step(claimed, {}, also=lambda: add_steps(job_id=job.pk, plans=[quick("late", stage)]))
    assert states(job) == {"look0": "done", "plan1": "running"}


@pytest.mark.django_db(transaction=True)
def test_each_lane_that_got_a_step_is_rung_once(plan: MakePlans, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr(stages, "ring", heard.append)
    job = plan(quick("plan", 0))
    parts = [StepPlan("part", Lane.ENCODE, stage=1)] * 3
    heard.clear()
    leases.finish_step(claim(), {}, also=lambda: add_steps(job_id=job.pk, plans=[*parts, quick("words", 1)]))
    assert heard == ["encode", "quick"]


@pytest.mark.django_db
def test_an_optional_step_that_fails_is_left_out_and_keeps_its_reason(plan: MakePlans) -> None:
    job = plan(quick("words", 0, is_optional=True), quick("publish", 1))
    assert not leases.fail_step(claim(), FINAL)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.RUNNING, "")
    assert states(job) == {"words0": "failed", "publish1": "queued"}
    assert job.steps.get(name="words").log[-1]["error"] == "corrupt"
    leases.finish_step(claim(), {})
    job.refresh_from_db()
    assert job.state == JobState.DONE


@pytest.mark.django_db
def test_an_optional_step_whose_workers_died_is_left_out_too(plan: MakePlans) -> None:
    job = plan(quick("storyboard", 0, is_optional=True))
    for _ in range(3):
        expire(claim())
        reaper.reap()
    job.refresh_from_db()
    assert (job.state, states(job)) == (JobState.DONE, {"storyboard0": "failed"})
    assert job.steps.get().log[-1]["error"] == "crashed_repeatedly"


@pytest.mark.django_db
def test_a_step_that_is_needed_takes_those_beside_it_along(plan: MakePlans) -> None:
    job = plan(quick("part", 0), quick("part", 0), quick("join", 1))
    failing, beside = claim(), claim()
    leases.fail_step(failing, FINAL)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert states(job) == {"part0": "failed", "part1": "cancelled", "join2": "cancelled"}
    assert not leases.renew(beside)


@pytest.mark.django_db(transaction=True)
def test_later_steps_get_what_each_of_one_name_returned_in_order(plan: MakePlans) -> None:
    heard: list[object] = []
    register(KIND, "part")(lambda context: {"number": context.step.parameters["number"]})
    register(KIND, "join")(lambda context: heard.append(context.results_of("part")))
    parts = [StepPlan("part", Lane.QUICK, parameters={"number": number}) for number in range(3)]
    job = plan(*parts, quick("join", 1))
    assert drain(Lane.QUICK) == 4
    assert heard == [[{"number": 0}, {"number": 1}, {"number": 2}]]
    assert Job.objects.get(pk=job.pk).state == JobState.DONE


@pytest.mark.django_db(transaction=True)
def test_steps_beside_each_other_leave_each_others_folders_alone(plan: MakePlans) -> None:
    """Two parts of one name, the second run while the first has written half of its work; then the first again."""
    plan(quick("part", 0), quick("part", 0))
    kept: list[Path] = []

    def work(context: StepContext) -> None:
        (context.scratch / "segment").write_bytes(b"x")
        if context.step.position == 0 and not kept:
            kept.append(context.scratch / "segment")
            drain(Lane.QUICK)  # another slot takes the second part, which ends while this one works
            assert kept[0].exists()

    register(KIND, "part")(work)
    drain(Lane.QUICK)
    assert [(step.state, step.attempts) for step in Step.objects.all()] == [(StepState.DONE, 1)] * 2
    assert not kept[0].parent.parent.exists()


def at_the_same_moment(*acts: Callable[[], object]) -> None:
    """Each in a thread with a connection of its own."""
    start = threading.Barrier(len(acts))
    faults: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait()
            act()
        except BaseException as error:  # noqa: BLE001 -- shown by the assertion below
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


@pytest.mark.django_db(transaction=True)
def test_two_that_end_at_the_same_moment_begin_the_next_stage_once(
    plan: MakePlans, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(stages, "ring", heard.append)
    job = plan(quick("part", 0), quick("part", 0), quick("join", 1))
    heard.clear()
    first, second = claim(), claim()
    both_have_ended = threading.Barrier(2, timeout=1)

    def meet() -> None:
        """Where the database lets both in, neither sees the other's end before it looks for the next stage."""
        try:
            both_have_ended.wait()
        except threading.BrokenBarrierError:
            return  # it lets one in at a time

    def finish(claimed: Claim) -> Callable[[], None]:
        return lambda: leases.finish_step(claimed, {}, also=meet)

    at_the_same_moment(finish(first), finish(second))
    assert states(job) == {"part0": "done", "part1": "done", "join2": "queued"}
    assert heard == ["quick"]


@pytest.mark.django_db(transaction=True)
def test_an_end_and_a_failure_at_the_same_moment_leave_nothing_behind(plan: MakePlans) -> None:
    job = plan(quick("part", 0), quick("part", 0), quick("join", 1))
    first, second = claim(), claim()

    def fail() -> None:
        leases.fail_step(second, FINAL)

    def finish() -> None:
        try:
            leases.finish_step(first, {})
        except LeaseLost:
            return  # the failure came first

    at_the_same_moment(finish, fail)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert set(states(job).values()) <= {"done", "failed", "cancelled"}


@pytest.mark.django_db(transaction=True)
def test_many_workers_end_a_job_of_many_parts_once(plan: MakePlans) -> None:
    plans = [StepPlan("part", Lane.QUICK, stage=stage) for stage in range(3) for _ in range(6)]
    job = plan(*plans)
    until = timezone.now() + timedelta(seconds=60)

    def work() -> None:
        while Job.objects.get(pk=job.pk).state != JobState.DONE and timezone.now() < until:
            claimed = claim_next(lane=Lane.QUICK, worker="w")
            if claimed is not None:
                leases.finish_step(claimed, {})

    at_the_same_moment(*[work] * 4)
    assert Job.objects.get(pk=job.pk).state == JobState.DONE
    assert set(Step.objects.values_list("state", "attempts", "fence")) == {("done", 1, 1)}
