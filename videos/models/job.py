"""Jobs and their steps: the only truth about work to be done. Claim, lease and fence are fields of the step."""

from __future__ import annotations

from typing import Any  # parameters, results and logs are typed by the dataclasses that read them

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.public_ids import LENGTH, new_public_id
from videos.models.content import ContentMain


class JobKind(models.TextChoices):
    TRANSCODE = "transcode", _("transcode")
    POSTER = "poster", _("poster")  # another picture for an item, when its owner asks for one


class Lane(models.TextChoices):
    """Where a step waits. Each lane has slots of its own, so that short work never stands behind an encode."""

    QUICK = "quick", _("quick")  # ten seconds at most, never an encode
    ENCODE = "encode", _("encode")


class JobState(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class StepState(models.TextChoices):
    WAITING = "waiting", _("waiting")  # for the step before it
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Standing(models.IntegerChoices):
    """Which of one owner's jobs goes before which."""

    FIRST = 0  # nothing of the item can be watched yet, or so little is left to do that it should be done
    GROWING = 1  # somebody may be watching, and comes to the end of what is made
    USUAL = 2


class Job(models.Model):
    """A piece of work for an owner, usually about an item; its steps are what workers claim."""

    public_id = models.CharField(_("public id"), max_length=LENGTH, unique=True, default=new_public_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, on_delete=models.SET_NULL, related_name="jobs"
    )
    content = models.ForeignKey(ContentMain, null=True, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(_("kind"), max_length=20, choices=JobKind.choices)
    priority = models.SmallIntegerField(_("priority"), default=100)  # smaller goes first
    standing = models.PositiveSmallIntegerField(choices=Standing.choices, default=Standing.FIRST, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    parameters: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    error_code = models.CharField(_("error"), max_length=60, blank=True)
    error_detail = models.TextField(_("detail for the operator"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["state", "priority", "id"], name="job_open", condition=Q(state__in=["queued", "running"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class Step(models.Model):
    """What a worker claims: leased for 30 s at a time under a fence that grows with each claim. It is queued when all
    of the stages before its own have ended."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(_("step"), max_length=30)
    lane = models.CharField(_("lane"), max_length=10, choices=Lane.choices)
    position = models.PositiveSmallIntegerField()
    stage = models.PositiveSmallIntegerField(default=0)  # those of one stage run side by side, before the next stage
    parameters: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    is_optional = models.BooleanField(default=False)  # the job goes on when it fails
    state = models.CharField(_("state"), max_length=10, choices=StepState.choices, default=StepState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)  # counted before the work starts
    fence = models.PositiveIntegerField(default=0)
    worker = models.CharField(_("worker"), max_length=120, blank=True)
    lease_expires_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)  # back-off after a failure that may pass
    weight = models.FloatField(default=1)  # its share of the job's percent
    progress = models.FloatField(default=0)  # 0 to 1
    seconds_left = models.FloatField(null=True)
    detail: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)  # e.g. percent a rung
    result: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)  # handed to later steps
    log: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    queued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["job", "stage", "position"]
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="step_position_once")]
        indexes = [
            models.Index(fields=["lane", "state"], name="step_claimable", condition=Q(state__in=["queued", "running"])),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}.{self.name}"


class LaneTurn(models.Model):
    """When an owner was last served in a lane. People take turns: two hundred films of one do not hold up another's
    first."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    lane = models.CharField(max_length=10, choices=Lane.choices)
    served_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "lane"], name="lane_turn_once_an_owner")]

    def __str__(self) -> str:
        return f"{self.owner_id} in {self.lane}"
