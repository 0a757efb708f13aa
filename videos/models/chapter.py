"""Chapters of an item: named places, in order of time."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from videos.models.content import ContentMain


class Chapter(models.Model):
    """A chapter lasts until the next one, or the film's end."""

    content = models.ForeignKey(ContentMain, on_delete=models.CASCADE, related_name="chapters")
    start_seconds = models.FloatField(_("begins at"))
    title = models.CharField(_("title"), max_length=200)

    class Meta:
        verbose_name = _("chapter")
        verbose_name_plural = _("chapters")
        ordering = ["content", "start_seconds"]
        constraints = [
            models.UniqueConstraint(fields=["content", "start_seconds"], name="chapter_once_a_moment"),
            models.CheckConstraint(condition=models.Q(start_seconds__gte=0), name="chapter_not_before_the_film"),
        ]

    def __str__(self) -> str:
        return self.title
