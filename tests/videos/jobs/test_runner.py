"""A step's function meets its context, and whatever it does becomes a result, another attempt or a reason."""

from __future__ import annotations

import errno
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.utils import timezone

from tests.videos.jobs.conftest import KIND, MakeJob, cancel, expire
from videos.errors import StorageError
from videos.jobs import keeper, leases, reaper, runner, worker
from videos.jobs.context import StepContext
from videos.jobs.queue import claim_next
from videos.jobs.runner import drain, register
from videos.models import ContentMain, Job, JobState, Lane, Step, StepState
from videos.pipeline import sandbox, witness
from videos.pipeline.errors import Cancelled, PipelineError
from videos.pipeline.sandbox import Limits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videos.jobs.runner.time.sleep", lambda _seconds: None)


@pytest.fixture
def going() -> Iterator[None]:
    """Afterwards this worker is not about to end any more."""
    yield
    worker._going[0] = 0


def test_a_job_runs_to_its_end_and_steps_hand_on_results(make_job: MakeJob) -> None:
    register(KIND, "count")(lambda _context: {"frames": 250})
    register(KIND, "tell")(lambda context: {"heard": context.results["count"]["frames"]})
    job = make_job("count", "tell")
    assert drain(Lane.QUICK) == 2
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert job.steps.get(name="tell").result == {"heard": 250}


def test_an_attempt_has_a_folder_of_its_own_that_is_gone_afterwards(make_job: MakeJob, settings: LazySettings) -> None:
    seen: list[Path] = []

    @register(KIND, "write")
    def write(context: StepContext) -> None:
        assert list(context.scratch.iterdir()) == []
        (context.scratch / "frame.jpg").write_bytes(b"x")
        seen.append(context.scratch)
        if len(seen) == 1:
            raise PipelineError("crashed", retryable=True)

    job = make_job("write")
    drain(Lane.QUICK)
    Step.objects.update(not_before=None)
    drain(Lane.QUICK)
    assert Job.objects.get(pk=job.pk).state == JobState.DONE
    assert [path.name for path in seen] == ["write-0.1", "write-0.2"]
    assert seen[0].parent == Path(settings.SCRATCH_DIR) / job.public_id
    assert not seen[0].parent.exists()


@pytest.mark.parametrize(
    ("error", "code", "is_final"),
    [
        (PipelineError("not_a_video", detail="no moov"), "not_a_video", True),
        (StorageError("bucket"), "storage_unavailable", False),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full", False),
        (MemoryError(), "out_of_memory", False),
        (ZeroDivisionError("a mistake of ours"), "internal_error", False),
    ],
)
def test_every_error_becomes_a_reason(make_job: MakeJob, error: Exception, code: str, is_final: bool) -> None:
    def fail(_context: StepContext) -> None:
        raise error

    register(KIND, "fail")(fail)
    job = make_job("fail")
    drain(Lane.QUICK)
    step = job.steps.get()
    assert step.log[-1]["error"] == code
    assert (step.state == StepState.FAILED) is is_final


def test_a_step_that_nobody_registered_is_tried_again_and_then_given_up(make_job: MakeJob) -> None:
    job = make_job("of a newer version")
    for _ in range(3):
        drain(Lane.QUICK)
        Step.objects.update(not_before=None)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "unknown_step")


def test_one_bad_job_does_not_stop_the_lane(make_job: MakeJob) -> None:
    def fail(_context: StepContext) -> None:
        raise PipelineError("corrupt")

    register(KIND, "fail")(fail)
    register(KIND, "work")(lambda _context: None)
    bad, good = make_job("fail"), make_job("work")
    assert drain(Lane.QUICK) == 2
    assert (Job.objects.get(pk=bad.pk).state, Job.objects.get(pk=good.pk).state) == (JobState.FAILED, JobState.DONE)


def test_progress_is_written_at_most_twice_a_second_and_within_bounds(make_job: MakeJob) -> None:
    seen: list[float] = []

    @register(KIND, "work")
    def work(context: StepContext) -> None:
        for fraction in (1.5, 0.2, 0.3):
            context.report(fraction, 12.0, {"rungs": [{"label": "720p", "percent": 30.0}]})
            seen.append(Step.objects.get(pk=context.step.pk).progress)

    job = make_job("work")
    drain(Lane.QUICK)
    assert seen == [1.0, 1.0, 1.0]
    assert job.steps.get().detail == {"rungs": [{"label": "720p", "percent": 30.0}]}


def test_commands_are_readable_afterwards(make_job: MakeJob) -> None:
    talking = "import sys, time; sys.stderr.write('x' * 10_000); time.sleep(0.5)"  # seen at work: memory is sampled

    @register(KIND, "encode")
    def encode(context: StepContext) -> None:
        for code in (talking, "import sys; sys.exit(3)"):
            sandbox.run([sys.executable, "-c", code], limits=Limits(), cwd=context.scratch)

    job = make_job("encode")
    drain(Lane.QUICK)
    first, second = job.steps.get().log
    assert first["argv"][1:] == ["-c", talking]
    assert (first["exit_code"], len(first["stderr"]), second["exit_code"]) == (0, 4000, 3)
    assert 0 < first["seconds"] < 60
    assert first["max_rss_bytes"] > 1 << 20


