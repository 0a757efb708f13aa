"""The doorbells exist under the names that rings use, and look into the database."""

from __future__ import annotations

import pytest
from celery import current_app
from django.conf import LazySettings

from accounts.models import User
from videos import tasks
from videos.jobs import registry
from videos.jobs.queue import StepPlan, create_job
from videos.models import Job, JobState, Lane


@pytest.mark.parametrize("lane", Lane.values)
def test_every_lane_has_a_doorbell(lane: str) -> None:
    current_app.loader.import_default_modules()
    assert f"videos.drain_{lane}" in current_app.tasks


def test_everything_that_beat_rings_exists(settings: LazySettings) -> None:
    current_app.loader.import_default_modules()
    planned = settings.CELERY_BEAT_SCHEDULE.values()
    assert {entry["task"] for entry in planned} == {"videos.reap", "videos.sweep"}
    assert {entry["task"] for entry in planned} <= set(current_app.tasks)
    assert {entry["options"]["queue"] for entry in planned} <= set(Lane.values)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("lane", "task"), [(Lane.QUICK, tasks.drain_quick), (Lane.ENCODE, tasks.drain_encode)])
def test_a_doorbell_runs_what_waits_in_its_lane(
    owner: User, lane: Lane, task: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_steps", {("drill", "work"): lambda _context: None})
    for each in Lane:
        create_job(owner=owner, content=None, kind="drill", parameters={}, steps=[StepPlan("work", each)])
    assert callable(task)
    task()
    assert dict(Job.objects.values_list("steps__lane", "state")) == {
        each.value: JobState.DONE if each == lane else JobState.QUEUED for each in Lane
    }


@pytest.mark.django_db
def test_reaping_and_sweeping_an_empty_site_is_no_fault() -> None:
    tasks.reap()
    tasks.sweep()
