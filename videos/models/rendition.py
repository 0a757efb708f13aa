"""A rendition: one way an item's published version can be played."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from videos.models.content import ContentMain


class RenditionKind(models.TextChoices):
    RUNG = "rung", _("rung")  # video and sound, one fragmented MP4
    AUDIO = "audio", _("sound only")
    ORIGINAL = "original", _("original")  # the uploaded file as it is, cut into segments when asked for


class Rendition(models.Model):
    """One rung of one version: a fragmented MP4 whose name under the version's folder is `<label>.mp4`. Of an original
    only the index lies there, `<label>.idx`."""

    content = models.ForeignKey(ContentMain, on_delete=models.CASCADE, related_name="renditions")
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=RenditionKind.choices)
    label = models.CharField(max_length=20)  # "720p", or "audio"
    height = models.PositiveIntegerField(default=0)  # the short side, in pixels: what people call 720p, upright or not
    width_px = models.PositiveIntegerField(default=0)
    height_px = models.PositiveIntegerField(default=0)
    frame_rate = models.FloatField(default=0)
    frames = models.PositiveBigIntegerField(default=0)
    codecs = models.CharField(max_length=80)  # RFC 6381
    average_bps = models.PositiveBigIntegerField()
    peak_bps = models.PositiveBigIntegerField()
    duration_seconds = models.FloatField()
    offset_seconds = models.FloatField(default=0)  # presentation time of the first displayed frame in this file
    bytes = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        ordering = ["-height", "label"]
        constraints = [models.UniqueConstraint(fields=["content", "version", "label"], name="rendition_once_a_version")]

    def __str__(self) -> str:
        return f"v{self.version} {self.label}"
