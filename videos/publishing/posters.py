"""The poster step of a transcode job: the picture that stands for a film in lists, until its owner chooses one."""

from __future__ import annotations

from functools import partial
from typing import Any  # a step's result is a JSON object

import structlog
from django.conf import settings
from django.db import transaction

from videos import storage
from videos.errors import StorageError
from videos.jobs.runner import StepContext, register
from videos.models import Artwork, JobKind, Source
from videos.models.artwork import ArtworkKind
from videos.models.source import new_token
from videos.pipeline import ffmpeg, poster
from videos.pipeline.errors import LimitError, SourceError
from videos.pipeline.facts import SourceFacts

log = structlog.get_logger(__name__)


@register(JobKind.TRANSCODE, "poster")
def poster_step(context: StepContext) -> dict[str, Any]:
    """A picture for lists, long before the film can be played. A film without a picture has none, and so has one of
    which no picture could be made in time: whether the film can be used is for the ladder to say."""
    content = context.content
    source = Source.objects.get(content=content)
    assert source.facts is not None, "the probe step has written them"
    facts = SourceFacts.from_json(source.facts)
    picture = context.scratch / "poster.jpg"
    binary = ffmpeg.find_ffmpeg(settings.FFMPEG_BINARY or None)
    with storage.source_file(storage.source_name(content.public_id, source.token)) as path:
        try:
            made = poster.make_poster(path, facts, picture, ffmpeg=binary, should_stop=context.should_stop)
        except (SourceError, LimitError) as error:
            return {"no_picture": error.code, "detail": error.detail}
    if made is None:
        return {}
    artwork = Artwork(
        content=content,
        kind=ArtworkKind.POSTER,
        token=new_token(),
        width_px=made.width,
        height_px=made.height,
        bytes=made.bytes,
    )
    name = storage.artwork_name(content.public_id, artwork.filename)
    with context.fenced():
        pass  # LeaseLost here costs nothing
    context.unless_finished(lambda: storage.delete_file(name))
    storage.put_file(picture, name)
    context.on_finish(lambda: _replace(artwork))
    return {}


def _replace(artwork: Artwork) -> None:
    """The new picture takes the old one's place; the old file goes when the transaction has committed."""
    replaced = Artwork.objects.filter(content=artwork.content, kind=artwork.kind)
    for old in replaced:
        transaction.on_commit(partial(_drop, storage.artwork_name(artwork.content.public_id, old.filename)))
    replaced.delete()
    artwork.save()


def _drop(name: str) -> None:
    try:
        storage.delete_file(name)
    except StorageError as error:  # the sweep finds it
        log.warning("a replaced picture is still there", name=name, error=str(error))
