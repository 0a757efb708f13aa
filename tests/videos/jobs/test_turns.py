"""Who is served next, and which place in the line people are told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import User
from tests.videos.jobs.conftest import MakeJob, claim
from videos.jobs import leases
from videos.jobs.queue import claim_next
from videos.jobs.turns import queue_place
from videos.models import Job, JobState, Lane

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def serve(lane: Lane = Lane.QUICK) -> Job:
    """One slot takes the next step and ends it."""
    claimed = claim(lane)
    leases.finish_step(claimed, {})
    return Job.objects.get(pk=claimed.job_id)


def test_two_hundred_films_of_one_do_not_hold_up_anothers_first(make_job: MakeJob, member: User) -> None:
    for _ in range(200):
        make_job()
    serve()  # one of the two hundred is on its way when the other arrives
    hers = make_job(owner=member)
    assert serve() == hers


def test_people_take_turns(make_job: MakeJob, owner: User, member: User, stranger: User) -> None:
    for person, films in ((owner, 4), (member, 2), (stranger, 1)):
        for _ in range(films):
            make_job(owner=person)
    order = [serve().owner for _ in range(7)]
    assert order == [owner, member, stranger, owner, member, owner, owner]


def test_with_several_slots_the_owner_with_fewer_running_steps_goes_first(
    make_job: MakeJob, owner: User, member: User
) -> None:
    for _ in range(3):
        make_job()
    claim(), claim()
    make_job(owner=member)
    assert Job.objects.get(pk=claim().job_id).owner == member


def test_within_one_owner_the_oldest_job_goes_first(make_job: MakeJob) -> None:
    jobs = [make_job() for _ in range(3)]
    assert [serve() for _ in range(3)] == jobs


def test_urgent_work_goes_before_everything(make_job: MakeJob, member: User) -> None:
    make_job(owner=member)
    urgent = make_job(priority=10)
    assert serve() == urgent


def test_lanes_do_not_wait_for_each_other(make_job: MakeJob) -> None:
    make_job(lane=Lane.ENCODE)
    assert claim_next(lane=Lane.QUICK, worker="w") is None


def test_a_paused_job_is_passed_over(make_job: MakeJob) -> None:
    paused, other = make_job(), make_job()
    Job.objects.filter(pk=paused.pk).update(state=JobState.PAUSED)
    assert serve() == other
    assert queue_place(Job.objects.get(pk=paused.pk)) is None


def test_what_runs_has_no_place_in_the_line(make_job: MakeJob) -> None:
    job = make_job()
    claim()
    assert queue_place(job) is None


@pytest.mark.parametrize("running", [0, 1, 2])
def test_the_place_told_is_the_number_of_turns_until_it_is_served(
    make_job: MakeJob, make_user: Callable[..., User], running: int
) -> None:
    people = [make_user(f"person{number}") for number in range(4)]
    for person, films in zip(people, (5, 1, 3, 2), strict=True):
        for _ in range(films):
            make_job(owner=person)
    make_job(owner=people[3], priority=50)
    for _ in range(running):
        claim()  # slots that stay busy from here on
    jobs = {job.pk: queue_place(job) for job in Job.objects.all()}
    told = sorted((place, pk) for pk, place in jobs.items() if place is not None)
    served = [claim().job_id for _ in told]
    assert [place for place, _pk in told] == list(range(1, len(told) + 1))
    assert [pk for _place, pk in told] == served