def test_the_command_that_a_step_has_failed_of_is_readable_too(make_job: MakeJob) -> None:
    @register(KIND, "encode")
    def encode(context: StepContext) -> None:
        sandbox.run([sys.executable, "-c", "while True: pass"], limits=Limits(wall_seconds=0.2), cwd=context.scratch)

    job = make_job("encode")
    drain(Lane.QUICK)
    ran, why = job.steps.get().log
    assert (ran["argv"][-1], ran["exit_code"], why["error"]) == ("while True: pass", -9, "timed_out")


def test_of_endless_commands_the_last_are_kept(make_job: MakeJob) -> None:
    @register(KIND, "encode")
    def encode(_context: StepContext) -> None:
        for number in range(100):
            witness.tell(["true", str(number)], seconds=0, exit_code=0, max_rss_bytes=0, stderr_tail="")

    job = make_job("encode")
    drain(Lane.QUICK)
    assert [entry["argv"][1] for entry in job.steps.get().log] == [str(number) for number in range(80, 100)]


def test_a_step_sees_its_item_as_it_is_now(make_job: MakeJob, video: ContentMain) -> None:
    titles: list[str] = []

    @register(KIND, "look")
    def look(context: StepContext) -> None:
        ContentMain.objects.update(title="Renamed meanwhile")
        titles.append(context.content.title)

    make_job("look", content=video)
    drain(Lane.QUICK)
    assert titles == ["Renamed meanwhile"]


def test_deleting_the_item_ends_the_step_without_a_trace(make_job: MakeJob, video: ContentMain) -> None:
    @register(KIND, "look")
    def look(context: StepContext) -> None:
        ContentMain.objects.all().delete()
        context.on_finish(lambda: pytest.fail("published a deleted item"))
        _ = context.content

    make_job("look", content=video)
    assert drain(Lane.QUICK) == 1
    assert not Job.objects.exists()


def test_a_cancelled_step_hears_of_it_and_stops(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "RENEW_EVERY_SECONDS", 0.02)
    heard = threading.Event()

    @register(KIND, "long")
    def long(context: StepContext) -> None:
        cancel(context.job)
        while not context.should_stop():
            heard.wait(0.01)
        heard.set()
        raise Cancelled

    job = make_job("long")
    drain(Lane.QUICK)
    assert heard.is_set()
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.CANCELLED, "")


def test_the_lease_is_renewed_while_the_step_works(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "RENEW_EVERY_SECONDS", 0.02)

    @register(KIND, "long")
    def long(context: StepContext) -> None:
        expire(context.claim)
        step = Step.objects.get(pk=context.step.pk)
        while step.lease_expires_at is None or step.lease_expires_at < timezone.now():
            step.refresh_from_db()

    job = make_job("long")
    drain(Lane.QUICK)
    assert Job.objects.get(pk=job.pk).state == JobState.DONE


def test_a_result_that_comes_after_the_lease_was_lost_is_refused(make_job: MakeJob) -> None:
    @register(KIND, "slow")
    def slow(context: StepContext) -> dict[str, int]:
        Step.objects.filter(pk=context.step.pk).update(worker="far:away:1:1")
        expire(context.claim)
        reaper.reap()
        if context.claim.attempt == 1:
            return {"attempt": 1}
        pytest.fail("was run again in the same drain")

    make_job("slow")
    claimed = claim_next(lane=Lane.QUICK, worker="w")
    assert claimed is not None
    runner.run_step(claimed)
    step = Step.objects.get()
    assert (step.state, step.result) == (StepState.QUEUED, {})


def test_a_worker_that_is_going_gives_its_step_back_and_takes_no_other(make_job: MakeJob, going: None) -> None:
    @register(KIND, "long")
    def long(context: StepContext) -> None:
        assert not context.should_stop()
        worker.announce_shutdown()
        context.stop_if_asked()
        pytest.fail("went on")

    first, second = make_job("long"), make_job("long")
    assert drain(Lane.QUICK) == 1
    assert [step.state for step in (first.steps.get(), second.steps.get())] == [StepState.QUEUED] * 2
    assert first.steps.get().attempts == 0


def test_a_process_told_to_exit_in_mid_step_gives_the_step_back_first(make_job: MakeJob) -> None:
    scratch: list[Path] = []

    @register(KIND, "long")
    def long(context: StepContext) -> None:
        scratch.append(context.scratch)
        raise SystemExit(143)  # what Celery's child makes of SIGTERM

    job = make_job("long")
    with pytest.raises(SystemExit):
        drain(Lane.QUICK)
    step = job.steps.get()
    assert (step.state, step.attempts) == (StepState.QUEUED, 0)
    assert not scratch[0].exists()


def test_a_finished_step_outlives_a_database_that_is_away_for_a_moment(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, refusals = leases.finish_step, iter([OperationalError("database is locked"), OperationalError("gone")])

    def finish_when_it_is_back(*args: Any, **changes: Any) -> None:
        for refusal in refusals:
            raise refusal
        finish(*args, **changes)

    monkeypatch.setattr(leases, "finish_step", finish_when_it_is_back)
    register(KIND, "work")(lambda _context: {"kept": True})
    job = make_job("work")
    drain(Lane.QUICK)
    assert job.steps.get().result == {"kept": True}


def test_a_database_that_is_away_ends_the_ring_and_nothing_else(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_kwargs: object) -> None:
        raise OperationalError("could not connect")

    register(KIND, "work")(lambda _context: None)
    job = make_job("work")
    with monkeypatch.context() as patched:
        patched.setattr(runner, "claim_next", away)
        assert drain(Lane.QUICK) == 0
    assert drain(Lane.QUICK) == 1
    assert Job.objects.get(pk=job.pk).state == JobState.DONE
