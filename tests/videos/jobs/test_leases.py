"""What a holder may do, and what a worker that lost its lease may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError, connection
from django.utils import timezone

from tests.videos.jobs.conftest import KIND, MakeJob, cancel, claim, expire, step_of
from videos.jobs import ending, leases, reaper
from videos.jobs.errors import LeaseLost, Reason
from videos.jobs.queue import Claim, claim_next
from videos.jobs.registry import register_failure
from videos.models import ContentMain, Job, JobState, Lane, Step, StepState

pytestmark = [pytest.mark.django_db, pytest.mark.database]

PASSING = Reason("storage_unavailable", "the bucket is asleep", is_retryable=True)
FINAL = Reason("not_a_video", "moov atom not found", is_retryable=False)


def test_renewing_moves_the_end_of_the_lease(make_job: MakeJob) -> None:
    make_job()
    claimed = claim()
    expire(claimed)
    assert leases.renew(claimed)
    lease_expires_at = step_of(claimed).lease_expires_at
    assert lease_expires_at is not None
    assert lease_expires_at > timezone.now() + timedelta(seconds=20)


def test_a_finished_step_hands_on_to_the_next_and_the_last_one_ends_the_job(make_job: MakeJob) -> None:
    job = make_job("first", "second")
    leases.finish_step(claim(), {"frames": 250})
    assert [step.state for step in job.steps.all()] == [StepState.DONE, StepState.QUEUED]
    assert job.steps.get(name="first").result == {"frames": 250}
    leases.finish_step(claim(), {})
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert job.finished_at is not None


def test_what_belongs_to_the_end_happens_with_it_or_not_at_all(make_job: MakeJob) -> None:
    make_job("first", "second")
    claimed = claim()

    def fail() -> None:
        Job.objects.update(parameters={"half": True})
        raise RuntimeError("the disk went away")

    with pytest.raises(RuntimeError):
        leases.finish_step(claimed, {}, also=fail)
    assert step_of(claimed).state == StepState.RUNNING
    assert Job.objects.get().parameters == {}
    leases.finish_step(claimed, {}, also=lambda: None)
    assert step_of(claimed).state == StepState.DONE


def test_a_passing_fault_puts_the_step_back_for_later(make_job: MakeJob) -> None:
    make_job()
    claimed = claim()
    assert leases.fail_step(claimed, PASSING)
    step = step_of(claimed)
    assert (step.state, step.job.state) == (StepState.QUEUED, JobState.RUNNING)
    assert claim_next(lane=Lane.QUICK, worker="w") is None
    later = timezone.now() + timedelta(seconds=6)
    assert claim_next(lane=Lane.QUICK, worker="w", now=later) is not None


def test_the_third_passing_fault_is_final_and_says_why(make_job: MakeJob) -> None:
    job = make_job()
    for expected in (True, True, False):
        Step.objects.update(not_before=None)
        assert leases.fail_step(claim(), PASSING) is expected
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "storage_unavailable")
    assert job.error_detail == "the bucket is asleep"
    assert [entry["attempt"] for entry in job.steps.get().log] == [1, 2, 3]


def test_a_final_fault_ends_the_job_at_once_and_nothing_of_it_is_left_to_do(make_job: MakeJob) -> None:
    job = make_job("first", "second")
    assert not leases.fail_step(claim(), FINAL)
    assert [step.state for step in job.steps.all()] == [StepState.FAILED, StepState.CANCELLED]
    assert claim_next(lane=Lane.QUICK, worker="w") is None


def test_the_kind_hears_of_the_failure_in_the_same_transaction(make_job: MakeJob, video: ContentMain) -> None:
    heard: list[tuple[Job, str]] = []
    register_failure(KIND)(lambda job, code: heard.append((job, code)))
    job = make_job(content=video)
    leases.fail_step(claim(), FINAL)
    assert heard == [(job, "not_a_video")]


def test_a_hook_that_breaks_undoes_its_own_work_and_the_job_fails_all_the_same(make_job: MakeJob) -> None:
    def break_down(_job: Job, _code: str) -> None:
        Job.objects.update(parameters={"half": True})
        raise RuntimeError

    register_failure(KIND)(break_down)
    job = make_job()
    leases.fail_step(claim(), FINAL)
    job.refresh_from_db()
    assert (job.state, job.parameters) == (JobState.FAILED, {})


def test_a_database_that_is_busy_in_a_hook_puts_the_failure_off(make_job: MakeJob) -> None:
    def find_it_locked(_job: Job, _code: str) -> None:
        raise OperationalError("database is locked")

    register_failure(KIND)(find_it_locked)
    make_job()
    claimed = claim()
    with pytest.raises(OperationalError):
        leases.fail_step(claimed, FINAL)
    assert (step_of(claimed).state, Job.objects.get().state) == (StepState.RUNNING, JobState.RUNNING)


def test_giving_back_does_not_count_the_attempt(make_job: MakeJob) -> None:
    make_job()
    for _ in range(5):
        claimed = claim()
        assert claimed.attempt == 1
        leases.give_back(claimed)
    assert step_of(claimed).fence == 5


def taken_over(claimed: Claim) -> None:
    expire(claimed)
    reaper.reap()
    claim(worker="another:place:2:2")


def reaped(claimed: Claim) -> None:
    expire(claimed)
    reaper.reap()


def cancelled(claimed: Claim) -> None:
    cancel(Job.objects.get(pk=claimed.job_id))


def deleted(claimed: Claim) -> None:
    Job.objects.get(pk=claimed.job_id).delete()


def finished(claimed: Claim) -> None:
    leases.finish_step(claimed, {"by": "the first"})


ACTIONS: dict[str, Callable[[Claim], object]] = {
    "finish": lambda claimed: leases.finish_step(claimed, {"by": "a zombie"}, also=lambda: pytest.fail("was run")),
    "fail": lambda claimed: leases.fail_step(claimed, FINAL),
    "retry": lambda claimed: leases.fail_step(claimed, PASSING),
    "give back": leases.give_back,
    "log": lambda claimed: leases.append_to_log(claimed, [{"argv": ["ffmpeg"]}]),
    "fenced": lambda claimed: leases.fenced(claimed).__enter__(),
}


@pytest.mark.parametrize("lose", [taken_over, reaped, cancelled, deleted, finished])
@pytest.mark.parametrize("action", ACTIONS)
def test_a_zombie_changes_nothing(make_job: MakeJob, lose: Callable[[Claim], None], action: str) -> None:
    make_job("first", "second")
    claimed = claim()
    lose(claimed)
    before = (list(Job.objects.values()), list(Step.objects.values()))
    with pytest.raises(LeaseLost):
        ACTIONS[action](claimed)
    assert not leases.renew(claimed)
    assert not leases.report(claimed, progress=0.5, seconds_left=1, detail={})
    assert (list(Job.objects.values()), list(Step.objects.values())) == before


def test_the_log_keeps_the_newest_entries_of_all_attempts(make_job: MakeJob) -> None:
    make_job()
    claimed = claim()
    for number in range(ending.LOG_ENTRIES + 5):
        leases.append_to_log(claimed, [{"number": number}])
    log = step_of(claimed).log
    assert (len(log), log[-1]["number"], log[-1]["attempt"]) == (ending.LOG_ENTRIES, ending.LOG_ENTRIES + 4, 1)


def test_a_worker_whose_clock_is_wrong_leases_by_the_database_s(make_job: MakeJob) -> None:
    """On SQLite there is no other clock, and no other machine."""
    make_job()
    before = timezone.now()
    with time_machine.travel(before + timedelta(hours=1), tick=True):
        claimed = claim()
        leases.renew(claimed)
    lease_expires_at = step_of(claimed).lease_expires_at
    assert lease_expires_at is not None
    is_ours = connection.vendor == "sqlite"
    assert (lease_expires_at > before + timedelta(minutes=30)) == is_ours
