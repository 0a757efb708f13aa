"""Taking an item back without deleting it: nobody can play it, its files stay, and it can be brought
back."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from videos.errors import NotPermitted, WithdrawnByModerator
from videos.jobs.turns import OPEN_JOBS
from videos.live import item_changed
from videos.models import ContentMain, ContentStatus, Job, JobState
from videos.publishing.review import note_published

_FIELDS = ["status", "is_withdrawn_by_moderator", "updated_at"]


def withdraw(*, content: ContentMain, actor: User) -> ContentMain:
    """Refused everywhere from now on: players that are at it stop within seconds, work that is under way goes on. What
    a moderator withdraws that is somebody else's, only a moderator brings back. Again: nothing happens. Raises
    NotPermitted."""
    _check(content, actor)
    by_moderator = content.owner_id != actor.pk
    with transaction.atomic():
        locked = ContentMain.objects.locked(content.pk)
        if locked.status == ContentStatus.WITHDRAWN and (locked.is_withdrawn_by_moderator or not by_moderator):
            return locked
        locked.status, locked.is_withdrawn_by_moderator = ContentStatus.WITHDRAWN, by_moderator
        locked.save(update_fields=_FIELDS)
        item_changed(locked.public_id)
        audit.record(
            actor=actor, action="video.withdraw", target=f"video:{locked.public_id}", detail={"title": locked.title}
        )
    return locked


def restore(*, content: ContentMain, actor: User) -> ContentMain:
    """As it would be had it never been withdrawn. Of what is not withdrawn nothing changes. Raises NotPermitted,
    WithdrawnByModerator."""
    _check(content, actor)
    with transaction.atomic():
        locked = ContentMain.objects.locked(content.pk)
        if locked.status != ContentStatus.WITHDRAWN:
            return locked
        if locked.is_withdrawn_by_moderator and not actor.is_moderator:
            raise WithdrawnByModerator
        locked.status, locked.is_withdrawn_by_moderator = _status(locked), False
        locked.save(update_fields=_FIELDS)
        note_published(locked.pk)
        item_changed(locked.public_id)
        audit.record(
            actor=actor, action="video.restore", target=f"video:{locked.public_id}", detail={"title": locked.title}
        )
    return locked


def _check(content: ContentMain, actor: User) -> None:
    if content.owner_id != actor.pk and not actor.is_moderator:
        raise NotPermitted


def _status(content: ContentMain) -> ContentStatus:
    if content.version is not None:
        return ContentStatus.AVAILABLE
    is_being_made = Job.objects.filter(content=content, state__in=(*OPEN_JOBS, JobState.PAUSED)).exists()
    return ContentStatus.PROCESSING if is_being_made else ContentStatus.FAILED
