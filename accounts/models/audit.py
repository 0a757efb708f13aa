"""The audit trail: append-only, each entry hashed over the one before it, so that any change shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Never  # JSON detail is free in shape

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HASH_LENGTH = 64

# Every action that any app records, in words; a test finds one that is missing.
ACTION_WORDS = {
    "invitation.make": _("made an invitation"),
    "user.rights": _("changed rights"),
    "user.close": _("closed the account"),
    "user.delete": _("deleted the account"),
    "video.approve": _("approved the video"),
    "video.reject": _("rejected the video"),
    "video.review": _("sent the video back for a decision"),
    "video.replace": _("replaced the video’s file"),
    "video.withdraw": _("withdrew the video"),
    "video.restore": _("brought the video back"),
    "video.delete": _("deleted the video"),
    "job.pause": _("paused the work"),
    "job.resume": _("let the work go on"),
    "job.cancel": _("cancelled the work"),
    "job.retry": _("had the work done again"),
    "job.priority": _("changed the work’s place in the queue"),
}


def action_choices() -> list[tuple[str, StrOrPromise]]:
    """For forms and filters. A function, so that a new action needs no migration."""
    return list(ACTION_WORDS.items())


class AuditEntry(models.Model):
    """One decision or act: who, when, what, on which object. Written only by accounts.audit.record()."""

    at = models.DateTimeField(_("at"))
    # What was written stays as it was hashed, also when the account is gone: the name beside it then says who it was.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    actor_name = models.CharField(_("name at that time"), max_length=150)
    action = models.CharField(_("action"), max_length=60, db_index=True, choices=action_choices)
    target = models.CharField(_("target"), max_length=80, db_index=True)  # "video:<public id>"
    detail: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(_("detail"), default=dict)
    # Unique: no two entries ever follow the same one.
    previous_hash = models.CharField(_("hash of the entry before"), max_length=HASH_LENGTH, unique=True)
    entry_hash = models.CharField(_("hash of this entry"), max_length=HASH_LENGTH, unique=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.target}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuses to change an entry that stands."""
        if not self._state.adding:
            raise AuditTrailIsAppendOnly
        super().save(*args, **kwargs)

    def delete(self, *_args: object, **_kwargs: object) -> Never:
        """Always refuses."""
        raise AuditTrailIsAppendOnly


class AuditHead(models.Model):
    """The end of the chain, in one row: writers queue up on it, and an entry cut off the end is missed by it."""

    entry_hash = models.CharField(max_length=HASH_LENGTH)
    entries = models.PositiveBigIntegerField(default=0)


class AuditTrailIsAppendOnly(Exception):
    """An entry of the audit trail can be neither changed nor deleted."""
