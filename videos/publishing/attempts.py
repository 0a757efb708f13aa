"""What the steps of a transcode job share: the film they are about, and handing over what an attempt has made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from videos import storage
from videos.jobs.runner import StepContext
from videos.models import ContentMain, Source
from videos.pipeline import ffmpeg
from videos.pipeline.errors import SourceError
from videos.pipeline.facts import SourceFacts
from videos.pipeline.ladder import Ladder, LadderSettings, plan_ladder
from videos.pipeline.transcode import Encoding
from videos.publishing import versions


@dataclass(frozen=True, slots=True)
class Film:
    """An item, its source and what was found out about it."""

    content: ContentMain
    source: Source
    facts: SourceFacts

    @property
    def source_name(self) -> str:
        return storage.source_name(self.content.public_id, self.source.token)


def film_of(context: StepContext) -> Film:
    """What the step works on. Raises LeaseLost if the item was deleted, SourceError(replaced) if it is made of another
    file by now."""
    content = context.content
    source = Source.objects.get(content=content)
    if context.parameters.get("source", source.token) != source.token:
        raise SourceError("replaced", detail="the job is about a file that was given up")
    assert source.facts is not None, "the inspect step has written them"
    return Film(content, source, SourceFacts.from_json(source.facts))


def ladder_of(context: StepContext, film: Film) -> Ladder:
    """The same in every step of a job, also where somebody changes the settings meanwhile: the plan step has noted
    them. A job may be about some rungs only."""
    sides = context.results.get("plan", {}).get("sides", settings.LADDER_RUNGS)
    ladder = plan_ladder(film.facts, settings=LadderSettings().leaving(sides))
    wanted = context.parameters.get("rungs")
    if wanted is None:
        return ladder
    return replace(ladder, rungs=tuple(rung for rung in ladder.rungs if rung.label in wanted))


@contextmanager
def encoding_of(context: StepContext, film: Film, ladder: Ladder) -> Iterator[Encoding]:
    """All that encoding needs, with the source at hand."""
    with storage.source_file(film.source_name) as path:
        yield Encoding(
            source=path,
            facts=film.facts,
            ladder=ladder,
            ffmpeg=ffmpeg.find_ffmpeg(settings.FFMPEG_BINARY or None),
            threads=settings.FFMPEG_THREADS,
            should_stop=context.should_stop,
        )


def hand_over(context: StepContext, folder: Path) -> int:
    """Gives the folder to storage under a version number of this attempt's own, and takes it back unless the attempt
    ends well."""
    content = context.content
    with context.fenced():
        version = versions.allocate(content.pk)
    name = storage.version_folder(content.public_id, version)
    context.unless_finished(lambda: storage.delete_folder(name))
    storage.publish_folder(folder, name)
    return version
