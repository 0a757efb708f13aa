"""Shapes of `/api/playback/…`. Values that make no sense are not refused: they earn nothing
(analytics.sessions)."""

from __future__ import annotations

from typing import Any  # DRF's plain serializers have no instance type

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from analytics.sessions import Beat, Interval

MAX_SECONDS = 1e9  # far beyond any film, far within what floats add exactly to the millisecond
MAX_SEQ = 2**31 - 1
MAX_INTERVALS = 100


class SessionOpeningSerializer(serializers.Serializer[Any]):
    """What a player sends before it starts."""

    video = serializers.CharField(max_length=32, help_text=_("The video's public id."))
    referrer = serializers.CharField(
        max_length=2000,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Address of the page that led here; only its host is kept."),
    )


class SessionSerializer(serializers.Serializer[Any]):
    """The capability to report for this playback, and how often to do it."""

    session = serializers.CharField()
    beat_seconds = serializers.IntegerField()


class BeatSerializer(serializers.Serializer[Any]):
    """What was played since the last beat."""

    session = serializers.CharField(max_length=200)
    seq = serializers.IntegerField(min_value=0, max_value=MAX_SEQ, help_text=_("Counts up by one with every beat."))
    position_seconds = serializers.FloatField(min_value=-MAX_SECONDS, max_value=MAX_SECONDS)
    rate = serializers.FloatField(
        min_value=-MAX_SECONDS,
        max_value=MAX_SECONDS,
        default=1.0,
        help_text=_("Playback rate of all these intervals."),
    )
    rung = serializers.CharField(max_length=16, required=False, allow_blank=True, default="")
    intervals = serializers.ListField(
        child=serializers.ListField(
            child=serializers.FloatField(min_value=-MAX_SECONDS, max_value=MAX_SECONDS),
            min_length=2,
            max_length=2,
        ),
        max_length=MAX_INTERVALS,
        required=False,
        default=list,
        help_text=_("[[start, end], …] in seconds of the video, in the order of playing."),
    )
    stalls = serializers.IntegerField(min_value=0, max_value=10_000, default=0)
    stall_seconds = serializers.FloatField(min_value=0, max_value=MAX_SECONDS, default=0.0)
    sent_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def beat(self) -> Beat:
        """The validated fields as the pure module takes them."""
        fields = self.validated_data
        return Beat(
            seq=fields["seq"],
            position_seconds=fields["position_seconds"],
            rate=fields["rate"],
            intervals=tuple(Interval(start, end) for start, end in fields["intervals"]),
            sent_at=fields["sent_at"].timestamp() if fields["sent_at"] else None,
        )


class BeatReceiptSerializer(serializers.Serializer[Any]):
    """`accepted`: it is stored, now or by an earlier sending. Never send a beat again that got an answer."""

    accepted = serializers.BooleanField()
    watched_seconds = serializers.FloatField(help_text=_("What this session has been credited so far."))
