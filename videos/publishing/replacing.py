"""When the film that takes another's place is there, or turns out not to be one. How it comes in: videos/ingest/
replace.py."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from videos import storage
from videos.models import (
    Artwork,
    ArtworkKind,
    Caption,
    CaptionOrigin,
    Chapter,
    ContentMain,
    ReplacedSource,
    Source,
)
from videos.pipeline.facts import SourceFacts
from videos.publishing import retiring, review


def arrive(content: ContentMain) -> None:
    """In the transaction that publishes a version, with the item's row locked: if that version is made of a newer file,
    the older one goes with its version, and so does what was read out of it. What the film's owner has added stays.
    Unless staff sent it, somebody has to approve what is now to be seen. Saves the item's length and size."""
    replaced = ReplacedSource.objects.filter(content=content).first()
    if replaced is None:
        return
    retiring.retire(content, storage.source_folder(content.public_id, replaced.token))
    _forget_what_was_read(content)
    replaced.delete()
    facts = Source.objects.values_list("facts", flat=True).get(content=content)
    if facts is not None:
        note_size(content, SourceFacts.from_json(facts))
        content.save(update_fields=["duration_seconds", "width_px", "height_px"])
    if not replaced.stays_approved:
        review.ask_again(content)


def note_size(content: ContentMain, facts: SourceFacts) -> None:
    """Length and picture, as lists tell them; not saved."""
    content.duration_seconds = facts.duration_seconds
    content.width_px = facts.video.display_width if facts.video else None
    content.height_px = facts.video.display_height if facts.video else None


def give_up(content: ContentMain) -> bool:
    """In the transaction in which the work at a newer file ends in nothing: the older one, of which the item still
    plays, is its source again. False where there is none."""
    replaced = ReplacedSource.objects.filter(content=content).first()
    if replaced is None:
        return False
    source = Source.objects.get(content=content)
    transaction.on_commit(
        partial(storage.discard_folder, storage.source_folder(content.public_id, source.token)), robust=True
    )
    replaced.delete()
    source.token, source.filename, source.bytes = replaced.token, replaced.filename, replaced.bytes
    source.facts = replaced.facts
    source.save(update_fields=["token", "filename", "bytes", "facts"])
    return True


def _forget_what_was_read(content: ContentMain) -> None:
    """Words and pictures of the older film, as far as nobody chose them; the poster stays until there is another."""
    for words in Caption.objects.filter(content=content, origin=CaptionOrigin.FILE):
        retiring.retire(content, f"{storage.item_folder(content.public_id)}/words/{words.filename}")
        words.delete()
    if not content.has_own_chapters:
        Chapter.objects.filter(content=content).delete()
    for sheets in Artwork.objects.filter(content=content, kind=ArtworkKind.STORYBOARD, is_own=False):
        for name in sheets.filenames:
            retiring.retire(content, storage.artwork_name(content.public_id, name))
        sheets.delete()
