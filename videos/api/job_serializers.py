"""What the API says about jobs (the shapes of videos/jobs/report.py), and what it takes."""

from __future__ import annotations

from typing import Any  # reports are dicts

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from videos.api.serializers import ProgressErrorSerializer, RungSerializer
from videos.jobs.control import LAST
from videos.models import JobState, Lane, StepState


class JobSerializer(serializers.Serializer[Any]):
    """Work on an item. `state` is `queued` whenever nothing of it is running, also between two steps."""

    id = serializers.CharField()
    kind = serializers.CharField(help_text=_("What work it is: `transcode` makes an item."))
    video = serializers.CharField(allow_null=True)
    title = serializers.CharField(allow_blank=True)
    owner = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=JobState.choices)
    stage = serializers.CharField()
    percent = serializers.FloatField()
    seconds_left = serializers.FloatField(allow_null=True)
    queue_place = serializers.IntegerField(allow_null=True, help_text=_("1 is next. Not told in lists."))
    rungs = RungSerializer(many=True)
    error = ProgressErrorSerializer(allow_null=True)
    may_help = serializers.BooleanField(
        help_text=_("Whether another attempt at what has failed or was cancelled may end better.")
    )
    priority = serializers.IntegerField(help_text=_("A smaller number goes first."))
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class LogEntrySerializer(serializers.Serializer[Any]):
    """A command that was run, or the error with which an attempt ended. Paths of the server are for staff."""

    attempt = serializers.IntegerField()
    at = serializers.DateTimeField()
    command = serializers.CharField(allow_blank=True)
    seconds = serializers.FloatField(allow_null=True)
    exit_code = serializers.IntegerField(allow_null=True)
    max_rss_bytes = serializers.IntegerField(allow_null=True)
    stderr = serializers.CharField(allow_blank=True)
    error = ProgressErrorSerializer(allow_null=True)
    detail = serializers.CharField(allow_blank=True)


class StepSerializer(serializers.Serializer[Any]):
    """A step of a job. Those of one stage run side by side, after the stages before it."""

    name = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=StepState.choices)
    lane = serializers.ChoiceField(choices=Lane.choices)
    stage = serializers.IntegerField()
    is_optional = serializers.BooleanField()
    attempts = serializers.IntegerField()
    percent = serializers.FloatField()
    seconds = serializers.FloatField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    worker = serializers.CharField(allow_blank=True)
    log = LogEntrySerializer(many=True)


class FullJobSerializer(JobSerializer):
    """One job with all that was done for it. `commands` are those that fit its state; `retry_rungs` the sizes that can
    be made again one by one."""

    commands = serializers.ListField(child=serializers.ChoiceField(choices=["pause", "resume", "cancel", "retry"]))
    retry_rungs = serializers.ListField(child=serializers.CharField())
    steps = StepSerializer(many=True)


class PrioritySerializer(serializers.Serializer[Any]):
    priority = serializers.IntegerField(min_value=1, max_value=LAST)


class RetrySerializer(serializers.Serializer[Any]):
    """With a rung: a new job that makes this one size again."""

    rung = serializers.CharField(required=False, max_length=20)
