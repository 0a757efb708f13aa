"""Jobs in the admin: what is being done, what failed and why, and steering it by the same services as the API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast  # the admin passes free-form contexts around

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.models import User
from videos.errors import VideoError
from videos.jobs import control, report
from videos.jobs.queue import NORMAL_PRIORITY
from videos.models import Job
from videos.reasons import sentence

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Service = Callable[..., Job]

COMMANDS: Final[dict[str, tuple[StrOrPromise, Service]]] = {
    "pause": (_("Pause"), control.pause),
    "resume": (_("Resume"), control.resume),
    "cancel": (_("Cancel"), control.cancel),
    "retry": (_("Try again"), control.retry),
    "first": (_("To the front of the queue"), partial(control.set_priority, priority=control.FIRST)),
    "normal": (_("To the usual place in the queue"), partial(control.set_priority, priority=NORMAL_PRIORITY)),
    "last": (_("To the end of the queue"), partial(control.set_priority, priority=control.LAST)),
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

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return control.is_steward(cast("User", request.user))

    def get_actions(self, request: HttpRequest) -> dict[str, tuple[Callable[..., Any], str, str] | None]:
        """Every command, for whom it is."""
        if not self.has_steer_permission(request):
            return {}
        return {name: (_all_of(name), name, str(label)) for name, (label, _service) in COMMANDS.items()}

    def get_urls(self) -> list[URLPattern]:
        steer = self.admin_site.admin_view(require_POST(self.steer_view))
        return [path("<int:pk>/steer/", steer, name="videos_job_steer"), *super().get_urls()]

    def steer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The buttons of a job's page; one that makes a new job leads to that."""
        job = get_object_or_404(self.get_queryset(request), pk=pk)
        command, rung = request.POST.get("command", ""), request.POST.get("rung", "")
        if not self.has_steer_permission(request) or (command not in COMMANDS and not rung):
            raise Http404
        changed = _steer([job], partial(control.retry_rung, rung=rung) if rung else COMMANDS[command][1], request)
        return redirect("admin:videos_job_change", changed[0].pk if changed else pk)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        job: Job | None = kwargs.get("obj")
        if job is not None:
            context["commands"] = [(name, COMMANDS[name][0]) for name in self._fitting(request, job)]
            context["rungs"] = report.rungs_to_retry(job) if self.has_steer_permission(request) else []
        return super().render_change_form(request, context, *args, **kwargs)

    def _fitting(self, request: HttpRequest, job: Job) -> list[str]:
        if not self.has_steer_permission(request):
            return []
        fitting = report.commands_for(job, cast("User", request.user))
        places = [name for name, priority in control.PRIORITIES.items() if priority != job.priority]
        return fitting + (places if "cancel" in fitting else [])

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
        steps = [(step, report.step_report(step, is_whole=True)) for step in job.steps.order_by("stage", "position")]
        return render_to_string("admin/videos/job/_steps.html", {"steps": steps})


def _all_of(command: str) -> Callable[..., None]:
    def act(_admin: JobAdmin, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        _steer(jobs.select_related("content"), COMMANDS[command][1], request)

    return act


def _steer(jobs: Iterable[Job], service: Service, request: HttpRequest) -> list[Job]:
    """Has it done to each job and tells how many took it; the others with the reason."""
    changed: list[Job] = []
    refused: Counter[str] = Counter()
    for job in jobs:
        try:
            changed.append(service(job=job, actor=cast("User", request.user)))
        except VideoError as refusal:
            refused[str(refusal.message)] += 1
    if changed:
        text = ngettext("%(count)d job was told so.", "%(count)d jobs were told so.", len(changed))
        messages.success(request, text % {"count": len(changed)})
    for reason, count in refused.items():
        text = ngettext("%(count)d job was not: %(reason)s", "%(count)d jobs were not: %(reason)s", count)
        messages.warning(request, text % {"count": count, "reason": reason})
    return changed
