"""Version folders: allocating a number, publishing it in one transaction, taking things away again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.db.models import Count, F

from accounts import audit
from accounts.models import User
from videos import storage
from videos.errors import NotPermitted
from videos.jobs import stages
from videos.live import item_changed
from videos.models import ContentMain, ContentStatus, Rendition
from videos.publishing import replacing, retiring
from videos.publishing.review import note_published
from videos.streaming import segments


def allocate(content_id: int) -> int:
    """The number of a version folder that nobody else writes into; a dead attempt's number is never used
    again."""
    with transaction.atomic():
        ContentMain.objects.filter(pk=content_id).update(versions_made=F("versions_made") + 1)
        return ContentMain.objects.values_list("versions_made", flat=True).get(pk=content_id)


def publish(*, content_id: int, version: int, renditions: Sequence[Rendition]) -> None:
    """Makes `version` what viewers get. Runs inside the caller's transaction, under the step's fence; a
    withdrawn item gets its renditions but stays withdrawn. The version before goes when nobody can play it any more."""
    content = ContentMain.objects.locked(content_id)
    if content.version not in {None, version}:
        retiring.retire_version(content, content.version)
    Rendition.objects.filter(content=content, version=version).delete()
    Rendition.objects.bulk_create(renditions)
    _open(content, version)


def publish_growing(*, content_id: int, version: int) -> None:
    """The same for a version whose rows are there already, and whose files go on coming; only where nothing of the item
    can be played yet."""
    content = ContentMain.objects.locked(content_id)
    if content.version is None:
        _open(content, version)


def _open(content: ContentMain, version: int) -> None:
    content.version = version
    content.failure_code = ""
    if content.status != ContentStatus.WITHDRAWN:
        content.status = ContentStatus.AVAILABLE
    content.save(update_fields=["version", "failure_code", "status", "updated_at"])
    replacing.arrive(content)
    note_published(content.pk)
    item_changed(content.public_id)


def fail(*, content_id: int, code: str) -> None:
    """The work ended without anything to play. An item that already plays stays as it is, unless all it has is the
    first parts of a film. One size of the whole film, which had gone ahead, is the whole film."""
    content = ContentMain.objects.locked(content_id)
    replacing.give_up(content)
    grown = Rendition.objects.filter(content=content, version=content.version or 0, parts__gt=0)
    is_growing = grown.annotate(there=Count("pieces")).filter(there__lt=F("parts")).exists()
    if is_growing:  # it would end in the middle of the film, and wait there for ever
        content.version = None
    if content.status == ContentStatus.PROCESSING or (is_growing and content.status == ContentStatus.AVAILABLE):
        content.status = ContentStatus.FAILED
    if content.status == ContentStatus.FAILED:  # of what plays nobody needs a reason why it does not
        content.failure_code = code
    content.save(update_fields=["version", "failure_code", "status", "updated_at"])
    item_changed(content.public_id)


def begin_again(*, content_id: int) -> None:
    """Work that had ended in nothing goes on: the item is being made again."""
    content = ContentMain.objects.locked(content_id)
    content.failure_code = ""
    if content.status == ContentStatus.FAILED:
        content.status = ContentStatus.PROCESSING
    content.save(update_fields=["failure_code", "status", "updated_at"])
    item_changed(content.public_id)


def delete(*, content: ContentMain, actor: User) -> None:
    """Removes an item with its rows and files. Its running work notices that its row is gone and stops."""
    if content.owner_id != actor.pk and not actor.has_perm("videos.delete_contentmain"):
        raise NotPermitted
    remove(content=content, actor=actor)


def remove(*, content: ContentMain, actor: User | None, rule: str = "") -> None:
    """What `delete` does, for whom somebody else has allowed it; `rule` tells the audit trail why."""
    public_id = content.public_id
    with transaction.atomic():
        locked = stages.hold_item(content.pk)
        if locked is None:
            return  # somebody else was faster
        detail = {"title": locked.title, "owner": locked.owner.username, **({"rule": rule} if rule else {})}
        locked.delete()
        item_changed(public_id)
        transaction.on_commit(partial(_forget_files, public_id))
        # Last: the audit trail's head is the lock that every decision waits for.
        audit.record(actor=actor, action="video.delete", target=f"video:{public_id}", detail=detail)


def _forget_files(public_id: str) -> None:
    """The rows are gone, whatever happens here."""
    segments.forget_item(public_id)
    storage.discard_item(public_id)
