"""Putting work in and taking it out: in one transaction, once, and without the broker being there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from celery import current_app
from django.db import connections, transaction

from accounts.models import User
from tests.videos.jobs.conftest import KIND, MakeJob, claim, expire, step_of
from videos.jobs import bell, reaper, stages
from videos.jobs.bell import ring
from videos.jobs.queue import StepPlan, claim_next, create_job
from videos.models import Job, JobState, Lane, Step, StepState

pytestmark = pytest.mark.database


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lanes that were rung, in order."""
    heard: list[str] = []
    monkeypatch.setattr(stages, "ring", heard.append)
    return heard


@pytest.mark.django_db
def test_the_first_step_waits_in_its_lane_and_the_others_for_it(owner: User) -> None:
    plans = [StepPlan("look", Lane.QUICK), StepPlan("encode", Lane.ENCODE, 9.0, stage=1)]
    job = create_job(owner=owner, content=None, kind=KIND, parameters={"crf": 23}, steps=plans)
    assert (job.state, job.parameters) == (JobState.QUEUED, {"crf": 23})
    steps = [(step.name, step.lane, step.weight, step.state) for step in job.steps.all()]
    assert steps == [("look", "quick", 1.0, StepState.QUEUED), ("encode", "encode", 9.0, StepState.WAITING)]


@pytest.mark.django_db
def test_a_job_without_steps_is_refused(owner: User) -> None:
    with pytest.raises(ValueError, match="steps"):
        create_job(owner=owner, content=None, kind=KIND, parameters={}, steps=[])
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_lane_is_rung_when_the_transaction_commits_and_not_before(make_job: MakeJob, rings: list[str]) -> None:
    with transaction.atomic():
        make_job(lane=Lane.ENCODE)
        assert rings == []
    assert rings == ["encode"]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_rung_for_a_job_that_was_rolled_back(make_job: MakeJob, rings: list[str]) -> None:
    with transaction.atomic():
        make_job()
        transaction.set_rollback(True)
    assert rings == []
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_claim_counts_the_attempt_and_raises_the_fence_before_any_work(make_job: MakeJob) -> None:
    job = make_job()
    claimed = claim(worker="w")
    step = step_of(claimed)
    assert (step.state, step.attempts, step.fence, step.worker) == (StepState.RUNNING, 1, 1, "w")
    assert step.lease_expires_at is not None
    assert (claimed.attempt, claimed.fence) == (1, 1)
    assert Job.objects.get(pk=job.pk).state == JobState.RUNNING


@pytest.mark.django_db
def test_ten_rings_run_a_step_once(make_job: MakeJob) -> None:
    make_job()
    claims = [claim_next(lane=Lane.QUICK, worker=f"w{number}") for number in range(10)]
    assert [each is not None for each in claims] == [True] + [False] * 9


@pytest.mark.django_db
def test_a_step_that_killed_three_workers_is_failed_and_the_next_job_goes_on(make_job: MakeJob) -> None:
    poison, healthy = make_job(), make_job()
    for _ in range(3):
        expire(claim())
        Step.objects.filter(job=poison, state=StepState.RUNNING).update(state=StepState.QUEUED)  # a foreign reaper
        Step.objects.filter(job=healthy).update(state=StepState.WAITING)
    Step.objects.filter(job=healthy).update(state=StepState.QUEUED)
    assert claim().job_id == healthy.pk
    poison.refresh_from_db()
    assert (poison.state, poison.error_code) == (JobState.FAILED, "crashed_repeatedly")


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_share_the_steps_without_taking_one_twice(make_job: MakeJob, member: User) -> None:
    jobs = {make_job().pk for _ in range(20)} | {make_job(owner=member).pk for _ in range(20)}
    taken: list[int] = []
    faults: list[BaseException] = []
    start = threading.Barrier(8)

    def work(number: int) -> None:
        try:
            start.wait()
            while (claimed := claim_next(lane=Lane.QUICK, worker=f"w{number}")) is not None:
                taken.append(claimed.job_id)
        except BaseException as error:  # noqa: BLE001 -- shown by the assertion below
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(taken) == sorted(jobs)
    assert set(Step.objects.values_list("attempts", "fence")) == {(1, 1)}


@pytest.fixture
def silent_broker() -> Iterator[str]:
    """A broker that takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def absent_broker() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"redis://127.0.0.1:{port}/0"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broker", ["absent_broker", "silent_broker"])
def test_without_a_broker_the_job_is_kept_and_the_caller_goes_on(
    broker: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, make_job: MakeJob
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_write_url", request.getfixturevalue(broker))
    attempts: list[object] = []
    monkeypatch.setattr(bell.log, "warning", lambda *_args, **facts: attempts.append(facts["error"]))
    job = make_job()
    assert Job.objects.get(pk=job.pk).state == JobState.QUEUED
    assert len(attempts) == 1  # one try with timeouts of a second, no series of them


def test_a_thread_rings_through_our_application_and_not_a_default_one() -> None:
    names: list[str] = []
    thread = threading.Thread(target=lambda: names.append(current_app.main))
    thread.start()
    thread.join()
    assert names == ["matinee"]


@pytest.mark.django_db
def test_what_nobody_heard_is_rung_again(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    make_job(lane=Lane.ENCODE)
    heard: list[str] = []
    monkeypatch.setattr(reaper, "ring", heard.append)
    reaper.reap()
    assert heard == ["encode"]
    claim(Lane.ENCODE)
    reaper.reap()
    assert heard == ["encode"]


def test_a_lane_that_does_not_exist_cannot_be_rung() -> None:
    with pytest.raises(ValueError, match="slow"):
        ring("slow")
