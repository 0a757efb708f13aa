"""The person who signs in."""

from __future__ import annotations

from typing import Any  # save() takes what Django's save() takes

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.names import validate_shown_name
from accounts.public_ids import LENGTH, new_public_id


class User(AbstractUser):
    """A username, an optional e-mail and phone number, and a random public id that pages and the API may show."""

    public_id = models.CharField(_("public id"), max_length=LENGTH, unique=True, default=new_public_id, editable=False)
    display_name = models.CharField(_("display name"), max_length=80, blank=True, validators=[validate_shown_name])
    # E.164, NULL where there is none. Never shown outside the owner's own account page; signing in by it comes later.
    phone = PhoneNumberField(_("phone number"), null=True, blank=True, unique=True)

    _password: str | None  # Django's own: the new password until it is saved

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]  # the stubs take AbstractUser's plain text for the type
        verbose_name_plural = _("users")  # type: ignore[assignment]
        constraints = [
            models.UniqueConstraint(
                Upper("username"),
                name="username_in_any_case",
                violation_error_message=_("A user with that username already exists."),
            )
        ]
        indexes = [models.Index(fields=["email"], name="user_email")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Revokes every API token together with a new password, whoever sets it: page, admin, command or reset link.

        Sessions need no such care, Django binds them to the password.
        """
        self.email = self.email.lower()
        is_new_password = self._password is not None and self.pk is not None
        with transaction.atomic():
            super().save(*args, **kwargs)
            if is_new_password:
                self.auth_token_set.all().delete()  # type: ignore[attr-defined]  # knox ships no types

    @property
    def shown_name(self) -> str:
        """What other people read: the display name, else the username."""
        return self.display_name or self.username

    @property
    def is_moderator(self) -> bool:
        """May see what is pending or rejected, and decide about it."""
        return self.is_active and self.is_staff and self.has_perm("videos.review_contentmain")
