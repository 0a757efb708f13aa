"""The person who signs in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.public_ids import LENGTH, new_public_id


class User(AbstractUser):
    """A username, an optional e-mail and phone number, and a random public id that pages and the API may show."""

    public_id = models.CharField(max_length=LENGTH, unique=True, default=new_public_id, editable=False)
    display_name = models.CharField(_("display name"), max_length=80, blank=True)
    # E.164. Never shown outside the owner's own account page; signing in by it comes later.
    phone = PhoneNumberField(_("phone number"), null=True, blank=True, unique=True)  # noqa: DJ001 -- NULL keeps it unique

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")
        verbose_name_plural = _("users")

    @property
    def shown_name(self) -> str:
        """What other people read: the display name, else the username."""
        return self.display_name or self.username

    @property
    def is_moderator(self) -> bool:
        """May see what is pending or rejected, and decide about it."""
        return self.is_active and self.is_staff and self.has_perm("videos.review_contentmain")
