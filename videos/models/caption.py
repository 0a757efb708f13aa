"""Captions of an item: one WebVTT file a row."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from videos.models.content import ContentMain
from videos.models.source import new_token


class CaptionOrigin(models.TextChoices):
    UPLOADED = "uploaded", _("uploaded")
    FILE = "file", _("from the film's file")


class Caption(models.Model):
    """A track of words under the item's `words` folder, `<token>.vtt`; new words get a new token, so an address never
    changes content."""

    content = models.ForeignKey(ContentMain, on_delete=models.CASCADE, related_name="captions")
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    language = models.CharField(_("language"), max_length=16)  # BCP 47; "und" while nobody has said
    label = models.CharField(_("name"), max_length=100, blank=True)  # "English (SDH)"; empty: the language's name
    is_default = models.BooleanField(_("shown unless the viewer chooses"), default=False)
    is_forced = models.BooleanField(_("only what is not in the film's language"), default=False)
    origin = models.CharField(max_length=10, choices=CaptionOrigin.choices, default=CaptionOrigin.UPLOADED)
    track = models.PositiveSmallIntegerField(null=True)  # which stream of the film's file
    cues = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("captions")
        verbose_name_plural = _("captions")
        ordering = ["content", "language", "label", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["content"], condition=models.Q(is_default=True), name="caption_default_once_an_item"
            ),
            models.UniqueConstraint(fields=["content", "origin", "track"], name="caption_once_a_stream"),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.label}".strip()

    @property
    def filename(self) -> str:
        """Its name under the item's `words` folder."""
        return f"{self.token}.vtt"
