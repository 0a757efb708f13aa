"""What becomes of an item whose making is cancelled, and had after all."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.videos.factories import make_video
from videos.jobs import control
from videos.jobs.queue import StepPlan, create_job
from videos.models import ContentStatus, JobKind, Lane

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_film_that_never_played_has_failed_when_its_work_is_cancelled_and_is_made_after_a_retry(
    owner: User,
) -> None:
    content = make_video(owner, status=ContentStatus.PROCESSING)
    job = create_job(
        owner=owner, content=content, kind=JobKind.TRANSCODE, parameters={}, steps=[StepPlan("x", Lane.QUICK)]
    )
    control.cancel(job=job, actor=owner)
    content.refresh_from_db()
    assert (content.status, content.failure_code) == (ContentStatus.FAILED, "cancelled")
    control.retry(job=job, actor=owner)
    content.refresh_from_db()
    assert (content.status, content.failure_code) == (ContentStatus.PROCESSING, "")


def test_a_film_that_would_end_in_the_middle_has_failed_too(owner: User) -> None:
    """It was being watched while it grew; nothing more will come. A whole film stays what it is."""
    growing, whole = make_video(owner), make_video(owner)
    growing.renditions.update(parts=3)
    for content in (growing, whole):
        job = create_job(
            owner=owner, content=content, kind=JobKind.TRANSCODE, parameters={}, steps=[StepPlan("x", Lane.QUICK)]
        )
        control.cancel(job=job, actor=owner)
        content.refresh_from_db()
    assert (growing.status, growing.version, growing.failure_code) == (ContentStatus.FAILED, None, "cancelled")
    assert (whole.status, whole.version) == (ContentStatus.AVAILABLE, 1)
