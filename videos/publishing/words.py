"""Captions and chapters of an item, as its owner gives them: what is shown in the player, and in which order it came to
be there. What the film's file brings along comes by videos/publishing/words_step.py."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F

from videos import storage
from videos.errors import (
    CaptionsEmpty,
    CaptionsTooLarge,
    CaptionsTooMany,
    CaptionsUnreadable,
    DeletedMeanwhile,
    VideoError,
)
from videos.live import item_changed
from videos.models import Caption, CaptionOrigin, Chapter, ContentMain, ReplacedSource, Source
from videos.models.source import new_token
from videos.pipeline import captions
from videos.pipeline.facts import SourceFacts
from videos.storage.disk import disk_errors

MOST_CAPTIONS: Final = 100  # of one item
MOST_CHAPTERS: Final = 200
CHANGEABLE: Final = ("language", "label", "is_default", "is_forced")
_REFUSALS: Final[dict[str, type[VideoError]]] = {
    refusal.code: refusal for refusal in (CaptionsUnreadable, CaptionsTooLarge, CaptionsEmpty)
}


def add_captions(
    *,
    content: ContentMain,
    file: bytes,
    language: str,
    label: str = "",
    is_default: bool = False,
    is_forced: bool = False,
) -> Caption:
    """Takes SRT, WebVTT, ASS or SSA. Raises CaptionsUnreadable, CaptionsTooLarge, CaptionsEmpty, CaptionsTooMany and
    StorageError."""
    try:
        made = captions.converted(file, duration_seconds=content.duration_seconds)
    except captions.CaptionsRefused as refused:
        raise _REFUSALS[refused.code](str(refused)) from refused
    caption = Caption(
        content=content,
        token=new_token(),
        language=language,
        label=label,
        is_default=is_default,
        is_forced=is_forced,
        origin=CaptionOrigin.UPLOADED,
        cues=made.cues,
        bytes=len(made.content),
    )
    _refuse_too_many(content)
    _store(caption, made.content)
    try:
        with transaction.atomic():
            ContentMain.objects.locked(content.pk)
            _refuse_too_many(content)  # others may have been faster
            if is_default:
                Caption.objects.filter(content=content, is_default=True).update(is_default=False)
            caption.save()
            note_change(content)
    except BaseException:
        drop(content, caption.filename)
        raise
    return caption


def _refuse_too_many(content: ContentMain) -> None:
    if Caption.objects.filter(content=content).count() >= MOST_CAPTIONS:
        raise CaptionsTooMany


def change_captions(*, caption: Caption, changes: Mapping[str, object]) -> Caption:
    """Writes these of CHANGEABLE. At most one of an item's captions is its default: the last one that was made it.
    Raises DeletedMeanwhile."""
    if unknown := changes.keys() - set(CHANGEABLE):
        raise ValueError(f"not to be changed: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        content = ContentMain.objects.locked(caption.content_id)
        if changes.get("is_default"):
            others = Caption.objects.filter(content=content, is_default=True).exclude(pk=caption.pk)
            others.update(is_default=False)
        Caption.objects.filter(pk=caption.pk).update(**changes)
        changed = Caption.objects.select_related("content").filter(pk=caption.pk).first()
        if changed is None:
            raise DeletedMeanwhile
        note_change(content)
    return changed


def remove_captions(*, caption: Caption) -> None:
    """The file goes as soon as the transaction has committed."""
    with transaction.atomic():
        content = ContentMain.objects.locked(caption.content_id)
        transaction.on_commit(partial(drop, content, caption.filename))
        caption.delete()
        note_change(content)


def set_chapters(*, content: ContentMain, chapters: Sequence[tuple[float, str]]) -> None:
    """The owner's own: seconds and titles, in order, checked by whoever calls. The film's file is not asked again."""
    with transaction.atomic():
        ContentMain.objects.locked(content.pk)
        write_chapters(content, chapters)
        ContentMain.objects.filter(pk=content.pk).update(has_own_chapters=True)
        note_change(content)
    content.has_own_chapters = True


def reset_chapters(*, content: ContentMain) -> None:
    """Back to those of the film's file."""
    with transaction.atomic():
        ContentMain.objects.locked(content.pk)
        # While another file is to take its place, the film that people see is still the one before.
        shown = ReplacedSource.objects.filter(content=content).first()
        source = shown or Source.objects.filter(content=content).first()
        facts = SourceFacts.from_json(source.facts) if source is not None and source.facts is not None else None
        write_chapters(content, chapters_of_file(facts) if facts is not None else [])
        ContentMain.objects.filter(pk=content.pk).update(has_own_chapters=False)
        note_change(content)
    content.has_own_chapters = False


def chapters_of_file(facts: SourceFacts) -> list[tuple[float, str]]:
    """Seconds and titles, in order, each moment once. A title may be empty: then players count."""
    starts = {
        chapter.start_seconds: chapter.title
        for chapter in reversed(facts.chapters)
        if chapter.start_seconds < facts.duration_seconds
    }
    return sorted(starts.items())[:MOST_CHAPTERS]


def write_chapters(content: ContentMain, chapters: Sequence[tuple[float, str]]) -> None:
    """In the caller's transaction, with the item's row locked."""
    Chapter.objects.filter(content=content).delete()
    Chapter.objects.bulk_create(
        Chapter(content=content, start_seconds=seconds, title=title) for seconds, title in chapters
    )


def note_change(content: ContentMain) -> None:
    """In the transaction of the change: pages that are open hear of it, and ask again."""
    ContentMain.objects.filter(pk=content.pk).update(words_revision=F("words_revision") + 1)
    item_changed(content.public_id)


def drop(content: ContentMain, filename: str) -> None:
    """The file of captions without a row."""
    storage.discard_file(storage.words_name(content.public_id, filename))


def _store(caption: Caption, content: bytes) -> None:
    folder = Path(settings.SCRATCH_DIR)
    with suppress(FileExistsError):
        folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="words-", dir=folder) as scratch:
        path = Path(scratch) / caption.filename
        with disk_errors("captions that were sent"):
            path.write_bytes(content)
        storage.put_file(path, storage.words_name(caption.content.public_id, caption.filename))
