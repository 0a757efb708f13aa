"""The picture that stands for an item: found by a step of its transcode job, or chosen by its owner, whose choice no
step replaces. A newer wish outdoes an older one that is still being worked on."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final  # a step's result and a job's parameters are JSON objects

from django.conf import settings
from django.db import transaction

from accounts.models import User
from videos import storage
from videos.errors import ImageTooLarge, ImageUnreadable, InsufficientStorage, NoPicture, NotReady, StorageError
from videos.jobs.queue import NORMAL_PRIORITY, StepPlan, create_job
from videos.jobs.runner import StepContext, register
from videos.jobs.turns import OPEN_JOBS
from videos.models import Artwork, ArtworkKind, ContentMain, Job, JobKind, Lane, ReplacedSource, Source
from videos.pipeline import ffmpeg, own_picture, poster
from videos.pipeline.errors import LimitError, MachineError, SourceError
from videos.pipeline.facts import SourceFacts
from videos.publishing import artwork
from videos.storage.disk import disk_errors

STEPS: Final = (StepPlan("poster", Lane.QUICK),)
URGENT: Final = 50  # somebody sits and waits for it; one at a time of each person, or they would hold up all others
_TURNS: Final = threading.BoundedSemaphore(2)  # pictures read at once, whatever is sent: each may take 500 MB
_REFUSALS: Final = {"unreadable": ImageUnreadable, "too_large": ImageTooLarge}


@register(JobKind.TRANSCODE, "poster")
def poster_step(context: StepContext) -> dict[str, Any]:
    """A picture for lists, long before the film can be played. A film without a picture has none, and so has one of
    which no picture could be made in time: whether the film can be used is for the ladder to say."""
    if _has_own(context.content):
        return {"kept": True}
    try:
        return _make(context, at_seconds=None)
    except (SourceError, LimitError) as error:
        return {"no_picture": error.code, "detail": error.detail}


@register(JobKind.POSTER, "poster")
def wished_step(context: StepContext) -> dict[str, Any]:
    """What somebody has asked for: the frame at a second, or the one we would have chosen."""
    if _is_outdone(context.job, context.content):
        return {"outdone": True}
    return _make(context, at_seconds=context.parameters.get("at_seconds"))


def of(content: ContentMain) -> Artwork | None:
    """The item's poster."""
    return Artwork.objects.filter(content=content, kind=ArtworkKind.POSTER).first()


def take_picture(*, content: ContentMain, chunks: Iterable[bytes]) -> Artwork:
    """The owner's own picture, as it was sent, takes the place of what is there. Raises ImageUnreadable, ImageTooLarge,
    StorageError."""
    folder = Path(settings.SCRATCH_DIR) / "pictures"  # swept like an attempt's
    folder.mkdir(parents=True, exist_ok=True)
    with _TURNS, tempfile.TemporaryDirectory(dir=folder) as desk:
        sent, picture = Path(desk) / "sent", Path(desk) / "poster.jpg"
        with disk_errors("a picture that was sent"), sent.open("wb") as file:
            file.writelines(chunks)
        try:
            made = own_picture.take_picture(sent, picture)
        except MachineError as error:
            raise (InsufficientStorage if error.code == "disk_full" else StorageError)(str(error)) from error
        if isinstance(made, own_picture.Refused):
            raise _REFUSALS[made.reason](made.detail)
        return put(content=content, picture=picture, made=made)


def put(*, content: ContentMain, picture: Path, made: poster.PosterFacts) -> Artwork:
    """A JPEG of ours becomes the owner's choice. Raises StorageError."""
    own = _row(content, made, is_own=True)
    storage.put_file(picture, storage.artwork_name(content.public_id, own.filename))
    try:
        with transaction.atomic():
            artwork.replace(own)
    except BaseException:
        artwork.drop(artwork.names_of(own))
        raise
    return own


def take_frame(*, content: ContentMain, actor: User, at_seconds: float) -> Job:
    """A job that makes the picture at that second of the film its poster. Raises NoPicture and NotReady."""
    return _wish(content, actor, {"at_seconds": at_seconds})


def choose_again(*, content: ContentMain, actor: User) -> Job | None:
    """Gives up the owner's choice: a job that looks for a good picture. Of sound alone the picture goes at once, and
    there is no job. Raises NotReady."""
    try:
        return _wish(content, actor, {"at_seconds": None})
    except NoPicture:
        with transaction.atomic():
            ContentMain.objects.locked(content.pk)
            artwork.remove(of(content))
        return None


def _wish(content: ContentMain, actor: User, parameters: dict[str, Any]) -> Job:
    if ReplacedSource.objects.filter(content=content).exists():
        raise NotReady  # the file at hand is not yet the film that people see
    facts = _known(content)[1]
    if facts.video is None:
        raise NoPicture
    is_another = Job.objects.filter(owner=actor, priority=URGENT, state__in=OPEN_JOBS).exclude(content=content).exists()
    return create_job(
        owner=actor,
        content=content,
        kind=JobKind.POSTER,
        parameters=parameters,
        steps=STEPS,
        priority=NORMAL_PRIORITY if is_another else URGENT,
    )


def _known(content: ContentMain) -> tuple[Source, SourceFacts]:
    """Raises NotReady until somebody has looked into the file."""
    source = Source.objects.filter(content=content).first()
    if source is None or source.facts is None:
        raise NotReady
    return source, SourceFacts.from_json(source.facts)


def _make(context: StepContext, *, at_seconds: float | None) -> dict[str, Any]:
    content = context.content
    source, facts = _known(content)
    picture = context.scratch / "poster.jpg"
    binary = ffmpeg.find_ffmpeg(settings.FFMPEG_BINARY or None)
    stop = context.should_stop
    with storage.source_file(storage.source_name(content.public_id, source.token)) as path:
        if at_seconds is None:
            made = poster.make_poster(path, facts, picture, ffmpeg=binary, should_stop=stop)
        else:
            made = poster.draw_frame(path, facts, at_seconds, picture, ffmpeg=binary, should_stop=stop)
    if made is None:
        return {}
    row = _row(content, made, is_own=at_seconds is not None)
    artwork.hand_over(context, row, {row.filename: picture})
    context.on_finish(partial(_take_place, context.job, row))
    return {}


def _row(content: ContentMain, made: poster.PosterFacts, *, is_own: bool) -> Artwork:
    return Artwork(
        content=content,
        kind=ArtworkKind.POSTER,
        width_px=made.width,
        height_px=made.height,
        bytes=made.bytes,
        is_own=is_own,
    )


def _take_place(job: Job, row: Artwork) -> None:
    """In the transaction that ends the step: unless its owner has wished for something else meanwhile."""
    if _is_outdone(job, row.content):
        transaction.on_commit(partial(artwork.drop, artwork.names_of(row)))
    else:
        artwork.replace(row)


def _is_outdone(job: Job, content: ContentMain) -> bool:
    if job.kind != JobKind.POSTER:
        return _has_own(content)
    has_newer_wish = Job.objects.filter(content=content, kind=JobKind.POSTER, pk__gt=job.pk).exists()
    return (
        has_newer_wish
        or Artwork.objects.filter(
            content=content, kind=ArtworkKind.POSTER, is_own=True, created_at__gt=job.created_at
        ).exists()
    )


def _has_own(content: ContentMain) -> bool:
    return Artwork.objects.filter(content=content, kind=ArtworkKind.POSTER, is_own=True).exists()
