"""Files that something newer has replaced: they stay until the last grant that can name them has died, then they go.
What is to go at once is never written down here."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog
from django.db import transaction
from django.utils import timezone

from videos import storage
from videos.errors import StorageError
from videos.models import Artwork, ContentMain, Rendition, ReplacedSource, RetiredFiles, Source
from videos.streaming import hls, segments

log = structlog.get_logger(__name__)

SLACK: Final = timedelta(minutes=5)  # of answers that were being made while the newer files came
_VERSION = re.compile(r"items/([^/]+)/v([0-9]+)", re.ASCII)


def retire(content: ContentMain, name: str) -> None:
    """In the transaction in which something newer takes the place of the folder or file `name`. Written down once:
    what is retired already goes when it was going to."""
    RetiredFiles.objects.get_or_create(
        name=storage.checked(name),
        defaults={"content": content, "remove_after": timezone.now() + hls.longest_life(content) + SLACK},
    )


def retire_version(content: ContentMain, version: int) -> None:
    """Its rows stay as long as its files."""
    retire(content, storage.version_folder(content.public_id, version))


def is_retired(content: ContentMain, version: int) -> bool:
    """Whether a version waits for its last grants to die."""
    return RetiredFiles.objects.filter(name=storage.version_folder(content.public_id, version)).exists()


def remove_due(*, may_go_on: Callable[[], bool] = lambda: True) -> int:
    """Removes what nobody can be given any more and returns how many names. Safe at any time and beside another of
    itself; what the storage does not let go now is tried again next time."""
    removed = 0
    due = RetiredFiles.objects.filter(remove_after__lte=timezone.now()).order_by("remove_after")
    # Keys, not a cursor: whoever is asked whether to go on may close the connection (jobs.runner does).
    for key in list(due.values_list("pk", flat=True)):
        if not may_go_on():
            break
        retired = due.select_related("content").filter(pk=key).first()
        if retired is None:
            continue  # another one of us was faster
        try:
            removed += _remove(retired)
        except StorageError as error:
            log.warning("replaced files are still there", name=retired.name, error=str(error))
    return removed


def _remove(retired: RetiredFiles) -> bool:
    if _is_in_use(retired):
        log.error("something in use had been written down as replaced: it stays", name=retired.name)
        retired.delete()
        return False
    # The files first: a row without them is found again, they would not be.
    if "." in retired.name.rpartition("/")[2]:
        storage.delete_file(retired.name)
    else:
        storage.delete_folder(retired.name)
    version = _VERSION.fullmatch(retired.name)
    with transaction.atomic():
        if version is not None:
            Rendition.objects.filter(content=retired.content, version=int(version[2])).delete()
        retired.delete()
    if version is not None:
        segments.forget_version(version[1], int(version[2]))
    log.info("replaced files are gone", name=retired.name)
    return True


def _is_in_use(retired: RetiredFiles) -> bool:
    """Never true; asked because what is removed cannot be brought back."""
    item = retired.content.public_id
    content = ContentMain.objects.get(pk=retired.content_id)
    names = [storage.version_folder(item, content.version)] if content.version is not None else []
    for kind in (Source, ReplacedSource):
        tokens = kind.objects.filter(content=content).values_list("token", flat=True)
        names += [storage.source_folder(item, token) for token in tokens]
    for picture in Artwork.objects.filter(content=content):
        names += [storage.artwork_name(item, filename) for filename in picture.filenames]
    return retired.name in names
