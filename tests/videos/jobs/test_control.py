"""What people do with jobs: who may, when, and what becomes of those who work on them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.models import AuditEntry, User
from tests.videos.factories import make_video
from tests.videos.jobs.conftest import KIND, MakeJob, claim, expire, step_of
from videos.errors import JobSuperseded, JobUnknown, NotPermitted, RungUnknown, WrongJobState
from videos.jobs import control, keeper, leases, reaper, registry, stages
from videos.jobs.context import StepContext
from videos.jobs.errors import LeaseLost, Reason
from videos.jobs.plans import TRANSCODE_STEPS
from videos.jobs.queue import claim_next, create_job
from videos.jobs.registry import register_failure, register_retry
from videos.jobs.runner import drain, register
from videos.models import ContentMain, Job, JobKind, JobState, Lane, Step, StepState

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FINAL = Reason("corrupt", "no frame", is_retryable=False)
Command = Callable[..., Job]


def set_priority(*, job: Job, actor: User) -> Job:
    return control.set_priority(job=job, actor=actor, priority=control.FIRST)


def retry_rung(*, job: Job, actor: User) -> Job:
    return control.retry_rung(job=job, actor=actor, rung="720p")


COMMANDS: list[Command] = [control.pause, control.resume, control.cancel, control.retry, set_priority, retry_rung]


def states(job: Job) -> list[str]:
    return [Job.objects.get(pk=job.pk).state, *job.steps.values_list("state", flat=True)]


def fail(job: Job) -> Job:
    leases.fail_step(claim(), FINAL)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    return job


@pytest.mark.parametrize("command", COMMANDS)
def test_somebody_elses_work_is_nobodys_business(make_job: MakeJob, stranger: User, command: Command) -> None:
    job = make_job()
    with pytest.raises(NotPermitted):
        command(job=job, actor=stranger)
    assert states(job) == ["queued", "queued"]
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("command", [control.pause, control.cancel])
def test_its_owner_the_items_owner_and_stewards_may(
    make_job: MakeJob, member: User, moderator: User, admin: User, command: Command
) -> None:
    for actor in (member, moderator, admin):
        command(job=make_job(content=make_video(member)), actor=actor)
    assert set(AuditEntry.objects.values_list("actor", flat=True)) == {member.pk, moderator.pk, admin.pk}


def test_who_is_not_active_may_nothing(make_job: MakeJob, owner: User) -> None:
    owner.is_active = False
    with pytest.raises(NotPermitted):
        control.pause(job=make_job(), actor=owner)


@pytest.mark.parametrize("command", COMMANDS[:4])
def test_a_job_that_is_gone_is_said_to_be(make_job: MakeJob, owner: User, command: Command) -> None:
    job = make_job()
    Job.objects.all().delete()
    with pytest.raises(JobUnknown):
        command(job=job, actor=owner)


def test_pausing_stops_who_works_and_the_attempt_does_not_count(make_job: MakeJob, owner: User) -> None:
    job = make_job("first", "second")
    leases.finish_step(claim(), {"kept": True})
    claimed = claim()
    assert control.pause(job=job, actor=owner).state == JobState.PAUSED
    assert states(job) == ["paused", "done", "queued"]
    assert step_of(claimed).attempts == 0
    assert not leases.renew(claimed)
    with pytest.raises(LeaseLost):
        leases.finish_step(claimed, {})
    assert claim_next(lane=Lane.QUICK, worker="w") is None


def test_resuming_goes_on_where_it_stood(make_job: MakeJob, owner: User) -> None:
    job = make_job("first", "second")
    leases.finish_step(claim(), {"kept": True})
    begun = claim()
    control.pause(job=job, actor=owner)
    control.resume(job=job, actor=owner)
    again = claim()
    assert (again.step_id, again.attempt) == (begun.step_id, 1)
    with pytest.raises(LeaseLost):
        leases.finish_step(begun, {})  # the worker of before the pause still thinks that it holds the step
    leases.finish_step(again, {})
    assert states(job) == ["done", "done", "done"]
    assert job.steps.get(position=0).result == {"kept": True}


@pytest.mark.django_db(transaction=True)
def test_resuming_rings_the_lanes_that_have_work(
    owner: User, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(lane=Lane.ENCODE)
    control.pause(job=job, actor=owner)
    heard: list[str] = []
    monkeypatch.setattr(stages, "ring", heard.append)
    control.resume(job=job, actor=owner)
    assert heard == ["encode"]


@pytest.mark.parametrize(
    ("command", "again", "state"),
    [
        (control.pause, control.pause, JobState.PAUSED),
        (control.cancel, control.cancel, JobState.CANCELLED),
        (control.resume, control.resume, JobState.QUEUED),
        (control.retry, control.retry, JobState.QUEUED),
    ],
)
def test_a_command_given_twice_is_one_command(
    make_job: MakeJob, owner: User, command: Command, again: Command, state: JobState
) -> None:
    job = make_job()
    command(job=job, actor=owner)
    entries = AuditEntry.objects.count()
    assert again(job=job, actor=owner).state == state
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (JobState.DONE, [control.pause, control.resume, control.cancel, control.retry, set_priority]),
        (JobState.FAILED, [control.pause, control.resume, control.cancel, set_priority]),
        (JobState.CANCELLED, [control.pause, control.resume, set_priority]),
        (JobState.PAUSED, [control.retry, retry_rung]),
        (JobState.RUNNING, [retry_rung]),
    ],
)
def test_a_command_that_does_not_fit_is_refused_with_the_state(
    make_job: MakeJob, admin: User, state: JobState, refused: list[Command]
) -> None:
    job = make_job()
    Job.objects.update(state=state)
    for command in refused:
        with pytest.raises(WrongJobState) as raised:
            command(job=job, actor=admin)
        assert raised.value.extra == {"state": state}
    assert states(job) == [state, "queued"]


def test_cancelling_ends_everything_and_the_kind_hears_of_it(
    make_job: MakeJob, owner: User, admin: User, video: ContentMain
) -> None:
    heard: list[tuple[Job, str]] = []
    register_failure(KIND)(lambda job, code: heard.append((job, code)))
    job = make_job("first", "second", content=video)
    claimed = claim()
    assert control.cancel(job=job, actor=owner).error_code == "cancelled"
    assert states(job) == ["cancelled", "cancelled", "cancelled"]
    assert heard == [(job, "cancelled")]
    assert control.cancel(job=make_job(content=video), actor=admin).error_code == "cancelled_by_staff"
    assert not leases.renew(claimed)
    reaper.reap()
    assert claim_next(lane=Lane.QUICK, worker="w") is None


def test_paused_work_can_be_cancelled(make_job: MakeJob, owner: User) -> None:
    job = make_job()
    control.pause(job=job, actor=owner)
    control.cancel(job=job, actor=owner)
    assert states(job) == ["cancelled", "cancelled"]


def test_a_retry_goes_on_from_where_the_job_failed(make_job: MakeJob, owner: User, video: ContentMain) -> None:
    heard: list[Job] = []
    register_retry(KIND)(heard.append)
    job = make_job("first", "second", "third", content=video)
    leases.finish_step(claim(), {"kept": True})
    for _ in range(2):
        leases.fail_step(claim(), Reason("crashed", "", is_retryable=True))
        Step.objects.update(not_before=None)
    fail(job)
    control.retry(job=job, actor=owner)
    assert states(job) == ["queued", "done", "queued", "waiting"]
    job.refresh_from_db()
    assert (job.error_code, job.finished_at, heard) == ("", None, [job])
    second = job.steps.get(name="second")
    assert (second.attempts, second.log[-1]["error"]) == (0, "corrupt"), "what went wrong stays readable"
    for _ in range(2):
        leases.finish_step(claim(), {})
    assert states(job) == ["done"] * 4


def test_a_retry_of_cancelled_work_brings_all_its_steps_back(make_job: MakeJob, owner: User) -> None:
    job = make_job("first", "second")
    claimed = claim()
    control.cancel(job=job, actor=owner)
    control.retry(job=job, actor=owner)
    assert states(job) == ["queued", "queued", "waiting"]
    with pytest.raises(LeaseLost):
        leases.finish_step(claimed, {})


def test_long_after_its_end_another_job_does_it_from_the_beginning(owner: User, video: ContentMain) -> None:
    job = create_job(owner=owner, content=video, kind=JobKind.TRANSCODE, parameters={"crf": 23}, steps=TRANSCODE_STEPS)
    first = claim()
    leases.finish_step(first, {"gone": True})
    Step.objects.create(job=job, name="added", lane=Lane.ENCODE, position=90, stage=90)
    control.cancel(job=job, actor=owner)
    Job.objects.update(finished_at=timezone.now() - control.RESULTS_KEPT - timedelta(minutes=1))
    made = control.retry(job=job, actor=owner)
    assert made.pk != job.pk
    assert (made.parameters, made.state, made.content) == ({"crf": 23}, JobState.QUEUED, video)
    steps = [(step.name, step.stage) for step in made.steps.order_by("position")]
    assert steps == [(plan.name, plan.stage) for plan in TRANSCODE_STEPS]
    assert states(job)[0] == JobState.CANCELLED, "the old one stays readable"


def test_work_that_newer_work_has_followed_is_history(make_job: MakeJob, owner: User, video: ContentMain) -> None:
    old = make_job(content=video)
    control.cancel(job=old, actor=owner)
    make_job(content=video)
    with pytest.raises(JobSuperseded):
        control.retry(job=old, actor=owner)


def done_film(owner: User) -> Job:
    """A film with one rung, 720p, that has been made."""
    content = make_video(owner)
    job = create_job(owner=owner, content=content, kind=JobKind.TRANSCODE, parameters={}, steps=TRANSCODE_STEPS)
    Step.objects.update(state=StepState.DONE)
    Job.objects.update(state=JobState.DONE)
    return job


def test_one_rung_is_made_again_by_a_job_of_its_own(owner: User) -> None:
    job = done_film(owner)
    Step.objects.filter(job=job, position=0).update(detail={"rungs": [{"label": "720p"}, {"label": "360p"}]})
    assert control.rungs_of(job) == ["720p", "360p"], "what was made and refused can be made again too"
    made = control.retry_rung(job=job, actor=owner, rung="720p")
    assert (made.pk != job.pk, made.parameters, made.content) == (True, {"rungs": ["720p"]}, job.content)
    needed = [plan.name for plan in TRANSCODE_STEPS if not plan.is_optional]
    assert [step.name for step in made.steps.order_by("position")] == needed
    with pytest.raises(JobSuperseded):
        control.retry_rung(job=job, actor=owner, rung="720p")
    with pytest.raises(WrongJobState):
        control.retry_rung(job=made, actor=owner, rung="720p")


def test_a_rung_that_the_film_does_not_have_is_refused(owner: User, make_job: MakeJob) -> None:
    with pytest.raises(RungUnknown):
        control.retry_rung(job=done_film(owner), actor=owner, rung="2160p")
    job = make_job()
    control.cancel(job=job, actor=owner)
    with pytest.raises(RungUnknown):
        control.retry_rung(job=job, actor=owner, rung="720p")


def test_priority_is_for_stewards(make_job: MakeJob, owner: User, moderator: User) -> None:
    first, second = make_job(), make_job()
    with pytest.raises(NotPermitted):
        set_priority(job=second, actor=owner)
    set_priority(job=second, actor=moderator)
    assert claim().job_id == second.pk
    assert claim().job_id == first.pk


def test_each_command_is_in_the_audit_trail(make_job: MakeJob, owner: User, video: ContentMain) -> None:
    job = make_job(content=video)
    for command in (control.pause, control.resume, control.cancel, control.retry):
        command(job=job, actor=owner)
    entries = list(AuditEntry.objects.order_by("pk"))
    assert [entry.action for entry in entries] == ["job.pause", "job.resume", "job.cancel", "job.retry"]
    assert {entry.target for entry in entries} == {f"video:{video.public_id}"}
    assert entries[0].detail == {"title": video.title, "job": job.public_id}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("command", "state"), [(control.pause, "queued"), (control.cancel, "cancelled")])
def test_who_works_hears_of_it_stops_and_takes_back_what_it_made(
    make_job: MakeJob, owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command, state: str
) -> None:
    monkeypatch.setattr(keeper, "RENEW_EVERY_SECONDS", 0.02)
    handed_over = tmp_path / "v3"
    pause_between_looks = threading.Event()

    @register(KIND, "long")
    def long(context: StepContext) -> None:
        context.unless_finished(lambda: handed_over.unlink(missing_ok=True))
        handed_over.write_bytes(b"half of it")
        command(job=context.job, actor=owner)
        while not context.should_stop():
            pause_between_looks.wait(0.01)
        context.stop_if_asked()

    job = make_job("long")
    assert drain(Lane.QUICK) == 1
    assert states(job)[1] == state
    assert job.steps.get().attempts == (0 if command is control.pause else 1)
    assert not handed_over.exists()
    assert not list((tmp_path / "scratch").rglob("*"))


@pytest.mark.django_db(transaction=True)
def test_pausing_and_finishing_at_the_same_moment_agree(make_job: MakeJob, owner: User) -> None:
    """Either the step is done and the next one waits paused, or the end is refused: nothing between."""
    job = make_job("first", "second")
    claimed = claim()
    start = threading.Barrier(2)
    refused: list[bool] = []

    def finish() -> None:
        try:
            start.wait()
            leases.finish_step(claimed, {})
        except LeaseLost:
            refused.append(True)
        finally:
            connections.close_all()

    thread = threading.Thread(target=finish)
    thread.start()
    start.wait()
    control.pause(job=job, actor=owner)
    thread.join()
    expected = ["paused", "queued", "waiting"] if refused else ["paused", "done", "queued"]
    assert states(job) == expected


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_chose_a_step_before_the_pause_does_not_get_it(make_job: MakeJob, owner: User) -> None:
    from videos.jobs import queue

    job = make_job()
    chosen = Step.objects.select_related("job").get(job=job)
    control.pause(job=job, actor=owner)
    assert queue._take(chosen, worker="w", now=timezone.now()) is None
    assert states(job) == ["paused", "queued"]


def test_an_expired_lease_under_a_pause_changes_nothing(make_job: MakeJob, owner: User) -> None:
    job = make_job()
    expire(claim())
    control.pause(job=job, actor=owner)
    assert reaper.reap() == 0
    assert states(job) == ["paused", "queued"]


def test_a_refused_command_leaves_no_half_of_itself(
    make_job: MakeJob, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_job: Job) -> None:
        raise RuntimeError

    monkeypatch.setitem(registry._retry_hooks, str(KIND), break_down)
    job = make_job()
    control.cancel(job=job, actor=owner)
    with pytest.raises(RuntimeError), transaction.atomic():
        control.retry(job=job, actor=owner)
    assert states(job) == ["cancelled", "cancelled"]
