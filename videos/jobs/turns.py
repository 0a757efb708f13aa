"""Whose turn it is: the order in which the steps of a lane are claimed, and a job's place in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from videos.models import Job, JobState, LaneTurn, Step, StepState

OPEN_JOBS = (JobState.QUEUED, JobState.RUNNING)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def claimable(*, lane: str, now: datetime) -> QuerySet[Step]:
    """Steps of the lane that a worker may take now."""
    return Step.objects.filter(lane=lane, state=StepState.QUEUED, job__state__in=OPEN_JOBS).filter(
        Q(not_before__isnull=True) | Q(not_before__lte=now)
    )


def in_order(*, lane: str, now: datetime) -> QuerySet[Step]:
    """The same, first to be served first: priority, the owner with fewest running steps here, the owner who has waited
    longest for a turn (with one slot nobody has a running step at the moment of choice), then age."""
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
        .order_by("job__priority", "owner_running", F("owner_served_at").asc(nulls_first=True), "job_id", "position")
    )


@dataclass(frozen=True)
class Line:
    """One owner's waiting steps of equal priority in a lane."""

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
    """The place (1 is next) of the step that has `ahead_in_own` of its owner's before it. Pure: each other owner
    gets as many turns before it as the rule of `in_order` gives, when every turn makes one more running step."""
    before = ahead_in_own
    for other in others:
        turns = own.running + ahead_in_own - other.running + (1 if other.precedes(own) else 0)
        before += min(other.waiting, max(turns, 0))
    return before + 1


def queue_place(job: Job) -> int | None:
    """The job's place in the lane where its next step waits (1 is next); None if nothing of it waits. Four small
    queries."""
    step = Step.objects.filter(job=job, state=StepState.QUEUED).order_by("position").first()
    if step is None or job.state not in OPEN_JOBS:
        return None
    waiting = [
        (row["job__owner_id"], row["job__priority"], row["count"], row["oldest"], row["ahead"])
        for row in claimable(lane=step.lane, now=timezone.now())
        .filter(job__priority__lte=job.priority)
        .order_by()
        .values("job__owner_id", "job__priority")
        .annotate(count=Count("pk"), oldest=Min("job_id"), ahead=Count("pk", filter=Q(job_id__lt=job.pk)))
    ]
    more_urgent = sum(count for _owner, priority, count, _oldest, _ahead in waiting if priority < job.priority)
    peers = [row for row in waiting if row[1] == job.priority]
    lines = _lines(step.lane, {owner: (count, oldest) for owner, _priority, count, oldest, _ahead in peers})
    own = lines.pop(job.owner_id, None) or Line(waiting=1, running=0, served_at=None, oldest_job=job.pk)
    ahead = sum(ahead for owner, _priority, _count, _oldest, ahead in peers if owner == job.owner_id)
    return int(more_urgent) + place_in_turns(own=own, ahead_in_own=int(ahead), others=lines.values())


def _lines(lane: str, waiting: Mapping[int | None, tuple[int, int]]) -> dict[int | None, Line]:
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
