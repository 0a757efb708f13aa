"""Where a member stopped watching."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from videos.models.content import ContentMain


class WatchPosition(models.Model):
    """One row a member and item, moved by the counting service."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watch_positions")
    content = models.ForeignKey(ContentMain, on_delete=models.CASCADE, related_name="watch_positions")
    position_seconds = models.FloatField(default=0)
    watched_at = models.DateTimeField()

    class Meta:
        verbose_name = _("watch position")
        verbose_name_plural = _("watch positions")
        constraints = [models.UniqueConstraint(fields=["user", "content"], name="position_once_a_member")]
        indexes = [models.Index(fields=["user", "-watched_at"], name="position_recent")]

    def __str__(self) -> str:
        return f"{self.position_seconds:.0f} s"
