"""The one door for new media: from a received file to an item, its source and the job that will make it
playable."""

from __future__ import annotations

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.public_ids import new_public_id
from videos import storage
from videos.errors import EmptyFile
from videos.ingest.files import TITLE_LIMIT, ReceivedFile, shown_filename, title_from_filename
from videos.jobs.plans import TRANSCODE_STEPS
from videos.jobs.queue import create_job
from videos.models import (
    AuditStatus,
    Category,
    ContentKind,
    ContentMain,
    ContentStatus,
    JobKind,
    Source,
    VideoInfo,
    Visibility,
)
from videos.models.source import new_token


def accept_source(
    *,
    owner: User,
    received: ReceivedFile,
    title: str = "",
    description: str = "",
    category: Category | None = None,
    visibility: str = Visibility.PUBLIC,
    film: VideoInfo | None = None,
) -> ContentMain:
    """Moves the file to its place, then makes item, source and job in one transaction; if that fails the file
    goes too. The item is processing and pending. An empty title is made from the file's name.

    Raises:
        EmptyFile: nothing in it.
        FileGone, InsufficientStorage, StorageError: it could not be moved; it is then where it was.
    """
    if received.bytes == 0:
        raise EmptyFile(received.filename)
    public_id, token = new_public_id(), new_token()
    # Before the transaction: a copy to a bucket may take minutes, and the database has one writer.
    storage.take_in_source(path=received.path, name=storage.source_name(public_id, token))
    try:
        with transaction.atomic():
            content = ContentMain.objects.create(
                public_id=public_id,
                owner=owner,
                kind=ContentKind.VOD,
                title=title.strip()[:TITLE_LIMIT] or title_from_filename(received.filename) or _("Untitled"),
                description=description,
                category=category,
                film=film,
                visibility=visibility,
                status=ContentStatus.PROCESSING,
                audit_status=AuditStatus.PENDING,
            )
            Source.objects.create(
                content=content,
                token=token,
                filename=shown_filename(received.filename),
                bytes=received.bytes,
            )
            create_job(owner=owner, content=content, kind=JobKind.TRANSCODE, parameters={}, steps=TRANSCODE_STEPS)
    except BaseException:
        _take_away_unless_accepted(public_id)
        raise
    return content


def _take_away_unless_accepted(public_id: str) -> None:
    """A connection lost during COMMIT does not tell whether the rows stand. In doubt the file stays: an orphan can be
    found later, a lost film cannot."""
    try:
        is_accepted = ContentMain.objects.filter(public_id=public_id).exists()
    except DatabaseError:
        return
    if not is_accepted:
        storage.delete_item(public_id)
