"""One viewer playing one item once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.public_ids import LENGTH, new_public_id
from videos.models import ContentMain


class DeviceClass(models.TextChoices):
    PHONE = "phone", _("phone")
    TABLET = "tablet", _("tablet")
    DESKTOP = "desktop", _("computer")
    TV = "tv", _("television")
    OTHER = "other", _("other")


class PlaybackSession(models.Model):
    """Opened when a player starts, moved by its heartbeats. `watch_seconds` is what the session's beats were
    credited; it is part of the item's own total exactly if `is_counted`."""

    public_id = models.CharField(max_length=LENGTH, unique=True, default=new_public_id, editable=False)
    # The index on (content, started_at) serves the foreign key too.
    content = models.ForeignKey(ContentMain, on_delete=models.CASCADE, related_name="playback_sessions", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="playback_sessions",
    )
    viewer_key = models.CharField(max_length=40)  # `member:<id>`, or a guest's key of the day
    device_class = models.CharField(_("device"), max_length=10, choices=DeviceClass.choices, default=DeviceClass.OTHER)
    referrer_host = models.CharField(_("referrer"), max_length=253, blank=True)
    is_counted = models.BooleanField(_("counted"), default=True)
    started_at = models.DateTimeField(_("started"))

    # What analytics.sessions.SessionState holds.
    duration_seconds = models.FloatField(null=True, blank=True)  # the item's when it was opened; NULL has no end
    last_beat_at = models.DateTimeField(null=True, blank=True)
    spare_seconds = models.FloatField(default=0)
    watch_seconds = models.FloatField(_("seconds watched"), default=0)
    media_seconds = models.FloatField(default=0)
    position_seconds = models.FloatField(default=0)
    beat_count = models.PositiveIntegerField(default=0)
    last_seq = models.IntegerField(default=-1)
    earlier_seqs = models.BigIntegerField(default=0)
    clock_lag_seconds = models.FloatField(null=True, blank=True)
    has_viewed = models.BooleanField(default=False)  # long enough, be it this viewer's first this hour or not

    view_hour = models.DateTimeField(null=True, blank=True)  # in which it was counted as a view; NULL if it was not

    class Meta:
        verbose_name = _("playback session")
        verbose_name_plural = _("playback sessions")
        constraints = [
            # Once a viewer and hour, whatever arrives in parallel: the database says no to the second.
            models.UniqueConstraint(
                fields=["content", "view_hour", "viewer_key"],
                condition=Q(view_hour__isnull=False),
                name="view_once_an_hour",
            ),
        ]
        indexes = [models.Index(fields=["content", "started_at"], name="session_by_item")]

    def __str__(self) -> str:
        return self.public_id
