"""Resumable uploads: announced, found again, ended. What is written into them, and by whom, is in
videos/ingest/partial.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from django import forms
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from videos.errors import EmptyFile
from videos.ingest import partial, quota, replace, space, tus
from videos.ingest.accept import accept_upload, is_taken_in, take_away
from videos.ingest.files import ReceivedFile, shown_filename
from videos.ingest.partial import UploadFolder
from videos.ingest.refusals import TooManyUploads, UploadExpired, UploadUnknown, WordsRefused
from videos.models import Category, Upload, UploadState, Visibility
from videos.models.content import DESCRIPTION_LIMIT, TITLE_LIMIT
from videos.models.upload import LIFE


@dataclass(frozen=True, slots=True)
class ReceivedPart:
    """What a request has brought: `offset` is where the upload stands after it. Handed to Django in the request's
    scope."""

    SCOPE_KEY: ClassVar = "matinee.part"

    upload: Upload
    offset: int


class WordsForm(forms.Form):
    """The words of `Upload-Metadata` that we know; the same limits as in the upload form."""

    title = forms.CharField(max_length=TITLE_LIMIT, required=False)
    description = forms.CharField(max_length=DESCRIPTION_LIMIT, required=False)
    category = forms.ModelChoiceField(Category.objects.all(), to_field_name="slug", required=False)
    visibility = forms.ChoiceField(choices=Visibility.choices, required=False)


def create_upload(*, owner: User, total_bytes: int, metadata: str) -> Upload:
    """Announces a film of so many bytes and reserves them. `metadata` is the field `Upload-Metadata`; its `replaces` is
    the id of the item whose film this one takes the place of, and whose bytes it may use.

    Raises:
        EmptyFile, TooLarge, QuotaExceeded, InsufficientStorage, StorageError; MalformedUpload, WordsRefused;
        ReplacedUnknown, NotPermitted; TooManyUploads.
    """
    words = tus.metadata(metadata)
    form = WordsForm(words)
    if not form.is_valid():
        raise WordsRefused(extra={"errors": {name: list(messages) for name, messages in form.errors.items()}})
    if total_bytes == 0:
        raise EmptyFile
    replaced = replace.replaceable(words["replaces"], owner) if words.get("replaces") else None
    space.refuse_early(total_bytes)
    most = settings.UPLOADS_UNFINISHED
    if most and not owner.is_staff and unfinished_of(owner).count() >= most:
        raise TooManyUploads(extra={"most": most})
    with transaction.atomic():
        quota.claim(owner, total_bytes - quota.freed_bytes(owner, replaced))
        upload = Upload.objects.create(
            owner=owner,
            filename=shown_filename(words.get("filename", "")),
            bytes=total_bytes,
            metadata=metadata,
            title=form.cleaned_data["title"],
            description=form.cleaned_data["description"],
            category=form.cleaned_data["category"],
            visibility=form.cleaned_data["visibility"] or Visibility.PUBLIC,
            replaces=replaced,
        )
    try:
        UploadFolder(upload.token).make()
    except BaseException:
        upload.delete()
        raise
    return upload


def unfinished_of(owner: User) -> QuerySet[Upload]:
    """What this person could go on with, the newest first."""
    return Upload.objects.filter(owner=owner, state=UploadState.RECEIVING, expires_at__gt=timezone.now())


def upload_of(owner: User, public_id: str) -> Upload:
    """Raises UploadUnknown (also where it is somebody else's), UploadExpired."""
    uploads = Upload.objects.select_related("owner", "category", "content", "replaces")
    upload = uploads.filter(owner=owner, public_id=public_id).first()
    if upload is None:
        raise UploadUnknown(public_id)
    if not upload.is_finished and upload.expires_at <= timezone.now():
        raise UploadExpired(public_id)
    return upload


def change_words(*, owner: User, public_id: str, changes: Mapping[str, object]) -> Upload:
    """Writes these words and nothing else, also while parts arrive: whoever hands the film over reads them under the
    same lock of the row. Returns the row as it is then: if it was finished, the film has words of its own already.
    Whoever calls has checked the values. Raises UploadUnknown, UploadExpired."""
    with transaction.atomic():
        Upload.objects.select_for_update().filter(owner=owner, public_id=public_id).first()
        upload = upload_of(owner, public_id)
        for name, value in changes.items():
            setattr(upload, name, value)
        upload.save(update_fields=list(changes))
    return upload


def prolong(upload: Upload) -> None:
    """A part begins: there is a whole life left again."""
    upload.expires_at = timezone.now() + LIFE
    Upload.objects.filter(pk=upload.pk).update(expires_at=upload.expires_at)


def shown_offset(upload: Upload) -> int:
    """How much is here, while others may be writing."""
    return upload.bytes if upload.is_finished else UploadFolder(upload.token).size() or 0


def settled_offset(upload: Upload) -> int:
    """How much is here and durable; to be asked with the lock, and of a row that was read with it. Raises
    InsufficientStorage, StorageError."""
    if upload.is_finished:
        return upload.bytes
    size = UploadFolder(upload.token).settle()
    if size is None:  # nearly always because its film was being handed over when the server died
        return upload.bytes if is_taken_in(upload) else 0
    return size


@contextmanager
def held(*, owner: User, public_id: str) -> Iterator[ReceivedPart]:
    """An upload under its lock, and its offset. Another writer is made to give way.

    Raises:
        UploadUnknown, UploadExpired, UploadLocked, InsufficientStorage, StorageError.
    """
    upload = upload_of(owner, public_id)
    if upload.is_finished:
        yield ReceivedPart(upload, upload.bytes)
        return
    with partial.locked(UploadFolder(upload.token)):
        upload = reread(upload)
        yield ReceivedPart(upload, settled_offset(upload))


def reread(upload: Upload) -> Upload:
    """The row as it is now that we have the lock. Raises UploadUnknown, UploadExpired."""
    row = Upload.objects.filter(pk=upload.pk, state=UploadState.RECEIVING)
    if not row.exists():
        UploadFolder(upload.token).remove()  # it has been, and taking the lock has made it anew
    return upload_of(upload.owner, upload.public_id)


def finish_if_whole(part: ReceivedPart) -> Upload:
    """Hands the film over when all of it is here, under the lock; returns the row as it is then.

    Raises:
        UploadUnknown: its owner's account has just been closed. InsufficientStorage, StorageError: the film is kept,
        and the next who asks, or the sweep, tries again.
    """
    upload = part.upload
    if part.offset == upload.bytes and not upload.is_finished:
        folder = UploadFolder(upload.token)
        received = ReceivedFile(folder.path, upload.filename, upload.bytes)
        item = accept_upload(upload, received)
        upload.content = None if upload.replaces else item
        upload.state = UploadState.FINISHED
        folder.remove()
    return upload


def terminate(upload: Upload) -> None:
    """Forgets the upload and frees what it takes; under the lock. The film that a finished one has become stays."""
    folder = UploadFolder(upload.token)
    was_moved = not upload.is_finished and folder.size() is None
    upload.delete()
    folder.remove()
    if was_moved:
        take_away(upload)
