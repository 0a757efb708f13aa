"""The storyboard step of a transcode job: pictures for the seek bar, once the film is published."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any  # a step's result is a JSON object

from django.conf import settings

from videos import storage
from videos.jobs.runner import StepContext, register
from videos.models import Artwork, ArtworkKind, ContentMain, JobKind, Rendition, RenditionKind, Source
from videos.models.source import new_token
from videos.pipeline import ffmpeg, storyboard
from videos.pipeline.facts import SourceFacts
from videos.publishing import artwork


@register(JobKind.TRANSCODE, "storyboard")
def storyboard_step(context: StepContext) -> dict[str, Any]:
    """Sheets and their list from the smallest rung, which is read fastest; sound alone has none. A film can do without
    them, so the step is an optional one."""
    content = context.content
    token = new_token()
    with _film(content) as film:
        if film is None:
            return {}
        made = storyboard.make_storyboard(
            film, context.scratch, token, ffmpeg=_ffmpeg(), should_stop=context.should_stop
        )
    board = Artwork(
        content=content,
        kind=ArtworkKind.STORYBOARD,
        token=token,
        width_px=made.width,
        height_px=made.height,
        bytes=made.bytes,
        sheets=made.sheets,
    )
    artwork.hand_over(context, board, {filename: context.scratch / filename for filename in board.filenames})
    context.on_finish(partial(artwork.replace, board))
    return {"pictures": made.pictures}


@contextmanager
def _film(content: ContentMain) -> Iterator[storyboard.Film | None]:
    """What the pictures are taken from, on this machine's disk while the block runs."""
    version = content.version or 0
    rungs = Rendition.objects.filter(content=content, version=version, kind=RenditionKind.RUNG, parts=0)
    rung = rungs.order_by("height").first()
    if rung is not None:
        folder = storage.version_folder(content.public_id, version)
        with storage.source_file(f"{folder}/{rung.label}.mp4") as path:
            yield storyboard.of_rung(
                path,
                width=rung.width_px,
                height=rung.height_px,
                start_seconds=rung.offset_seconds,
                duration_seconds=rung.duration_seconds,
            )
        return
    source = Source.objects.get(content=content)
    assert source.facts is not None, "the first step has written them"
    with storage.source_file(storage.source_name(content.public_id, source.token)) as path:
        yield storyboard.of_source(path, SourceFacts.from_json(source.facts), ffmpeg=_ffmpeg())


def _ffmpeg() -> Path:
    return ffmpeg.find_ffmpeg(settings.FFMPEG_BINARY or None)
