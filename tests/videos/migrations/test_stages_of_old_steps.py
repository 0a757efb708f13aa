"""Jobs of before stages existed go on under the version that has them."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import User
from tests.videos.factories import make_video
from videos.jobs import leases
from videos.jobs.queue import claim_next
from videos.models import ContentStatus, Job, JobState, Lane, Step, StepState

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MIGRATION = import_module("videos.migrations.0007_stages_of_old_steps")
OLD = ("probe", "index", "poster", "ladder", "publish")


@pytest.fixture
def old_job(owner: User) -> Job:
    """As the version before left it: every stage 0, two steps done."""
    video = make_video(owner, status=ContentStatus.PROCESSING)
    job = Job.objects.create(owner=owner, content=video, kind="transcode", state=JobState.RUNNING)
    for position, name in enumerate(OLD):
        state = StepState.DONE if position < 2 else StepState.QUEUED if position == 2 else StepState.WAITING
        Step.objects.create(job=job, name=name, lane=Lane.QUICK, position=position, state=state)
    return job


def test_what_has_ended_keeps_its_order(old_job: Job) -> None:
    Job.objects.update(state=JobState.DONE)
    MIGRATION.give_stages(apps, None)
    assert list(old_job.steps.values_list("name", "stage")) == [(name, stage) for stage, name in enumerate(OLD)]


def test_what_is_being_made_begins_anew_with_steps_that_exist(old_job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    anew = (("inspect", "quick", 2.0, 0, False), ("words", "quick", 1.0, 1, True), ("join", "encode", 3.0, 3, False))
    monkeypatch.setattr(MIGRATION, "BEGIN_ANEW", anew)
    MIGRATION.give_stages(apps, None)
    steps = list(old_job.steps.values_list("name", "lane", "weight", "stage", "is_optional"))
    assert steps == [*anew]
    claimed = claim_next(lane=Lane.QUICK, worker="w")
    assert claimed is not None
    leases.finish_step(claimed, {})
    assert [step.state for step in old_job.steps.all()] == [StepState.DONE, StepState.QUEUED, StepState.WAITING]


def test_a_film_that_was_being_encoded_is_looked_at_again(old_job: Job) -> None:
    MIGRATION.give_stages(apps, None)
    claimed = claim_next(lane=Lane.QUICK, worker="w")
    assert claimed is not None
    assert Step.objects.get(pk=claimed.step_id).name == "inspect"
    assert OLD[3] not in old_job.steps.values_list("name", flat=True)


def test_jobs_of_this_version_are_left_alone(owner: User) -> None:
    job = Job.objects.create(owner=owner, kind="transcode", state=JobState.RUNNING)
    for position in range(2):
        Step.objects.create(job=job, name="inspect", lane=Lane.QUICK, position=position, stage=4)
    MIGRATION.give_stages(apps, None)
    assert set(job.steps.values_list("stage", flat=True)) == {4}


def test_going_back_is_possible(old_job: Job) -> None:
    Job.objects.update(state=JobState.DONE)
    MIGRATION.give_stages(apps, None)
    MIGRATION.forget_stages(apps, None)
    assert set(Step.objects.values_list("stage", flat=True)) == {0}
