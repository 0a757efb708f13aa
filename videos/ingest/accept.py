"""The one door for new media: from a received file to an item, its source and the job that will make it
playable."""

from __future__ import annotations

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.public_ids import new_public_id
from videos import storage
from videos.errors import EmptyFile, FileGone
from videos.ingest import quota, replace
from videos.ingest.files import ReceivedFile, shown_filename, title_from_filename
from videos.ingest.refusals import UploadUnknown
from videos.jobs import stages
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
    Upload,
    UploadState,
    VideoInfo,
    Visibility,
)
from videos.models.content import TITLE_LIMIT
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
        QuotaExceeded: the owner has no room for it; the file is gone.
        FileGone, InsufficientStorage, StorageError: it could not be moved; it is then where it was.
    """
    if received.bytes == 0:
        raise EmptyFile(received.filename)
    public_id, token = new_public_id(), new_token()
    # Before the transaction: a copy to a bucket may take minutes, and the database has one writer.
    storage.take_in_source(path=received.path, name=storage.source_name(public_id, token))
    content = ContentMain(
        public_id=public_id,
        owner=owner,
        title=title,
        description=description,
        category=category,
        film=film,
        visibility=visibility,
    )
    try:
        with transaction.atomic():
            quota.claim(owner, received.bytes)
            _make_rows(content, token=token, filename=received.filename, file_bytes=received.bytes)
    except BaseException:
        take_away_unless_accepted(public_id)
        raise
    return content


def accept_upload(upload: Upload, received: ReceivedFile) -> ContentMain | None:
    """As `accept_source`, for an upload that has come whole, under names that it has reserved; its row is finished in
    the same transaction. Called again after whatever stopped it half-way it goes on, also when the file has been moved
    already; called after its end it changes nothing. Returns the item, or None if that has been deleted since.

    Raises:
        UploadUnknown: the row is gone, and so is the file then.
        FileGone, InsufficientStorage, StorageError: it could not be moved; another call may do it.
    """
    try:
        storage.take_in_source(path=received.path, name=_name(upload))
    except FileGone:
        if not is_taken_in(upload):
            raise
    with transaction.atomic():
        replaced = stages.hold_item(upload.replaces_id) if upload.replaces_id else None
        row = (
            Upload.objects.select_for_update(of=("self",))
            .select_related("owner", "category")
            .filter(pk=upload.pk)
            .first()
        )
        if row is not None and not row.is_finished:
            if replaced is not None:
                replace.take_place(replaced, token=row.token, received=received, actor=row.owner)
                row.replaces = replaced
            else:
                row.content = _new_item(row, received)
            row.state = UploadState.FINISHED
            row.save(update_fields=["state", "content"])
    if row is None:
        take_away(upload)
        raise UploadUnknown(upload.public_id)
    return row.item


def is_taken_in(upload: Upload) -> bool:
    """Whether the whole file lies where its item will look for it. Raises StorageError."""
    try:
        return storage.stat(_name(upload)).bytes == upload.bytes
    except FileGone:
        return False


def _name(upload: Upload) -> str:
    return storage.source_name(upload.replaces.public_id if upload.replaces else upload.item_id, upload.token)


def _new_item(row: Upload, received: ReceivedFile) -> ContentMain:
    content = ContentMain(
        public_id=row.item_id,
        owner=row.owner,
        title=row.title,
        description=row.description,
        category=row.category,
        visibility=row.visibility,
    )
    _make_rows(content, token=row.token, filename=received.filename, file_bytes=received.bytes)
    return content


def _make_rows(content: ContentMain, *, token: str, filename: str, file_bytes: int) -> None:
    """Completes and saves the item; its source; its job."""
    content.title = content.title.strip()[:TITLE_LIMIT] or title_from_filename(filename) or _("Untitled")
    content.kind = ContentKind.VOD
    content.status, content.audit_status = ContentStatus.PROCESSING, AuditStatus.PENDING
    content.save(force_insert=True)
    Source.objects.create(content=content, token=token, filename=shown_filename(filename), bytes=file_bytes)
    create_job(
        owner=content.owner,
        content=content,
        kind=JobKind.TRANSCODE,
        parameters={"source": token},
        steps=TRANSCODE_STEPS,
    )


def take_away(upload: Upload) -> None:
    """The moved film of an upload that is not to be finished."""
    if upload.replaces is None:
        take_away_unless_accepted(upload.item_id)
    elif not Source.objects.filter(token=upload.token).exists():
        storage.delete_folder(storage.source_folder(upload.replaces.public_id, upload.token))


def take_away_unless_accepted(public_id: str) -> None:
    """A connection lost during COMMIT does not tell whether the rows stand. In doubt the file stays: an orphan can be
    found later, a lost film cannot."""
    try:
        is_accepted = ContentMain.objects.filter(public_id=public_id).exists()
    except DatabaseError:
        return
    if not is_accepted:
        storage.delete_item(public_id)
