"""A member's own wall clock, shared by all the tabs and devices they watch on."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # both ends here: no idle stretch is known


class ViewerClock(models.Model):
    """What analytics.sessions.ViewerClock holds, one row a member."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="viewer_clock"
    )
    accounted_until = models.DateTimeField()
    spare_seconds = models.FloatField(default=0)
    idle_from = models.DateTimeField(default=EPOCH)
    idle_until = models.DateTimeField(default=EPOCH)

    class Meta:
        verbose_name = _("viewer clock")
        verbose_name_plural = _("viewer clocks")

    def __str__(self) -> str:
        return f"{self.user_id}"
