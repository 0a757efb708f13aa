"""The file that somebody gave us."""

from __future__ import annotations

import secrets
from typing import Any  # probed facts are read back through pipeline.probe.SourceFacts

from django.db import models
from django.utils.translation import gettext_lazy as _

from videos.models.content import ContentMain


def new_token() -> str:
    """128 random bits: the folder a file lies in cannot be guessed."""
    return secrets.token_hex(16)


class Source(models.Model):
    """An item's original file, alone in its folder, and what probing it has told."""

    content = models.OneToOneField(
        ContentMain, verbose_name=_("video"), on_delete=models.CASCADE, related_name="source"
    )
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    filename = models.CharField(_("file name"), max_length=255)  # as the person's computer called it; for display only
    bytes = models.PositiveBigIntegerField(_("bytes"))
    facts: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.filename


class ReplacedSource(models.Model):
    """The file that the playing version is made of, while a newer one is being prepared in its place. It goes with that
    version, or takes its place again when the newer one cannot be used."""

    content = models.OneToOneField(ContentMain, on_delete=models.CASCADE, related_name="replaced_source")
    token = models.CharField(max_length=32, unique=True, editable=False)
    filename = models.CharField(max_length=255)
    bytes = models.PositiveBigIntegerField()
    facts: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(null=True)
    stays_approved = models.BooleanField(default=False)  # the newer film needs no second look
    replaced_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("replaced source")
        verbose_name_plural = _("replaced sources")

    def __str__(self) -> str:
        return self.filename
