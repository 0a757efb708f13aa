"""Who is served next, and which place in the line people are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from tests.videos.jobs.conftest import KIND, MakeJob, claim
from videos.jobs import leases
from videos.jobs.queue import StepPlan, claim_next, create_job
from videos.jobs.turns import queue_place
from videos.models import Job, JobState, Lane, Standing, Step

pytestmark = [pytest.mark.django_db, pytest.mark.database]


FILM = [
    StepPlan("probe", Lane.QUICK),
    StepPlan("ladder", Lane.ENCODE, stage=1),
    StepPlan("publish", Lane.QUICK, stage=2),
]


def film_of(person: User) -> Job:
    """A job as an upload makes it: looked at first, then in the line of the encoders."""
    return create_job(owner=person, content=None, kind=KIND, parameters={}, steps=FILM)


def places(*jobs: Job) -> list[int | None]:
    """What their owners are told now."""
    return [queue_place(Job.objects.get(pk=job.pk)) for job in jobs]


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


def test_what_nobody_can_watch_yet_goes_before_the_other_films_of_its_owner(make_job: MakeJob, member: User) -> None:
    long, growing, theirs = make_job(), make_job(), make_job(owner=member)
    urgent, awaited = make_job(priority=50), make_job()
    for job, standing in ((long, Standing.USUAL), (growing, Standing.GROWING), (awaited, Standing.FIRST)):
        Job.objects.filter(pk=job.pk).update(standing=standing)
        job.refresh_from_db()
    order = [urgent, theirs, awaited, growing, long]  # one of the owner's has been served when it is the member's turn
    assert places(urgent, awaited, growing, long) == [1, 2, 4, 5]
    assert [serve() for _ in order] == order


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


def test_of_two_films_of_one_the_later_is_not_next_while_the_earlier_waits(owner: User) -> None:
    """Each is first in a line of its own, one before the encoders and one before whoever looks at files: yet the later
    one will stand behind the earlier."""
    waits_for_an_encoder, just_arrived, last = (film_of(owner) for _ in range(3))
    serve()
    assert places(waits_for_an_encoder, just_arrived, last) == [1, 2, 3]
    serve()
    assert places(waits_for_an_encoder, just_arrived, last) == [1, 2, 3]
    claim(Lane.ENCODE)
    assert places(waits_for_an_encoder, just_arrived, last) == [None, 1, 2]


def test_what_is_encoded_already_waits_in_no_encoders_line(owner: User) -> None:
    made, waiting = film_of(owner), film_of(owner)
    serve(), serve(), serve(Lane.ENCODE)
    assert places(made, waiting) == [1, 1], "each is the next of its line, and no later line is before it"


def test_a_step_that_is_to_be_tried_again_later_does_not_say_that_it_is_next(make_job: MakeJob, member: User) -> None:
    failed, failed_later, next_one, hers = make_job(), make_job(), make_job(), make_job(owner=member)
    for minutes, job in ((1, failed), (2, failed_later)):
        Step.objects.filter(job=job).update(not_before=timezone.now() + timedelta(minutes=minutes))
    assert places(failed, failed_later, next_one, hers) == [3, 4, 1, 2]
    assert serve() == next_one


def test_of_three_owners_only_the_one_who_is_served_next_is_told_so(owner: User, member: User, stranger: User) -> None:
    """Films keep arriving while one slot of each lane works: places are distinct, in the order of claims, and rise
    only by a turn of somebody else."""
    arrivals = [owner, owner, member, owner, stranger, member, owner, stranger]
    films: list[Job] = []
    for person in arrivals:
        films.append(film_of(person))
        serve()
        told = {film.pk: place for film, place in zip(films, places(*films), strict=True)}
        assert sorted(place for place in told.values() if place is not None) == list(range(1, len(films) + 1))
    order = sorted(films, key=lambda film: places(film)[0] or 0)
    for film in order:
        waiting = [other for other in order if places(other) != [None]]
        assert places(*waiting) == list(range(1, len(waiting) + 1))
        assert claim(Lane.ENCODE).job_id == film.pk
