"""The doorbells exist under the names that rings use, and look into the database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from celery import current_app
from django.conf import LazySettings

from accounts.models import User
from videos import tasks
from videos.jobs import registry
from videos.jobs.queue import StepPlan, create_job
from videos.models import Job, JobState, Lane
from videos.pipeline import children, sandbox


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


@pytest.fixture
def spares(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[sandbox.Spare]]:
    """Children that wait for the next upload."""
    waiting: list[sandbox.Spare] = []
    monkeypatch.setattr(children, "_spares", waiting)
    yield waiting
    for spare in waiting:
        spare.give_up()


@pytest.mark.django_db(transaction=True)
def test_after_short_steps_a_child_waits_for_the_next_upload(spares: list[sandbox.Spare]) -> None:
    tasks.drain_quick()
    tasks.drain_quick()
    assert [spare.is_waiting() for spare in spares] == [True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("spares")
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
