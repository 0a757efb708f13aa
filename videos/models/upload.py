"""Upload: a film on its way in, part by part. Its offset is the size of the file on the disk; no column has it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.public_ids import LENGTH, new_public_id
from videos.models.content import DESCRIPTION_LIMIT, TITLE_LIMIT, ContentMain, Visibility
from videos.models.source import new_token
from videos.models.taxonomy import Category

LIFE: Final = timedelta(days=7)  # since the last part began


def _a_life_from_now() -> datetime:
    return timezone.now() + LIFE


class UploadState(models.TextChoices):
    RECEIVING = "receiving", _("receiving")
    FINISHED = "finished", _("finished")


class Upload(models.Model):
    """What was announced and reserved. `item_id` and `token` name the item and the place in storage that the film will
    have: whoever finishes an upload a second time, after whatever crash, makes the same item again, and that cannot be.
    """

    public_id = models.CharField(max_length=LENGTH, unique=True, default=new_public_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="uploads"
    )
    state = models.CharField(_("state"), max_length=10, choices=UploadState.choices, default=UploadState.RECEIVING)
    filename = models.CharField(_("file name"), max_length=255)
    bytes = models.PositiveBigIntegerField(_("bytes"))
    metadata = models.TextField(blank=True)  # as the client wrote it, to be told the same
    title = models.CharField(_("title"), max_length=TITLE_LIMIT, blank=True)
    description = models.TextField(_("description"), max_length=DESCRIPTION_LIMIT, blank=True)
    category = models.ForeignKey(
        Category, verbose_name=_("category"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    item_id = models.CharField(max_length=LENGTH, unique=True, default=new_public_id, editable=False)
    content = models.OneToOneField(
        ContentMain, verbose_name=_("video"), null=True, on_delete=models.SET_NULL, related_name="upload"
    )
    # The item whose film this one takes the place of; then `content` stays empty and `item_id` is not used.
    replaces = models.ForeignKey(
        ContentMain,
        verbose_name=_("takes the place of"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="replacements",
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), default=_a_life_from_now)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(bytes__gt=0), name="upload_of_something")]
        indexes = [
            models.Index(fields=["owner", "state"], name="upload_of_owner"),
            models.Index(fields=["state", "expires_at"], name="upload_expiring"),
        ]

    def __str__(self) -> str:
        return f"{self.filename} ({self.public_id})"

    @property
    def item(self) -> ContentMain | None:
        """What the film is or will be, as far as there is a row for it."""
        return self.replaces or self.content

    @property
    def is_finished(self) -> bool:
        return self.state == UploadState.FINISHED
