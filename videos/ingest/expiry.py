"""The hourly look at resumable uploads: what lay still for too long goes, and what has come whole is handed over."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.db.models import QuerySet
from django.utils import timezone

from videos.errors import VideoError
from videos.ingest import partial, uploads
from videos.ingest.partial import UploadFolder
from videos.ingest.refusals import UploadLocked
from videos.models import Upload, UploadState

log = structlog.get_logger(__name__)


def expired() -> QuerySet[Upload]:
    """What lay still for too long. Those that have come whole are handed over instead of going."""
    return Upload.objects.filter(state=UploadState.RECEIVING, expires_at__lte=timezone.now())


def sweep(*, may_go_on: Callable[[], bool] = lambda: True) -> int:
    """Returns how many uploads went. Safe at any time: what somebody writes to is left alone, and so is what cannot be
    handed over or removed now. Those of another machine's disk go by their rows, their folders by that one's sweep.
    `may_go_on` is asked between two of them, and ends the sweep by False."""
    removed = 0
    rows = Upload.objects.filter(state=UploadState.RECEIVING).select_related("owner", "category")
    # Keys, not a cursor: whoever is asked whether to go on may close the connection (jobs.runner does).
    for key in list(rows.order_by("pk").values_list("pk", flat=True)):
        if not may_go_on():
            break
        upload = rows.filter(pk=key).first()
        if upload is None:
            continue
        try:
            removed += _look_at(upload)
        except UploadLocked:
            continue
        except VideoError as error:
            log.warning(
                "an upload could not be looked after", upload=upload.public_id, error=error.detail or error.code
            )
    finished = Upload.objects.filter(state=UploadState.FINISHED, expires_at__lte=timezone.now())
    finished.delete()  # nobody asks any more what has become of them
    return removed


def _look_at(upload: Upload) -> bool:
    """Whether it went."""
    is_expired = upload.expires_at <= timezone.now()
    folder = UploadFolder(upload.token)
    size = folder.size()
    if not is_expired and size != upload.bytes and not (size is None and folder.folder.exists()):
        return False
    with partial.locked(folder, wait_seconds=0):
        row = Upload.objects.select_related("owner", "category", "replaces").filter(pk=upload.pk).first()
        if row is None or row.is_finished:
            folder.remove()
            return False
        part = uploads.ReceivedPart(row, uploads.settled_offset(row))
        if part.offset == row.bytes and row.owner.is_active:
            uploads.finish_if_whole(part)
            log.info("an upload that had come whole was handed over", upload=row.public_id)
            return False
        if row.expires_at > timezone.now():
            return False
        uploads.terminate(row)
        log.info("removed an upload that lay still", upload=row.public_id, bytes=part.offset)
        return True
