"""The words step of a transcode job: captions and chapters that the film's file brings along."""

from __future__ import annotations

import time
from functools import partial
from typing import Any  # a step's result is a JSON object

import structlog

from videos import storage
from videos.jobs.runner import StepContext, register
from videos.models import Caption, CaptionOrigin, ContentMain, JobKind, Source
from videos.models.source import new_token
from videos.pipeline import captions_in_file, languages
from videos.pipeline.captions_in_file import FoundCaptions, FoundWords
from videos.pipeline.errors import LimitError, SourceError
from videos.pipeline.facts import SourceFacts
from videos.publishing import retiring, words

log = structlog.get_logger(__name__)

UNKNOWN_LANGUAGE = "und"
_LONGEST_LABEL = 100


@register(JobKind.TRANSCODE, "words")
def words_step(context: StepContext) -> dict[str, Any]:
    """Reads the file's text tracks for a few seconds at most. A file whose words cannot be read has none: whether the
    film can be used is for others to say. Chapters stand in the file's facts already."""
    content = context.content
    source = Source.objects.get(content=content)
    assert source.facts is not None, "the step before has written them"
    facts = SourceFacts.from_json(source.facts)
    result: dict[str, Any] = {}
    found = FoundWords()
    if captions_in_file.text_tracks(facts):
        begun = time.monotonic()
        with storage.source_file(storage.source_name(content.public_id, source.token)) as path:
            try:
                found = captions_in_file.find_captions(path, facts, context.scratch, should_stop=context.should_stop)
            except (SourceError, LimitError) as error:
                result = {"no_captions": error.code, "detail": error.detail}
        result["seconds"] = round(time.monotonic() - begun, 2)
    if found.stopped_at_seconds is not None:
        result["stopped_at_seconds"] = round(found.stopped_at_seconds, 1)
        log.warning("only the beginning was read for captions", video=content.public_id, **result)
    pictures = [track.codec for track in facts.subtitles if track.codec not in captions_in_file.TEXT_CODECS]
    if pictures:
        result["not_text"] = pictures
        log.info("captions that are pictures are left out", video=content.public_id, codecs=pictures)
    made = [_stored(context, content, captions) for captions in found.captions]
    context.on_finish(lambda: _take_over(content.pk, made, facts))
    return {"captions": len(made), "chapters": len(facts.chapters), **result}


def _stored(context: StepContext, content: ContentMain, found: FoundCaptions) -> Caption:
    """The row, not saved; its file is in storage, and goes again unless the step ends well."""
    track = found.track
    caption = Caption(
        content=content,
        token=new_token(),
        language=languages.bcp47(track.language) or UNKNOWN_LANGUAGE,
        label=track.title[:_LONGEST_LABEL],
        is_default=track.is_default,
        is_forced=track.is_forced,
        origin=CaptionOrigin.FILE,
        track=track.index,
        cues=found.cues,
        bytes=found.bytes,
    )
    name = storage.words_name(content.public_id, caption.filename)
    context.unless_finished(partial(storage.discard_file, name))
    storage.put_file(found.path, name)
    return caption


def _take_over(content_id: int, made: list[Caption], facts: SourceFacts) -> None:
    """In the transaction that ends the step. What stands there of the same stream gets the new words and keeps what its
    owner has said about it; what was uploaded stays."""
    content = ContentMain.objects.locked(content_id)
    earlier = {caption.track: caption for caption in Caption.objects.filter(content=content, origin=CaptionOrigin.FILE)}
    has_default = Caption.objects.filter(content=content, is_default=True).exists()
    for caption in made:
        old = earlier.get(caption.track)
        if old is not None:
            retiring.retire(content, storage.words_name(content.public_id, old.filename))
            old.token, old.cues, old.bytes = caption.token, caption.cues, caption.bytes
            old.save(update_fields=["token", "cues", "bytes"])
            continue
        caption.is_default = caption.is_default and not has_default
        has_default = has_default or caption.is_default
        caption.save()
    if not content.has_own_chapters:
        words.write_chapters(content, words.chapters_of_file(facts))
    words.note_change(content)
