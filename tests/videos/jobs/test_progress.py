"""The progress object in each state a job can be in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import User
from tests.videos.factories import make_video
from tests.videos.jobs.conftest import KIND, cancel
from videos.jobs import control, leases
from videos.jobs.errors import Reason
from videos.jobs.plans import TRANSCODE_STEPS
from videos.jobs.progress import STAGE_OF_STEP, progress_of
from videos.jobs.queue import Claim, StepPlan, claim_next, create_job
from videos.models import ContentMain, ContentStatus, Job, JobKind, JobState, Lane, Step

pytestmark = pytest.mark.django_db

PLANS = [
    StepPlan("probe", Lane.QUICK, 10),
    StepPlan("ladder", Lane.ENCODE, 80, stage=1),
    StepPlan("publish", Lane.QUICK, 10, stage=2),
]
RUNGS = {"rungs": [{"label": "720p", "percent": 40.0}, {"label": "360p", "percent": 40.0}]}


@pytest.fixture
def job(video: ContentMain, owner: User) -> Job:
    return create_job(owner=owner, content=video, kind=KIND, parameters={}, steps=PLANS)


def take(lane: Lane) -> Claim:
    claimed = claim_next(lane=lane, worker="w")
    assert claimed is not None
    return claimed


def test_while_it_waits_it_tells_its_place_in_the_queue(video: ContentMain, job: Job, member: User) -> None:
    create_job(owner=member, content=None, kind=KIND, parameters={}, steps=PLANS, priority=1)
    assert progress_of(video) == {
        "state": "queued",
        "stage": "queued",
        "percent": 0.0,
        "seconds_left": None,
        "queue_place": 2,
        "rungs": [],
        "error": None,
        "waits_for": None,
        "job": {"id": job.public_id, "state": "queued", "may_help": False, "is_needed": True},
    }


def test_while_it_runs_it_tells_stage_percent_time_left_and_rungs(video: ContentMain, job: Job) -> None:
    leases.finish_step(take(Lane.QUICK), {})
    Step.objects.filter(name="probe").update(started_at=F("finished_at") - timedelta(seconds=5))
    leases.report(take(Lane.ENCODE), progress=0.4, seconds_left=60.0, detail=RUNGS)
    progress = progress_of(video)
    assert (progress["state"], progress["stage"], progress["percent"]) == ("running", "encoding", 42.0)
    assert progress["seconds_left"] == 65.0  # its own minute, and the publishing after it
    assert progress["rungs"] == RUNGS["rungs"]
    assert progress["queue_place"] is None


def test_between_two_steps_it_stands_in_a_line_again(video: ContentMain, job: Job) -> None:
    leases.finish_step(take(Lane.QUICK), {})
    progress = progress_of(video)
    assert (progress["state"], progress["queue_place"], progress["percent"]) == ("queued", 1, 10.0)


def test_when_it_is_done_every_rung_is(video: ContentMain, job: Job) -> None:
    leases.finish_step(take(Lane.QUICK), {})
    claimed = take(Lane.ENCODE)
    leases.report(claimed, progress=0.4, seconds_left=60.0, detail=RUNGS)
    leases.finish_step(claimed, {})
    leases.finish_step(take(Lane.QUICK), {})
    progress = progress_of(video)
    assert (progress["state"], progress["stage"], progress["percent"]) == ("done", "done", 100.0)
    assert [rung["percent"] for rung in progress["rungs"]] == [100.0, 100.0]


def test_a_failure_is_told_in_the_readers_language(video: ContentMain, job: Job) -> None:
    leases.fail_step(take(Lane.QUICK), Reason("not_a_video", "moov atom not found", is_retryable=False))
    progress = progress_of(video)
    assert (progress["state"], progress["stage"]) == ("failed", "probing")
    assert progress["error"] == {"code": "not_a_video", "message": "This file is neither a video nor sound."}
    with translation.override("de"):  # no catalogue of ours: the English words, not an empty text
        error = progress_of(video)["error"]
        assert error is not None
        assert error["message"]


def test_paused_and_cancelled_say_so(video: ContentMain, job: Job, owner: User) -> None:
    Job.objects.update(state=JobState.PAUSED)
    assert progress_of(video)["state"] == "paused"
    control.cancel(job=job, actor=owner)
    progress = progress_of(video)
    assert (progress["state"], progress["seconds_left"]) == ("cancelled", None)
    assert progress["error"] == {"code": "cancelled", "message": "Its owner stopped the making of this film."}


@pytest.mark.parametrize(("code", "may_help"), [("truncated", False), ("disk_full", True), ("internal_error", True)])
def test_whether_another_attempt_may_help_is_told(video: ContentMain, job: Job, code: str, may_help: bool) -> None:
    leases.fail_step(take(Lane.QUICK), Reason(code, "", is_retryable=False))
    told = progress_of(video)["job"]
    assert told is not None
    assert told["may_help"] is may_help


def test_whether_the_film_could_be_watched_without_it_is_told(video: ContentMain, job: Job) -> None:
    def is_needed() -> bool:
        told = progress_of(ContentMain.objects.get(pk=video.pk))["job"]
        assert told is not None
        return told["is_needed"]

    assert is_needed() is (video.version is None)
    video.renditions.update(parts=2)
    assert is_needed(), "its end is still to come"
    ContentMain.objects.update(version=None)
    assert is_needed()


def test_the_latest_job_counts(video: ContentMain, job: Job, owner: User) -> None:
    cancel(job)
    create_job(owner=owner, content=video, kind=KIND, parameters={}, steps=PLANS)
    assert progress_of(video)["state"] == "queued"


def test_small_work_on_the_side_does_not_hide_how_the_film_is_made(video: ContentMain, job: Job, owner: User) -> None:
    leases.finish_step(take(Lane.QUICK), {})
    create_job(owner=owner, content=video, kind=JobKind.POSTER, parameters={}, steps=[StepPlan("poster", Lane.QUICK)])
    assert progress_of(video)["percent"] == 10.0


def test_a_rung_is_as_far_as_its_parts_are_by_their_lengths(video: ContentMain, owner: User) -> None:
    parts = [StepPlan("part", Lane.ENCODE, weight, stage=1) for weight in (30, 30, 20)]
    plans = [StepPlan("inspect", Lane.QUICK), *parts, StepPlan("join", Lane.ENCODE, stage=2)]
    create_job(owner=owner, content=video, kind=KIND, parameters={}, steps=plans)
    leases.finish_step(take(Lane.QUICK), {})
    leases.finish_step(take(Lane.ENCODE), {}, detail={"rungs": [{"label": "720p", "percent": 97.0}]})
    both = [{"label": "720p", "percent": 50.0}, {"label": "360p", "percent": 10.0}]
    leases.report(take(Lane.ENCODE), progress=0.5, seconds_left=60.0, detail={"rungs": both})
    rungs = progress_of(video)["rungs"]
    assert rungs == [
        {"label": "720p", "percent": round((30 * 100 + 30 * 50) / 80, 1)},
        {"label": "360p", "percent": round(30 * 10 / 50, 1)},
    ], "the first part has not made the small rung and says so; the last has said nothing yet"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (ContentStatus.AVAILABLE, "done"),
        (ContentStatus.PROCESSING, "queued"),
        (ContentStatus.FAILED, "failed"),
        (ContentStatus.WITHDRAWN, "done"),
    ],
)
def test_an_item_without_a_job_is_told_by_its_status(owner: User, status: ContentStatus, state: str) -> None:
    progress = progress_of(make_video(owner, status=status, failure_code="corrupt"))
    assert progress["state"] == state
    assert (progress["error"] is not None) is (state == "failed")


def test_it_costs_two_queries_and_four_more_in_a_line_and_three_where_encoders_are_still_to_come(
    video: ContentMain, job: Job
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            progress_of(video)
        return len(captured)

    before_both_lines = queries()
    probing = take(Lane.QUICK)
    running = queries()
    leases.finish_step(probing, {})
    assert (before_both_lines, running, queries()) == (9, 2, 6)


def test_every_step_of_a_film_has_a_word() -> None:
    assert {plan.name for plan in TRANSCODE_STEPS} <= set(STAGE_OF_STEP)
