"""Whose turn it is: the order in which the steps of a lane are claimed, and a job's place in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from videos.models import Job, JobState, Lane, LaneTurn, Step, StepState

OPEN_JOBS = (JobState.QUEUED, JobState.RUNNING)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def claimable(*, lane: str, now: datetime) -> QuerySet[Step]:
    """Steps of the lane that a worker may take now."""
    return Step.objects.filter(lane=lane, state=StepState.QUEUED, job__state__in=OPEN_JOBS).filter(
        Q(not_before__isnull=True) | Q(not_before__lte=now)
    )


def in_order(*, lane: str, now: datetime) -> QuerySet[Step]:
    """The same, first to be served first: priority, the owner with fewest running steps here, the owner who has waited
    longest for a turn (with one slot nobody has a running step at the moment of choice), of theirs what nobody can
    watch yet and what is all but done, then what is watched while it grows, then age."""
    running = (
        Step.objects.filter(lane=lane, state=StepState.RUNNING, job__owner=OuterRef("job__owner"))
        .order_by()
        .values("job__owner")
        .annotate(count=Count("pk"))
        .values("count")
    )
    served = LaneTurn.objects.filter(lane=lane, owner=OuterRef("job__owner")).values("served_at")
    return (
        claimable(lane=lane, now=now)
        .annotate(
            owner_running=Coalesce(Subquery(running, output_field=IntegerField()), 0), owner_served_at=Subquery(served)
        )
        .order_by(
            "job__priority",
            "owner_running",
            F("owner_served_at").asc(nulls_first=True),
            "job__standing",
            "job_id",
            "position",
        )
    )


@dataclass(frozen=True)
class Line:
    """One owner's waiting jobs of equal priority in a lane: people count films, however many steps each is."""

    waiting: int
    running: int
    served_at: datetime | None
    oldest_job: int

    def precedes(self, other: Line) -> bool:
        """Who is first when both have equally many running steps. Whoever got there by a turn of its own has been
        served later than who stood there from the beginning."""
        if self.running != other.running:
            return self.running > other.running
        return (self.served_at or _LONG_AGO, self.oldest_job) < (other.served_at or _LONG_AGO, other.oldest_job)


def place_in_turns(*, own: Line, ahead_in_own: int, others: Iterable[Line]) -> int:
    """The place (1 is next) of the job that has `ahead_in_own` of its owner's before it. Pure: each other owner
    gets as many turns before it as the rule of `in_order` gives, when every turn makes one more running step."""
    before = ahead_in_own
    for other in others:
        turns = own.running + ahead_in_own - other.running + (1 if other.precedes(own) else 0)
        before += min(other.waiting, max(turns, 0))
    return before + 1


def queue_place(job: Job) -> int | None:
    """How many films are served before the job, and one; None if nothing of it waits, or some of it runs. A
    film that still has to be looked at also counts those who stand before the encoders already: it will stand behind
    them. Four small queries, three more for a second line."""
    if job.state not in OPEN_JOBS:
        return None
    ahead = list(
        Step.objects.filter(job=job, state__in=[StepState.RUNNING, StepState.QUEUED, StepState.WAITING])
        .order_by("stage", "position")
        .values_list("lane", "state", "not_before", "is_optional")
    )
    queued = [(not_before, lane) for lane, state, not_before, _optional in ahead if state == StepState.QUEUED]
    if not queued or any(state == StepState.RUNNING for _lane, state, _not_before, _optional in ahead):
        return None
    now = timezone.now()
    not_before, lane = min(queued, key=lambda step: max(step[0] or now, now))  # the first of those side by side
    if not_before is not None and not_before > now:
        return _place_after_back_off(job, lane=lane, not_before=not_before, now=now)
    place = _place_in_lane(job, lane=lane, now=now)
    # A film whose storyboard alone is left can be played: what is optional is not waited for.
    waits_for_encoders = any(each == Lane.ENCODE and not optional for each, _state, _not_before, optional in ahead)
    if lane == Lane.QUICK and waits_for_encoders:
        place += _place_in_lane(job, lane=Lane.ENCODE, now=now) - 1
    return place


def _place_in_lane(job: Job, *, lane: str, now: datetime) -> int:
    """Its place among those who wait in the lane, as if it stood there too."""
    goes_before = Q(job__standing=job.standing, job_id__lt=job.pk) | Q(job__standing__lt=job.standing)
    waiting = [
        (row["job__owner_id"], row["job__priority"], row["count"], row["oldest"], row["ahead"])
        for row in claimable(lane=lane, now=now)
        .filter(job__priority__lte=job.priority)
        .order_by()
        .values("job__owner_id", "job__priority")
        .annotate(
            count=Count("job_id", distinct=True),
            oldest=Min("job_id"),
            ahead=Count("job_id", distinct=True, filter=goes_before),
        )
    ]
    more_urgent = sum(count for _owner, priority, count, _oldest, _ahead in waiting if priority < job.priority)
    peers = [row for row in waiting if row[1] == job.priority]
    lines = _lines(lane, {owner: (count, oldest) for owner, _priority, count, oldest, _ahead in peers}, job)
    own = lines.pop(job.owner_id)
    ahead = sum(ahead for owner, _priority, _count, _oldest, ahead in peers if owner == job.owner_id)
    return int(more_urgent) + place_in_turns(own=own, ahead_in_own=int(ahead), others=lines.values())


def _place_after_back_off(job: Job, *, lane: str, not_before: datetime, now: datetime) -> int:
    """What is to be tried again later stands behind all who may be served now, and those who are due before it."""
    due_before = Q(not_before__lt=not_before) | Q(not_before=not_before, job_id__lt=job.pk)
    backing_off = Step.objects.filter(
        due_before, lane=lane, state=StepState.QUEUED, not_before__gt=now, job__state__in=OPEN_JOBS
    )
    waiting = claimable(lane=lane, now=now).order_by().values("job").union(backing_off.order_by().values("job"))
    return waiting.count() + 1


def _lines(lane: str, waiting: Mapping[int | None, tuple[int, int]], job: Job) -> dict[int | None, Line]:
    """The owners' lines by owner; that of the job's owner also if nothing of theirs stands in the lane yet."""
    waiting = {job.owner_id: (1, job.pk), **waiting}
    owners = [owner for owner in waiting if owner is not None]
    running = dict(
        Step.objects.filter(lane=lane, state=StepState.RUNNING, job__owner__in=owners)
        .order_by()
        .values_list("job__owner_id")
        .annotate(Count("pk"))
    )
    served = dict(LaneTurn.objects.filter(lane=lane, owner__in=owners).values_list("owner_id", "served_at"))
    return {
        owner: Line(count, running.get(owner, 0), served.get(owner) if owner else None, oldest)
        for owner, (count, oldest) in waiting.items()
    }
