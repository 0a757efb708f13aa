"""Jobs in the admin: what is being done, what failed and why. Read only; the queue is changed by its services."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from videos.models import Job, Step


class StepInline(admin.TabularInline[Step, Job]):
    """The steps with attempts, worker and times."""

    model = Step
    readonly_fields = [
        "name",
        "lane",
        "state",
        "attempts",
        "worker",
        "percent",
        "started_at",
        "finished_at",
        "commands",
    ]
    fields = tuple(readonly_fields)
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    @admin.display(description=_("percent"))
    def percent(self, step: Step) -> str:
        return f"{step.progress * 100:.0f} %"

    @admin.display(description=_("commands"))
    def commands(self, step: Step) -> SafeString:
        return format_html_join(
            "",
            "<pre>{}</pre>",
            ((" · ".join(f"{key}: {value}" for key, value in entry.items()),) for entry in step.log),
        )


@admin.register(Job)
class JobAdmin(admin.ModelAdmin[Job]):
    list_display = ["public_id", "kind", "video", "owner", "state", "error_code", "created_at", "finished_at"]
    list_filter = ["state", "kind", "error_code"]
    list_select_related = ["content", "owner"]
    search_fields = ["public_id", "content__title", "content__public_id", "owner__username"]
    inlines = [StepInline]
    readonly_fields = [
        "public_id", "kind", "video", "owner", "priority", "state", "error_code", "error_detail", "created_at",
        "started_at", "finished_at",
    ]  # fmt: skip
    fields = tuple(readonly_fields)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    @admin.display(description=_("video"))
    def video(self, job: Job) -> str:
        if job.content is None:
            return ""
        return format_html('<a href="/admin/videos/contentmain/{}/change/">{}</a>', job.content_id, job.content.title)
