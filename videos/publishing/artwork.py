"""Pictures of an item change places here: the new one's files are stored first, then its row takes the old one's place,
and the old files go when that has been committed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from django.db import transaction

from videos import storage
from videos.jobs.runner import StepContext
from videos.live import item_changed
from videos.models import Artwork, ContentMain


def names_of(artwork: Artwork) -> list[str]:
    """Where its files lie."""
    return [storage.artwork_name(artwork.content.public_id, filename) for filename in artwork.filenames]


def hand_over(context: StepContext, artwork: Artwork, files: Mapping[str, Path]) -> None:
    """Gives a step's files to storage under their names, and takes them back unless the attempt ends well."""
    with context.fenced():
        pass  # LeaseLost here costs nothing
    context.unless_finished(partial(drop, names_of(artwork)))
    for filename, path in files.items():
        storage.put_file(path, storage.artwork_name(artwork.content.public_id, filename))


def replace(artwork: Artwork) -> None:
    """Inside the caller's transaction: the new picture takes the place of the old one of its kind."""
    ContentMain.objects.locked(artwork.content_id)
    remove(Artwork.objects.filter(content=artwork.content, kind=artwork.kind).first())
    artwork.save()
    item_changed(artwork.content.public_id)


def remove(artwork: Artwork | None) -> None:
    """Inside the caller's transaction; nothing where there is none."""
    if artwork is None:
        return
    transaction.on_commit(partial(drop, names_of(artwork)))
    artwork.delete()
    item_changed(artwork.content.public_id)


def drop(names: list[str]) -> None:
    """Files without a row."""
    for name in names:
        storage.discard_file(name)
