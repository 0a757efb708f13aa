"""The raw events from which every number can be made again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from analytics.models.session import PlaybackSession


class Heartbeat(models.Model):
    """One report of a player. `intervals` and `watch_seconds` are what was credited, [[start, end], …] in
    media seconds; the rest is as the player said it."""

    # The constraint on (session, seq) serves the foreign key too.
    session = models.ForeignKey(PlaybackSession, on_delete=models.CASCADE, related_name="heartbeats", db_index=False)
    seq = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)  # by the player's clock
    position_seconds = models.FloatField()
    rate = models.FloatField()
    rung = models.CharField(max_length=16, blank=True)
    intervals = models.JSONField(default=list)
    watch_seconds = models.FloatField(default=0)
    stalls = models.PositiveSmallIntegerField(default=0)
    stall_seconds = models.FloatField(default=0)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        constraints = [models.UniqueConstraint(fields=["session", "seq"], name="heartbeat_once")]
        indexes = [models.Index(fields=["received_at"], name="heartbeat_received")]

    def __str__(self) -> str:
        return f"{self.session_id}:{self.seq}"
