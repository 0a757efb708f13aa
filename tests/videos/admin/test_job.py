"""Jobs in the admin: read by steps, in words, commands as one could type them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.videos.factories import make_video
from videos.jobs.plans import TRANSCODE_STEPS
from videos.jobs.queue import create_job
from videos.models import Job, JobKind, JobState, Step

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(owner: User) -> Job:
    """One whose first step has run a command and failed."""
    job = create_job(
        owner=owner, content=make_video(owner), kind=JobKind.TRANSCODE, parameters={}, steps=TRANSCODE_STEPS
    )
    log = [{"argv": ["ffmpeg", "-i", "a film.mov", "x"], "seconds": 1.5, "stderr": "<moov> missing", "exit_code": 1}]
    Step.objects.filter(job=job, name="probe").update(log=log, attempts=3)
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error_code="not_a_video")
    return job


def test_a_job_is_read_by_its_steps(client: Client, admin: User, job: Job) -> None:
    client.force_login(admin)
    page = client.get(reverse("admin:videos_job_change", args=[job.pk])).content.decode()
    assert "<pre>ffmpeg -i &#x27;a film.mov&#x27; x</pre>" in page
    assert "<pre>&lt;moov&gt; missing</pre>" in page
    assert "seconds: 1.5 · exit_code: 1" in page
    assert "3 attempts" in page
    assert "This file is neither a video nor sound." in page
    assert "Making every size" in page


def test_every_step_of_a_film_has_a_word_here(client: Client, admin: User, job: Job) -> None:
    from videos.admin.job import STEP_WORDS

    assert {plan.name for plan in TRANSCODE_STEPS} <= set(STEP_WORDS)


def test_the_list_leads_to_the_video_and_says_what_went_wrong(client: Client, admin: User, job: Job) -> None:
    client.force_login(admin)
    page = client.get(reverse("admin:videos_job_changelist")).content.decode()
    assert reverse("admin:videos_contentmain_change", args=[job.content_id]) in page
    assert "This file is neither a video nor sound." in page
