"""Steps of dead workers come back; those of living ones do not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.videos.jobs.conftest import MakeJob, claim, expire, step_of
from videos.jobs import leases, reaper, worker
from videos.models import Job, JobState, Step, StepState

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A process that does nothing and lives until it is killed."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        yield child
        child.kill()


def identity_of(pid: int) -> str:
    return f"here:{worker._place()}:{pid}:{worker._born(pid)}"


def test_a_lease_that_ran_out_puts_the_step_back(make_job: MakeJob) -> None:
    make_job()
    claimed = claim()
    assert reaper.reap() == 0
    expire(claimed)
    assert reaper.reap() == 1
    assert step_of(claimed).state == StepState.QUEUED
    assert reaper.reap() == 0


def test_a_lease_renewed_in_the_meantime_is_left_alone(make_job: MakeJob) -> None:
    make_job()
    claimed = claim()
    expire(claimed)
    seen = step_of(claimed)
    leases.renew(claimed)
    assert not reaper._take_back(seen, timezone.now())
    assert step_of(claimed).state == StepState.RUNNING


def test_the_third_dead_worker_ends_the_job_with_a_reason(make_job: MakeJob) -> None:
    job = make_job()
    for _ in range(3):
        expire(claim())
        reaper.reap()
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "crashed_repeatedly")


def test_a_dead_worker_of_this_machine_is_noticed_before_its_lease_runs_out(
    make_job: MakeJob, process: subprocess.Popen[bytes]
) -> None:
    make_job()
    claimed = claim(worker=identity_of(process.pid))
    assert reaper.reap() == 0
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, though nobody has buried it yet
    assert reaper.reap() == 1
    assert step_of(claimed).state == StepState.QUEUED


def test_a_pid_that_somebody_else_got_is_not_taken_for_the_worker(
    make_job: MakeJob, process: subprocess.Popen[bytes]
) -> None:
    make_job()
    claim(worker=f"here:{worker._place()}:{process.pid}:12345")
    assert reaper.reap() == 1


def test_a_living_worker_of_this_machine_has_a_minute_to_wake_up(
    make_job: MakeJob, process: subprocess.Popen[bytes]
) -> None:
    make_job()
    claimed = claim(worker=identity_of(process.pid))
    os.kill(process.pid, signal.SIGSTOP)
    expire(claimed)
    assert reaper.reap() == 0
    Step.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=61))
    assert reaper.reap() == 1


def test_of_other_machines_only_the_lease_tells(make_job: MakeJob) -> None:
    make_job()
    claim(worker="far:away:1:1")
    assert worker.is_alive("far:away:1:1") is None
    assert reaper.reap() == 0


@pytest.mark.parametrize("text", ["", "w", "a:b:c:d", "a:b:1", "a::1:1"])
def test_a_worker_that_cannot_be_read_is_left_to_its_lease(text: str) -> None:
    assert worker.is_alive(text) is None


def test_this_process_knows_itself_to_be_alive() -> None:
    assert worker.is_alive(worker.this_worker()) is True
    assert len(worker.this_worker()) <= (Step._meta.get_field("worker").max_length or 0)


def test_a_busy_slot_reaps_too_but_not_all_the_time(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr(reaper, "_last_reaped_at", float("-inf"))
    monkeypatch.setattr(reaper, "reap", lambda: calls.append(1))
    for _ in range(10):
        reaper.reap_when_due()
    assert calls == [1]


def test_taking_back_leaves_other_steps_alone(make_job: MakeJob) -> None:
    make_job(), make_job()
    dead, living = claim(), claim()
    expire(dead)
    reaper.reap()
    assert (step_of(dead).state, step_of(living).state) == (StepState.QUEUED, StepState.RUNNING)
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.RUNNING}
