"""Jobs in the admin: what is being done, what failed and why. Read only; the queue is changed by its services."""

from __future__ import annotations

import shlex
from typing import Any, Final  # an entry of a step's log is free in shape

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from videos.models import Job
from videos.reasons import sentence

STEP_WORDS: Final = {
    "probe": _("Looking at the file"),
    "index": _("Finding out what to make"),
    "poster": _("Taking a still"),
    "ladder": _("Making every size"),
    "publish": _("Putting it in place"),
}


@admin.register(Job)
class JobAdmin(admin.ModelAdmin[Job]):
    list_display = ["public_id", "video", "owner", "state", "what_went_wrong", "created_at", "finished_at"]
    list_filter = ["state", "kind", "error_code"]
    list_select_related = ["content", "owner"]
    search_fields = ["public_id", "content__title", "content__public_id", "owner__username"]
    readonly_fields = [
        "public_id", "kind", "video", "owner", "priority", "state", "what_went_wrong", "error_detail", "created_at",
        "started_at", "finished_at", "steps",
    ]  # fmt: skip
    fields = tuple(readonly_fields)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    @admin.display(description=_("video"), ordering="content__title")
    def video(self, job: Job) -> str:
        if job.content is None:
            return "–"
        link = reverse("admin:videos_contentmain_change", args=[job.content_id])
        return format_html('<a href="{}">{}</a>', link, job.content.title)

    @admin.display(description=_("error"), ordering="error_code")
    def what_went_wrong(self, job: Job) -> str:
        if not job.error_code:
            return "–"
        return format_html('{} <code class="code">{}</code>', sentence(job.error_code), job.error_code)

    @admin.display(description=_("steps"))
    def steps(self, job: Job) -> SafeString:
        """Each step with attempts, worker, times and the commands that were run."""
        steps = [
            {
                "step": step,
                "name": STEP_WORDS.get(step.name, step.name),
                "percent": round(step.progress * 100),
                "commands": [_command(entry) for entry in step.log],
            }
            for step in job.steps.order_by("position")
        ]
        return render_to_string("admin/videos/job/_steps.html", {"steps": steps})


def _command(entry: dict[str, Any]) -> dict[str, Any]:
    """One run of a program: as one could type it, how it ended, and the last it said."""
    argv, stderr = entry.get("argv", []), str(entry.get("stderr", "")).strip()
    ended = {key: value for key, value in entry.items() if key not in {"argv", "stderr"}}
    return {
        "line": shlex.join(str(part) for part in argv),
        "facts": " · ".join(f"{key}: {value}" for key, value in ended.items()),
        "stderr": stderr,
    }
