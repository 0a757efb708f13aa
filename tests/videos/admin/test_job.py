"""Jobs in the admin: read by steps, in words, commands as one could type them; and steered, by whom it is for."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from tests.videos.factories import make_video
from videos.jobs import control
from videos.jobs.queue import StepPlan, create_job
from videos.jobs.report import STEP_WORDS
from videos.models import Job, JobKind, JobState, Lane, Step, StepState

pytestmark = pytest.mark.django_db

STEPS = [StepPlan("inspect", Lane.QUICK), StepPlan("part", Lane.ENCODE, 9, stage=1)]
LIST = "/admin/videos/job/"


@pytest.fixture
def job(owner: User) -> Job:
    """One that has not begun."""
    return create_job(owner=owner, content=make_video(owner), kind=JobKind.TRANSCODE, parameters={}, steps=STEPS)


@pytest.fixture
def failed(job: Job) -> Job:
    """The same, when its first step has run a command and failed."""
    log = [
        {
            "attempt": 3, "at": "2026-01-02T03:04:05+00:00", "argv": ["ffmpeg", "-i", "/media/a film.mov", "x"],
            "seconds": 1.5, "stderr": "<moov> missing", "exit_code": 1, "max_rss_bytes": 150_000_000,
        },
        {"attempt": 3, "at": "2026-01-02T03:04:06+00:00", "error": "not_a_video", "detail": "no <moov> in it"},
    ]  # fmt: skip
    Step.objects.filter(job=job, name="inspect").update(log=log, attempts=3, state=StepState.FAILED)
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error_code="not_a_video")
    return job


@pytest.fixture
def reader(db: None) -> User:
    """Staff who may look at jobs and nothing else."""
    user = User.objects.create_user(username="reader", password="correct horse battery", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_job"))
    return user


def page_of(job: Job) -> str:
    return reverse("admin:videos_job_change", args=[job.pk])


def steer(client: Client, job: Job, command: str) -> int:
    return client.post(reverse("admin:videos_job_steer", args=[job.pk]), {"command": command}).status_code


def test_a_job_is_read_by_its_steps(client: Client, admin: User, failed: Job) -> None:
    client.force_login(admin)
    page = client.get(page_of(failed)).content.decode()
    assert "<pre>ffmpeg -i &#x27;/media/a film.mov&#x27; x</pre>" in page
    assert "<pre>&lt;moov&gt; missing</pre>" in page
    assert "1.5 s" in page
    assert "150 MB of memory" in page
    assert "exit code 1" in page
    assert "no &lt;moov&gt; in it" in page
    assert "3 attempts" in page
    assert "This file is neither a video nor sound." in page
    assert "Making a part in every size" in page


def test_every_step_of_a_film_has_a_word() -> None:
    from videos.jobs import registry

    assert {name for kind, name in registry._steps if kind == JobKind.TRANSCODE} <= set(STEP_WORDS)


def test_the_list_leads_to_the_video_and_says_what_went_wrong(client: Client, admin: User, failed: Job) -> None:
    client.force_login(admin)
    page = client.get(LIST).content.decode()
    assert reverse("admin:videos_contentmain_change", args=[failed.content_id]) in page
    assert "This file is neither a video nor sound." in page


def test_the_page_offers_what_fits_and_does_it(client: Client, admin: User, job: Job) -> None:
    client.force_login(admin)
    for command, state in [("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled"), ("retry", "queued")]:
        assert f'value="{command}"' in client.get(page_of(job)).content.decode()
        assert steer(client, job, command) == 302
        job.refresh_from_db()
        assert job.state == state
    entry = AuditEntry.objects.get(action="job.cancel")
    assert (entry.actor, entry.detail["job"]) == (admin, job.public_id)


def test_one_size_is_made_again_from_there(client: Client, admin: User, job: Job) -> None:
    client.force_login(admin)
    assert 'name="rung"' not in client.get(page_of(job)).content.decode()
    Step.objects.update(state=StepState.DONE)
    Job.objects.update(state=JobState.DONE)
    assert 'name="rung" value="720p"' in client.get(page_of(job)).content.decode()
    sent = client.post(reverse("admin:videos_job_steer", args=[job.pk]), {"rung": "720p"})
    made = Job.objects.latest("pk")
    assert (made.pk != job.pk, made.parameters, sent["Location"]) == (True, {"rungs": ["720p"]}, page_of(made))
    assert 'name="rung"' not in client.get(page_of(job)).content.decode(), "newer work has taken its place"
    answer = client.post(reverse("admin:videos_job_steer", args=[made.pk]), {"rung": "9p"}, follow=True)
    assert "1 job was not" in answer.content.decode()


def test_the_place_in_the_queue_is_changed_there(client: Client, moderator: User, job: Job) -> None:
    moderator.user_permissions.add(Permission.objects.get(codename="view_job"))
    client.force_login(moderator)
    for name, priority in control.PRIORITIES.items():
        steer(client, job, name)
        job.refresh_from_db()
        assert job.priority == priority


def test_a_command_that_does_not_fit_says_why(client: Client, admin: User, failed: Job) -> None:
    client.force_login(admin)
    answer = client.post(reverse("admin:videos_job_steer", args=[failed.pk]), {"command": "pause"}, follow=True)
    assert "That cannot be done with this work as it stands now." in answer.content.decode()
    failed.refresh_from_db()
    assert failed.state == JobState.FAILED


def test_many_are_steered_from_the_list(client: Client, admin: User, owner: User, job: Job, failed: Job) -> None:
    other = create_job(owner=owner, content=make_video(owner), kind=JobKind.TRANSCODE, parameters={}, steps=STEPS)
    client.force_login(admin)
    chosen = {"action": "pause", "_selected_action": [job.pk, other.pk]}
    page = client.post(LIST, chosen, follow=True).content.decode()
    assert "1 job was told so." in page
    assert "1 job was not: That cannot be done" in page
    assert sorted(Job.objects.values_list("state", flat=True)) == ["failed", "paused"]
    assert AuditEntry.objects.filter(action="job.pause").count() == 1


def test_who_may_only_look_finds_no_commands_and_can_give_none(client: Client, reader: User, job: Job) -> None:
    client.force_login(reader)
    page = client.get(page_of(job))
    assert page.status_code == 200
    assert 'name="command"' not in page.content.decode()
    assert steer(client, job, "cancel") == 404
    client.post(LIST, {"action": "cancel", "_selected_action": [job.pk]})
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


@pytest.mark.parametrize("who", ["owner", "stranger"])
def test_the_admin_is_for_staff(client: Client, job: Job, who: str, request: pytest.FixtureRequest) -> None:
    client.force_login(request.getfixturevalue(who))
    assert steer(client, job, "cancel") == 403
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


@pytest.mark.parametrize("command", ["", "explode"])
def test_an_unknown_command_is_no_command(client: Client, admin: User, job: Job, command: str) -> None:
    client.force_login(admin)
    assert steer(client, job, command) == 404
    assert client.get(reverse("admin:videos_job_steer", args=[job.pk])).status_code == 405
