"""Invitations: with SIGNUP=invitation, a code is what lets somebody make an account."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_code() -> str:
    """A code of 128 random bits."""
    return secrets.token_urlsafe(16)


class Invitation(models.Model):
    """A code for one account, made by staff; used once, before it expires."""

    code = models.CharField(_("code"), max_length=32, unique=True, default=new_code, editable=False)
    note = models.CharField(_("for whom"), max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("used by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    used_at = models.DateTimeField(_("used"), null=True, editable=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.note or self.code

    @property
    def is_used(self) -> bool:
        """Good for one account only."""
        return self.used_at is not None

    @property
    def is_expired(self) -> bool:
        """Its time is over."""
        return self.expires_at is not None and self.expires_at <= timezone.now()
