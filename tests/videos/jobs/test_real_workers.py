"""Real Celery processes on a real Redis, killed and stopped while they work."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.proofs.crew import Broker, Crew, beat, broker, kill, wait_for
from benchmarks.proofs.drill import make_drill, signatures
from benchmarks.proofs.kill_workers import disturb
from tests.databases import url_of_test_database
from videos.models import Job, JobState, Lane, Step, StepState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


SECRET_KEY = "drill-" + "k" * 50


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Redis, and beat that rings for the reaper through it."""
    folder = str(tmp_path_factory.mktemp("beat"))
    with broker() as started, beat({"DATA_DIR": folder, "REDIS_URL": started.url, "SECRET_KEY": SECRET_KEY}):
        yield started


@pytest.fixture
def crew(redis: Broker, tmp_path: Path) -> Iterator[Crew]:
    """A worker on the tests' own database, not yet started."""
    redis.forget_everything()
    crew = Crew(
        {
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": url_of_test_database(),
            "REDIS_URL": redis.url,
            "SECRET_KEY": SECRET_KEY,
        }
    )
    yield crew
    crew.kill_all()
    sys.stdout.write(crew.log)  # shown when a test has failed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the steps sign in."""
    folder = tmp_path / "signatures"
    folder.mkdir()
    return folder


def is_done(job: Job) -> bool:
    return Job.objects.get(pk=job.pk).state == JobState.DONE


def ended_once(job: Job) -> bool:
    """Each step has counted itself once, although some began more often."""
    job.refresh_from_db()
    counts = job.parameters["ended"]
    return len(counts) == job.steps.count() and set(counts.values()) == {1}


def test_a_killed_child_costs_an_attempt_and_a_flushed_broker_costs_nothing(
    crew: Crew, redis: Broker, folder: Path
) -> None:
    killed = make_drill(seconds=0.5, lanes=[Lane.QUICK, Lane.ENCODE], folder=folder)
    redis.forget_everything()  # the ring of create_job is lost; the reaper's reaches the worker
    crew.start()
    wait_for("the first step has begun", lambda: len(signatures(folder)) == 1)
    kill(next(iter(signatures(folder).values())))
    wait_for("the job is done", lambda: is_done(killed))
    assert ended_once(killed)
    assert [step.attempts for step in killed.steps.all()] == [2, 1]


def test_a_killed_worker_takes_its_children_along_and_the_next_one_goes_on(crew: Crew, folder: Path) -> None:
    job = make_drill(seconds=1, lanes=[Lane.ENCODE], folder=folder)
    crew.start()
    wait_for("the step has begun", lambda: len(signatures(folder)) == 1)
    crew.kill_main()
    crew.wait_until_gone()
    crew.start()
    wait_for("the job is done", lambda: is_done(job))
    assert ended_once(job)
    assert job.steps.get().attempts == 2


@pytest.mark.parametrize(
    ("variables", "whole_group"),
    [({}, False), ({"REMAP_SIGTERM": "SIGQUIT"}, False), ({"REMAP_SIGTERM": "SIGQUIT"}, True)],
    ids=["alone", "by our supervisor", "by a service manager"],
)
def test_a_worker_that_is_asked_to_end_gives_its_step_back_and_leaves_nothing(
    crew: Crew, folder: Path, variables: dict[str, str], whole_group: bool
) -> None:
    crew.variables = {**crew.variables, **variables}
    job = make_drill(seconds=600, lanes=[Lane.ENCODE], folder=folder)
    crew.start()
    wait_for("the step has begun", lambda: len(signatures(folder)) == 1)
    crew.ask_to_end(whole_group=whole_group)
    crew.wait_until_gone()
    step = Step.objects.get(job=job)
    assert (step.state, step.attempts, step.fence) == (StepState.QUEUED, 0, 1)
    assert not list((folder.parent / "scratch").rglob("part"))


def test_a_sample_of_the_long_proof_loses_and_doubles_nothing(crew: Crew, redis: Broker, folder: Path) -> None:
    chance = random.Random(7)
    outcome = disturb(crew=crew, redis=redis, folder=folder, rounds=3, chance=chance, acts={"child": 3, "flush": 1})
    assert outcome.faults == []
    assert outcome.done > 0
