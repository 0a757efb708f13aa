"""Audit decisions: the one place that writes `audit_status`. Every decision is recorded with who, when and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts import audit
from accounts.models import User
from videos.errors import AlreadyDecided, ChangedMeanwhile, NothingToApprove, NotPermitted, ReasonMissing
from videos.live import item_changed
from videos.models import AuditStatus, ContentMain, ContentStatus

# As the audit trail keeps it; whoever reads it there reads it in their own language.
STAFF_RULE: Final = gettext_noop("staff uploads are approved")
REPLACED_RULE: Final = gettext_noop("another film has taken its place")


@dataclass(frozen=True, slots=True)
class Seen:
    """The state of an item upon which a moderator decides: decisions before, and what there is to be watched. That its
    rungs have arrived meanwhile is no other state."""

    audit_status: int
    status: int
    source: str  # which file it is made of; its sizes may come and go

    @classmethod
    def of(cls, content: ContentMain) -> Self:
        # While another file is being prepared, what can be watched is made of the one that it replaces.
        shown = getattr(content, "replaced_source", None) or getattr(content, "source", None)
        return cls(content.audit_status, content.status, shown.token if shown else "")

    @classmethod
    def from_token(cls, token: str) -> Self:
        """Raises ValueError for what token() did not give."""
        audit_status, status, source = token.split(".")
        return cls(int(audit_status), int(status), source)

    def token(self) -> str:
        """For a form."""
        return f"{self.audit_status}.{self.status}.{self.source}"


def waiting(among: QuerySet[ContentMain] | None = None) -> QuerySet[ContentMain]:
    """What waits for a moderator: it is pending, and there is something to be watched."""
    videos = ContentMain.objects.all() if among is None else among
    return videos.filter(audit_status=AuditStatus.PENDING, status=ContentStatus.AVAILABLE)


def approve(*, content: ContentMain, moderator: User, seen: Seen | None = None) -> ContentMain:
    """Lets the item be shown. `seen` is the state the moderator decided upon: AlreadyDecided or ChangedMeanwhile if it
    is another by now. NothingToApprove for what has failed."""
    return _decide(content=content, moderator=moderator, decision=AuditStatus.APPROVED, reason="", seen=seen)


def reject(*, content: ContentMain, moderator: User, reason: str, seen: Seen | None = None) -> ContentMain:
    """Keeps the item from being shown and tells its owner why. Raises AlreadyDecided and ChangedMeanwhile as approve()
    does, and ReasonMissing for an empty reason."""
    if not reason.strip():
        raise ReasonMissing
    return _decide(
        content=content, moderator=moderator, decision=AuditStatus.REJECTED, reason=reason.strip(), seen=seen
    )


def approve_staff_upload(content: ContentMain) -> None:
    """What staff uploads needs no second look where the site says so; recorded as a decision of the site itself."""
    if settings.STAFF_UPLOADS_APPROVED and content.owner.is_staff and content.audit_status == AuditStatus.PENDING:
        with transaction.atomic():
            locked = ContentMain.objects.locked(content.pk)
            if locked.audit_status == AuditStatus.PENDING:
                _write(locked, actor=None, decision=AuditStatus.APPROVED, reason="", rule=STAFF_RULE)


def ask_again(content: ContentMain) -> None:
    """Another film is there now: what was decided was about the one before. Call inside the transaction that has the
    item's row."""
    if content.audit_status != AuditStatus.PENDING:
        _write(content, actor=None, decision=AuditStatus.PENDING, reason="", rule=REPLACED_RULE)


def note_published(content_id: int) -> None:
    """Writes the moment an item first was both approved and available. Call inside the transaction that changed
    either."""
    ContentMain.objects.filter(
        pk=content_id, audit_status=AuditStatus.APPROVED, status=ContentStatus.AVAILABLE, published_at=None
    ).update(published_at=Coalesce(F("published_at"), Now()))


def _decide(
    *, content: ContentMain, moderator: User, decision: AuditStatus, reason: str, seen: Seen | None
) -> ContentMain:
    if not moderator.is_moderator:
        raise NotPermitted
    if content.owner_id == moderator.pk and not settings.STAFF_UPLOADS_APPROVED and not moderator.is_superuser:
        raise NotPermitted  # where uploads of staff are audited too, nobody audits their own
    with transaction.atomic():
        locked = ContentMain.objects.locked(content.pk)
        if seen is not None and locked.audit_status != seen.audit_status:
            raise AlreadyDecided
        if seen is not None and Seen.of(locked) != seen:
            raise ChangedMeanwhile
        if decision == AuditStatus.APPROVED and locked.status == ContentStatus.FAILED:
            raise NothingToApprove
        if locked.audit_status == decision and locked.audit_reason == reason:
            return locked
        _write(locked, actor=moderator, decision=decision, reason=reason)
    return locked


def _write(content: ContentMain, *, actor: User | None, decision: AuditStatus, reason: str, rule: str = "") -> None:
    before = AuditStatus(content.audit_status)
    content.audit_status = decision
    content.audit_reason = reason
    content.audited_by = actor
    content.audited_at = timezone.now()
    content.save(update_fields=["audit_status", "audit_reason", "audited_by", "audited_at", "updated_at"])
    note_published(content.pk)
    detail = {"before": before.name.lower(), "after": decision.name.lower(), "title": content.title}
    audit.record(
        actor=actor,
        action={
            AuditStatus.APPROVED: "video.approve",
            AuditStatus.PENDING: "video.review",
            AuditStatus.REJECTED: "video.reject",
        }[decision],
        target=f"video:{content.public_id}",
        detail={**detail, **({"reason": reason} if reason else {}), **({"rule": rule} if rule else {})},
    )
    item_changed(content.public_id)
