"""Two hundred films of one person, in stages and parts, do not hold up another's first; and the time told is sane."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from tests.videos.factories import make_video
from tests.videos.jobs.conftest import KIND, claim
from videos.jobs import leases
from videos.jobs.progress import progress_of
from videos.jobs.queue import Claim, StepPlan, add_steps, create_job
from videos.jobs.turns import queue_place
from videos.models import ContentMain, ContentStatus, Job, JobState, Lane, Step, StepState

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FILM = [
    StepPlan("inspect", Lane.QUICK),
    StepPlan("plan", Lane.QUICK, stage=1),
    StepPlan("poster", Lane.QUICK, stage=1, is_optional=True),
    StepPlan("join", Lane.ENCODE, stage=3),
    StepPlan("publish", Lane.QUICK, stage=4),
    StepPlan("storyboard", Lane.ENCODE, stage=5, is_optional=True),
]
PARTS = [StepPlan("part", Lane.ENCODE, 10.0, stage=2)] * 4


def film_of(person: User, content: ContentMain | None = None) -> Job:
    return create_job(owner=person, content=content, kind=KIND, parameters={}, steps=FILM)


def finish(claimed: Claim) -> Job:
    name = Step.objects.values_list("name", flat=True).get(pk=claimed.step_id)
    parts = PARTS if name == "plan" else []
    leases.finish_step(claimed, {}, also=lambda: add_steps(job_id=claimed.job_id, plans=parts) if parts else None)
    return Job.objects.get(pk=claimed.job_id)


def test_her_first_film_waits_for_one_step_in_each_lane_at_most(owner: User, member: User) -> None:
    for _ in range(200):
        film_of(owner)
    # Four of his are at their parts, all two hundred wait somewhere; one slot of each lane.
    for _ in range(12):
        finish(claim(Lane.QUICK))
    busy = {lane: claim(lane) for lane in Lane}
    hers = film_of(member)
    waited = dict.fromkeys(Lane, 0)
    while hers.state not in {JobState.DONE, JobState.FAILED}:
        for lane in Lane:
            hers.refresh_from_db()
            wanted = hers.steps.filter(lane=lane, state=StepState.QUEUED).exists()
            finish(busy[lane])
            busy[lane] = claim(lane)
            if not wanted:
                continue
            waited[lane] = waited[lane] + 1 if busy[lane].job_id != hers.pk else 0
            assert waited[lane] <= 1, "after a step of somebody else's it is her turn"
        hers.refresh_from_db()
    assert hers.state == JobState.DONE


def test_with_two_slots_each_has_one(owner: User, member: User) -> None:
    for _ in range(5):
        film_of(owner)
    for _ in range(15):
        finish(claim(Lane.QUICK))
    his = [claim(Lane.ENCODE), claim(Lane.ENCODE)]
    film_of(member)
    for _ in range(3):
        finish(claim(Lane.QUICK))
    finish(his[0])
    first = claim(Lane.ENCODE)
    assert Job.objects.get(pk=first.job_id).owner == member
    finish(his[1])
    assert Job.objects.get(pk=claim(Lane.ENCODE).job_id).owner == owner, "they share the two slots"


def test_of_films_in_parts_only_the_one_that_is_served_next_is_told_so(owner: User, member: User) -> None:
    his, hers = film_of(owner), film_of(member)
    for _ in range(6):
        finish(claim(Lane.QUICK))
    assert (queue_place(his), queue_place(hers)) == (1, 2)
    part = claim(Lane.ENCODE)
    assert (part.job_id, queue_place(his)) == (his.pk, None)
    assert queue_place(hers) == 1


def test_what_can_be_left_out_is_not_waited_for(owner: User, member: User) -> None:
    """Hers waits to be published; her storyboard will wait for an encoder, and nobody needs it."""
    hers = film_of(member)
    Step.objects.filter(job=hers, stage__lt=4).update(state=StepState.DONE)
    Step.objects.filter(job=hers, stage=4).update(state=StepState.QUEUED)
    for _ in range(3):
        his = film_of(owner)
        Step.objects.filter(job=his, stage__lt=3).update(state=StepState.DONE)
        Step.objects.filter(job=his, stage=3).update(state=StepState.QUEUED)
    assert queue_place(hers) == 1


@pytest.mark.parametrize(("slots", "waiting", "seconds"), [(1, 2, 15 + 2 * 30), (2, 2, 15 + 30), (2, 3, 15 + 2 * 30)])
def test_time_left_counts_what_is_left_and_how_many_work_on_it(
    owner: User, slots: int, waiting: int, seconds: float
) -> None:
    """Parts of 30 s; one is done, and each slot is in the middle of one. Joining and the storyboard, a tenth of a part
    each, take three seconds; publishing goes in no time."""
    video = make_video(owner, status=ContentStatus.PROCESSING)
    job = film_of(owner, video)
    for _ in range(3):
        finish(claim(Lane.QUICK))
    missing = 1 + slots + waiting - len(PARTS)
    Step.objects.bulk_create(
        Step(job=job, name="part", lane=Lane.ENCODE, weight=10.0, stage=2, position=50 + number, state=StepState.QUEUED)
        for number in range(missing)
    )
    now = timezone.now()
    done = claim(Lane.ENCODE)
    finish(done)
    long_ago = {"started_at": now - timedelta(seconds=45), "finished_at": now - timedelta(seconds=15)}
    Step.objects.filter(pk=done.step_id).update(**long_ago)
    for _ in range(slots):
        claimed = claim(Lane.ENCODE)
        leases.report(claimed, progress=0.5, seconds_left=15.0, detail={})
        Step.objects.filter(pk=claimed.step_id).update(started_at=now - timedelta(seconds=15))
    told = progress_of(video)["seconds_left"]
    assert told == pytest.approx(seconds + 3 + 3, abs=1.5)
