"""A rendition: one way an item's published version can be played."""

from __future__ import annotations

from typing import Any  # JSON values

from django.db import models
from django.utils.translation import gettext_lazy as _

from videos.models.content import ContentMain


class RenditionKind(models.TextChoices):
    RUNG = "rung", _("rung")  # video and sound, one fragmented MP4
    AUDIO = "audio", _("sound only")
    SOUND = "sound", _("sound track")  # beside pictures that have several
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
    language = models.CharField(max_length=16, blank=True)  # of sound alone; BCP 47, empty while unknown
    title = models.CharField(max_length=200, blank=True)  # of sound alone, as its file calls it
    loudness_lufs = models.FloatField(null=True)  # EBU R 128, integrated; NULL without sound and for silence
    true_peak_dbtp = models.FloatField(null=True)
    parts = models.PositiveIntegerField(default=0)  # in how many files it will lie; 0: in one, which is whole
    offset_seconds = models.FloatField(default=0)  # presentation time of the first displayed frame in this file
    bytes = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        ordering = ["-height", "label"]
        constraints = [models.UniqueConstraint(fields=["content", "version", "label"], name="rendition_once_a_version")]

    def __str__(self) -> str:
        return f"v{self.version} {self.label}"


class RenditionPart(models.Model):
    """A part of a rendition that is still growing: a file of its own in the version's folder, to be played as soon as
    all parts before it are there too."""

    rendition = models.ForeignKey(Rendition, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    filename = models.CharField(max_length=60)  # tells the attempt too: a late one never writes over another's
    # A segment each: [duration as a fraction "num/den" of a second, first byte, bytes].
    segments: models.JSONField[list[list[Any]], list[list[Any]]] = models.JSONField(default=list)
    init_bytes = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("part of a rendition")
        verbose_name_plural = _("parts of renditions")
        ordering = ["rendition", "number"]
        constraints = [models.UniqueConstraint(fields=["rendition", "number"], name="rendition_part_once")]

    def __str__(self) -> str:
        return f"{self.rendition_id}.{self.number}"
