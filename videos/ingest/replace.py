"""Another file for an item that exists: it keeps its id, words and numbers, and goes on playing what it has until the
new file can be played (videos/publishing/replacing.py)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.models import User
from videos import storage
from videos.errors import NotPermitted
from videos.ingest.files import ReceivedFile, shown_filename
from videos.ingest.refusals import ReplacedUnknown
from videos.jobs.ending import fail_job
from videos.jobs.plans import TRANSCODE_STEPS
from videos.jobs.queue import StepPlan, create_job
from videos.jobs.turns import OPEN_JOBS
from videos.models import (
    ContentKind,
    ContentMain,
    ContentStatus,
    Job,
    JobKind,
    JobState,
    ReplacedSource,
    Source,
)

# What people see as soon as it is made waits for the version: a film that nobody has approved yet shows no picture and
# no words under the title of the one that was.
_SEEN_AT_ONCE: Final = frozenset({"poster", "words", "storyboard"})
_AFTER_ALL_ELSE: Final = 9


def may_replace(content: ContentMain, actor: User) -> bool:
    """Its owner, and staff with the right to change videos; films only."""
    is_theirs = content.owner_id == actor.pk or (actor.is_staff and actor.has_perm("videos.change_contentmain"))
    return is_theirs and actor.is_active and content.kind == ContentKind.VOD


def replaceable(public_id: str, actor: User) -> ContentMain:
    """The item whose film this person may replace. Raises ReplacedUnknown, also for what they may not know of, and
    NotPermitted."""
    content = ContentMain.objects.visible_to(actor).filter(public_id=public_id).first()
    if content is None:
        raise ReplacedUnknown(public_id)
    if not may_replace(content, actor):
        raise NotPermitted
    return content


def take_place(content: ContentMain, *, token: str, received: ReceivedFile, actor: User) -> Job:
    """In the transaction that holds the item: the file that lies under `token` is its source from now on, and is made
    into a version of it. What is being made of the one before is cancelled. Raises NotPermitted."""
    if not may_replace(content, actor):
        raise NotPermitted
    for job in Job.objects.filter(content=content, state__in=(*OPEN_JOBS, JobState.PAUSED)).order_by("pk"):
        fail_job(job.pk, code="replaced", detail=f"another file has taken the place of this one: {received.filename}")
    content.refresh_from_db()  # what its kind did about that
    source = Source.objects.get(content=content)
    stays_approved = actor.is_staff and settings.STAFF_UPLOADS_APPROVED
    parameters: dict[str, object] = {"source": token}
    if content.version is None:
        # What was decided about the film before is not about this one (publishing.transcode_job).
        parameters |= {} if stays_approved else {"asks_again": True}
        drop_source(content.public_id, source.token)
        if content.status != ContentStatus.WITHDRAWN:
            content.status = ContentStatus.PROCESSING
    else:
        ReplacedSource.objects.create(
            content=content,
            token=source.token,
            filename=source.filename,
            bytes=source.bytes,
            facts=source.facts,
            stays_approved=stays_approved,
        )
    content.failure_code = ""
    content.save(update_fields=["status", "failure_code", "updated_at"])
    source.token, source.facts = token, None
    source.filename, source.bytes = shown_filename(received.filename), received.bytes
    source.save(update_fields=["token", "filename", "bytes", "facts"])
    job = create_job(
        owner=content.owner, content=content, kind=JobKind.TRANSCODE, parameters=parameters, steps=_steps(content)
    )
    audit.record(
        actor=actor,
        action="video.replace",
        target=f"video:{content.public_id}",
        detail={"title": content.title, "file": source.filename},
    )
    return job


def _steps(content: ContentMain) -> list[StepPlan]:
    if content.version is None:
        return list(TRANSCODE_STEPS)
    return [replace(plan, stage=_AFTER_ALL_ELSE) if plan.name in _SEEN_AT_ONCE else plan for plan in TRANSCODE_STEPS]


def drop_source(public_id: str, token: str) -> None:
    """Removes a file that no version is made of, when the transaction has committed."""
    transaction.on_commit(partial(storage.discard_folder, storage.source_folder(public_id, token)), robust=True)
