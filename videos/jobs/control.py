"""What people do with a job: pause, resume, cancel, retry, and its place in the queue. A command that asks for what is
already so changes nothing; one that does not fit the job's state is refused (WrongJobState)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final  # columns differ in type

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import User
from videos.errors import JobSuperseded, JobUnknown, NotPermitted, RungUnknown, WrongJobState
from videos.jobs import ending, stages
from videos.jobs.plans import STEPS_OF_KIND
from videos.jobs.queue import NORMAL_PRIORITY, StepPlan, create_job
from videos.jobs.registry import retry_hook
from videos.jobs.states import JobWord, jobs_that_may_become, steps_that_may_become
from videos.jobs.turns import OPEN_JOBS
from videos.models import Job, JobKind, JobState, Lane, Rendition, RenditionKind, Source, Step, StepState

FIRST: Final = 10
LAST: Final = 1000
PRIORITIES: Final = {"first": FIRST, "normal": NORMAL_PRIORITY, "last": LAST}
ENDED_EARLY: Final = (JobState.FAILED, JobState.CANCELLED)
# What the finished steps of such a job have made is swept a day after its end (publishing.leftovers). Until shortly
# before, a retry goes on from there; later everything is made anew.
RESULTS_KEPT: Final = timedelta(hours=20)


_STEPS_OF_BEFORE: Final = ("probe", "index", "ladder")
# What the steps that are done have made does not fit together, or is gone: repeating the last one brings the same.
_NOT_MENDED_BY_GOING_ON: Final = frozenset({"verification_failed", "file_gone"})


def is_steward(person: User) -> bool:
    """Staff who may change films: the work of everybody is theirs to steer, and only they set priorities."""
    return person.is_active and person.is_staff and person.has_perm("videos.change_contentmain")


def may_control(job: Job, actor: User) -> bool:
    """Whose work it is, whose item it is about, and stewards."""
    return (_is_own(job, actor) and actor.is_active) or is_steward(actor)


def _is_own(job: Job, actor: User) -> bool:
    return job.owner_id == actor.pk or (job.content is not None and job.content.owner_id == actor.pk)


def pause(*, job: Job, actor: User) -> Job:
    """Stops the work where it stands: who runs a step of it stops within seconds, and that attempt does not count. What
    is done stays done. Raises NotPermitted, WrongJobState."""
    with _held(job, actor) as state:
        if state == JobState.PAUSED:
            return _as_it_is(job)
        _move(job, "paused")
        running = Step.objects.filter(job=job, state=StepState.RUNNING)
        running.filter(state__in=steps_that_may_become("queued")).update(
            state=StepState.QUEUED,
            attempts=F("attempts") - 1,
            lease_expires_at=None,
            queued_at=timezone.now(),
            progress=0,
            seconds_left=None,
            detail={},
        )
        return _told(job, actor, "job.pause")


def resume(*, job: Job, actor: User) -> Job:
    """Puts paused work back into the line. Raises NotPermitted, WrongJobState."""
    with _held(job, actor) as state:
        if state in OPEN_JOBS:
            return _as_it_is(job)
        if state != JobState.PAUSED:
            raise WrongJobState(extra={"state": state})
        _move(job, "queued")
        queued = Step.objects.filter(job=job, state=StepState.QUEUED)
        stages.ring_on_commit(*sorted(set(queued.order_by().values_list("lane", flat=True))))
        return _told(job, actor, "job.resume")


def cancel(*, job: Job, actor: User) -> Job:
    """Ends the work. An item of which nothing can be played yet has failed then, with the code `cancelled`, or
    `cancelled_by_staff`. Raises NotPermitted, WrongJobState."""
    with _held(job, actor) as state:
        if state == JobState.CANCELLED:
            return _as_it_is(job)
        if state not in jobs_that_may_become("cancelled"):
            raise WrongJobState(extra={"state": state})
        is_own = _is_own(job, actor)
        ending.cancel_job(job.pk, code=ending.CANCELLED if is_own else ending.CANCELLED_BY_STAFF)
        return _told(job, actor, "job.cancel")


def retry(*, job: Job, actor: User) -> Job:
    """Has failed or cancelled work done after all, from where it stands: what is done stays done, attempts count anew.
    Long after its end it is another job that does it, from the beginning. Raises NotPermitted, WrongJobState,
    JobSuperseded."""
    with _held(job, actor) as state:
        if state in OPEN_JOBS:
            return _as_it_is(job)
        if state not in ENDED_EARLY:
            raise WrongJobState(extra={"state": state})
        held = Job.objects.select_related("content__owner", "owner").get(pk=job.pk)
        if is_superseded(held):
            raise JobSuperseded
        is_old = held.finished_at is None or held.finished_at < timezone.now() - RESULTS_KEPT
        if is_old or not _is_of_this_version(held) or held.error_code in _NOT_MENDED_BY_GOING_ON:
            return _told(_begun_anew(held), actor, "job.retry")
        Step.objects.filter(job=held, state__in=steps_that_may_become("waiting")).update(
            state=StepState.WAITING,
            attempts=0,
            not_before=None,
            queued_at=None,
            finished_at=None,
            progress=0,
            seconds_left=None,
            detail={},
        )
        _move(held, "queued", error_code="", error_detail="", finished_at=None)
        _tell_kind(held)
        stages.advance(held.pk)
        return _told(held, actor, "job.retry")


def retry_rung(*, job: Job, actor: User, rung: str) -> Job:
    """A new job that makes one size of the item again. Raises NotPermitted, RungUnknown; WrongJobState while other work
    makes the item, JobSuperseded for any but the latest job of it."""
    with _held(job, actor) as state:
        if state in OPEN_JOBS or state == JobState.PAUSED:
            raise WrongJobState(extra={"state": state})
        held = Job.objects.select_related("content__owner").get(pk=job.pk)
        if held.kind != JobKind.TRANSCODE or held.content is None or rung not in rungs_of(held):
            raise RungUnknown
        if state != JobState.DONE:  # there is no ladder that it could join
            raise WrongJobState(extra={"state": state})
        if is_superseded(held):
            raise JobSuperseded
        plans = [plan for plan in STEPS_OF_KIND[held.kind] if not plan.is_optional]
        made = create_job(
            owner=held.content.owner,
            content=held.content,
            kind=held.kind,
            parameters={**held.parameters, "rungs": [rung]},
            steps=plans,
            priority=held.priority,
        )
        return _told(made, actor, "job.retry", rung=rung)


def set_priority(*, job: Job, actor: User, priority: int) -> Job:
    """Moves the work in the queue; a smaller number goes first. For stewards. Raises NotPermitted, WrongJobState."""
    if not is_steward(actor):
        raise NotPermitted
    with _held(job, actor) as state:
        if state not in OPEN_JOBS and state != JobState.PAUSED:
            raise WrongJobState(extra={"state": state})
        if not Job.objects.filter(pk=job.pk).exclude(priority=priority).update(priority=priority):
            return _as_it_is(job)
        return _told(job, actor, "job.priority", priority=priority)


def rungs_of(job: Job) -> list[str]:
    """The labels of the sizes that the item's published version has, highest first, and of those that the job made
    besides and that were refused."""
    if job.content is None or job.content.version is None:
        return []
    rungs = Rendition.objects.filter(content=job.content, version=job.content.version, kind=RenditionKind.RUNG)
    published = rungs.order_by("-height").values_list("label", flat=True)
    details = Step.objects.filter(job=job).order_by("position").values_list("detail", flat=True)
    made = [str(rung["label"]) for detail in details for rung in detail.get("rungs", [])]
    return list(dict.fromkeys([*published, *made]))


def is_superseded(job: Job) -> bool:
    """Whether a later job of its kind is about the same item, or the item is made of another file by now."""
    if _later(job).exists():
        return True
    token = job.parameters.get("source")
    return token is not None and not Source.objects.filter(content=job.content_id, token=token).exists()


def _later(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(content=job.content_id, kind=job.kind, pk__gt=job.pk).exclude(content=None)


def _is_of_this_version(job: Job) -> bool:
    """Whether its steps still exist: the version before made films by others."""
    return not (job.kind == JobKind.TRANSCODE and job.steps.filter(name__in=_STEPS_OF_BEFORE).exists())


def _begun_anew(job: Job) -> Job:
    """Another job for the same work, without the steps that steps have added; they will be added again."""
    stages_of = {step.name: step.stage for step in job.steps.all()}
    plans = [
        # A film that takes another's place has some of them later (ingest.replace).
        replace(plan, stage=max(plan.stage, stages_of.get(plan.name, 0)))
        for plan in STEPS_OF_KIND.get(job.kind, ())
        if not (plan.is_optional and "rungs" in job.parameters)
    ] or [
        StepPlan(
            name=step.name,
            lane=Lane(step.lane),
            weight=step.weight,
            stage=step.stage,
            parameters=step.parameters,
            is_optional=step.is_optional,
        )
        for step in job.steps.order_by("position")
    ]
    made = create_job(
        owner=job.owner,
        content=job.content,
        kind=job.kind,
        parameters=job.parameters,
        steps=plans,
        priority=job.priority,
    )
    _tell_kind(made)
    return made


def _tell_kind(job: Job) -> None:
    if (hook := retry_hook(job.kind)) is not None:
        hook(job)


@contextmanager
def _held(job: Job, actor: User) -> Iterator[str]:
    """The job's state, in a transaction that holds its row. Raises NotPermitted, JobUnknown when it is gone."""
    if not may_control(job, actor):
        raise NotPermitted
    with transaction.atomic():
        state = stages.hold(job.pk)
        if state is None:
            raise JobUnknown(job.public_id)
        yield state


def _move(job: Job, target: JobWord, **changes: Any) -> None:
    moved = Job.objects.filter(pk=job.pk, state__in=jobs_that_may_become(target)).update(state=target, **changes)
    if not moved:
        raise WrongJobState(extra={"state": Job.objects.values_list("state", flat=True).get(pk=job.pk)})


def _as_it_is(job: Job) -> Job:
    return Job.objects.select_related("content", "owner").get(pk=job.pk)


def _told(job: Job, actor: User, action: str, **facts: object) -> Job:
    """Tells whoever looks, and the audit trail, whose lock comes last."""
    changed = _as_it_is(job)
    ending.tell(changed)
    content = changed.content
    audit.record(
        actor=actor,
        action=action,
        target=f"video:{content.public_id}" if content else f"job:{changed.public_id}",
        detail={**({"title": content.title} if content else {}), "job": changed.public_id, **facts},
    )
    return changed
