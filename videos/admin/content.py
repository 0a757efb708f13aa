"""Videos in the admin: the audit queue with poster, player and facts; decisions one by one and in bulk; the Add page
takes a film through the same receiver and the same door as the upload page."""

from __future__ import annotations

from typing import Any, cast  # the admin passes free-form contexts around

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import AuditEntry, User
from videos.admin import decisions, queue
from videos.admin.deleting import DeletesByService
from videos.admin.facts import facts_of
from videos.catalogue.lengths import clock_text
from videos.catalogue.selectors import with_card_facts
from videos.models import Category, ContentMain, ContentStatus
from videos.models.content import WHO_MAY_SEE
from videos.streaming import hls
from videos.streaming.playback import refusal_of


class ReasonForm(forms.Form):
    """Why something is not approved; the owner reads it."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))


@admin.register(ContentMain)
class ContentMainAdmin(DeletesByService, admin.ModelAdmin[ContentMain]):
    list_display = ["title", "owner", "state", "length", "visibility", "created_at"]
    list_filter = [queue.QueueFilter, "visibility", "category", "kind", "created_at"]
    search_fields = ["title", "public_id", "owner__username", "source__filename"]
    list_per_page = 25
    actions = ["approve_selected", "reject_selected"]
    fields = ["title", "description", "category", "film", "visibility"]
    autocomplete_fields = ["film"]
    change_form_template = "admin/videos/contentmain/change_form.html"
    change_list_template = "admin/videos/contentmain/change_list.html"
    add_form_template = "admin/videos/contentmain/upload.html"

    # --- Reading --------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContentMain]:
        return with_card_facts(super().get_queryset(request), cast("User", request.user)).select_related(
            "source", "replaced_source"
        )

    def get_ordering(self, request: HttpRequest) -> tuple[str]:
        """A queue serves first who came first; everything else is read from the newest on."""
        return ("pk",) if queue.tab_of(request) == queue.WAITING else ("-pk",)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The poster's address is a grant for this moderator, so its column is made for each request."""
        viewer = cast("User", request.user)

        @admin.display(description=gettext_lazy("poster"))
        def poster(content: ContentMain) -> SafeString:
            url = hls.poster_url(content=content, viewer=viewer, now=timezone.now())
            return format_html("{}{}", queue.picture(content, poster=url), decisions.seen_field(content))

        return [poster, *self.list_display]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> list[Any]:
        """The picture and the title both lead to the video's page."""
        return [list_display[0], "title"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, str] | None = None) -> HttpResponse:
        has_more_filters = bool(request.GET.keys() - queue.NO_FILTERS)
        return super().changelist_view(request, {"has_more_filters": has_more_filters, **(extra_context or {})})

    @admin.display(description=gettext_lazy("state"), ordering="audit_status")
    def state(self, content: ContentMain) -> SafeString:
        return queue.state(content)

    @admin.display(description=gettext_lazy("length"), ordering="duration_seconds")
    def length(self, content: ContentMain) -> str:
        return clock_text(content.duration_seconds) or "–"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        content = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if content is not None:
            refused, reason = refusal_of(content, cast("User", request.user))
            context |= {
                "video": content,
                "refused": refused,
                "reason": reason,
                "card": self._card(request, content),
                "facts": facts_of(content, viewer=cast("User", request.user)),
                "decisions": AuditEntry.objects.filter(target=f"video:{content.public_id}").order_by("-id")[:20],
                "can_review": self._may_review(request),
                "has_failed": content.status == ContentStatus.FAILED,
                "reviewed_state": queue.state(content),
                "seen": decisions.seen_field(content),
                "reason_form": ReasonForm(),
            }
        return super().change_view(request, object_id, form_url, context)

    @staticmethod
    def _card(request: HttpRequest, content: ContentMain) -> dict[str, object]:
        """What the player's template reads beside the item itself."""
        viewer = cast("User", request.user)
        return {
            "poster": hls.poster_url(content=content, viewer=viewer, now=timezone.now()),
            "is_upright": (content.height_px or 0) > (content.width_px or 0),
        }

    # --- Adding: the file goes through the upload receiver, not through a form of the admin ------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Add video"),
            "opts": self.opts,
            "categories": Category.objects.all(),
            "visibilities": WHO_MAY_SEE.items(),
            "max_bytes": settings.UPLOAD_MAX_BYTES,
            "part_bytes": settings.UPLOAD_PART_BYTES,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/videos/contentmain/upload.html", context)

    def save_model(self, request: HttpRequest, obj: ContentMain, form: forms.Form, change: bool) -> None:
        """Writes what was changed on the form and nothing else; the services may have written the rest meanwhile."""
        obj.save(update_fields=[*form.changed_data, "updated_at"])

    # --- Deciding -------------------------------------------------------------------------------------------------

    @staticmethod
    def _may_review(request: HttpRequest) -> bool:
        return cast("User", request.user).is_moderator

    def has_review_permission(self, request: HttpRequest) -> bool:
        """What the actions ask for."""
        return self._may_review(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/approve/", view(self.approve_view), name="videos_contentmain_approve"),
            path("<int:pk>/reject/", view(self.reject_view), name="videos_contentmain_reject"),
        ]
        return [*own, *super().get_urls()]

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        content = self._for_decision(request, pk)
        if self._decide(request, content, None):
            self.message_user(request, _("“%(title)s” is approved.") % {"title": content.title}, messages.SUCCESS)
        return self._back(content)

    def reject_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        content = self._for_decision(request, pk)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            self.message_user(request, _("Say why, so that the owner understands."), messages.ERROR)
        elif self._decide(request, content, form.cleaned_data["reason"]):
            self.message_user(request, _("“%(title)s” is rejected.") % {"title": content.title}, messages.SUCCESS)
        return self._back(content)

    def _decide(self, request: HttpRequest, content: ContentMain, reason: str | None) -> bool:
        """One decision; a refusal is told to the moderator and changes nothing."""
        outcome = decisions.decide([content], reason=reason, request=request)
        for why in outcome.skipped:
            self.message_user(request, f"{content.title}: {why}", messages.ERROR)
        return bool(outcome.done)

    def _for_decision(self, request: HttpRequest, pk: int) -> ContentMain:
        if request.method != "POST" or not self._may_review(request):
            raise PermissionDenied
        return get_object_or_404(ContentMain, pk=pk)

    @staticmethod
    def _back(content: ContentMain) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:videos_contentmain_change", args=[content.pk]))

    @admin.action(description=gettext_lazy("Approve selected videos"), permissions=["review"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[ContentMain]) -> None:
        outcome = decisions.decide(queryset, reason=None, request=request)
        done = ngettext("%(count)d video approved.", "%(count)d videos approved.", outcome.done)
        self._tell(request, outcome, done % {"count": outcome.done})

    @admin.action(description=gettext_lazy("Reject selected videos"), permissions=["review"])
    def reject_selected(self, request: HttpRequest, queryset: QuerySet[ContentMain]) -> HttpResponse | None:
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "title": _("Reject selected videos"),
                "opts": self.opts,
                "form": form,
                "videos": queryset,
                "seen": request.POST.getlist(decisions.SEEN),  # of the list, not of now
                "action_checkbox_name": ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "admin/videos/contentmain/reject_selected.html", context)
        outcome = decisions.decide(queryset, reason=form.cleaned_data["reason"], request=request)
        done = ngettext("%(count)d video rejected.", "%(count)d videos rejected.", outcome.done)
        self._tell(request, outcome, done % {"count": outcome.done})
        return None

    def _tell(self, request: HttpRequest, outcome: decisions.Outcome, done: str) -> None:
        if outcome.done:
            self.message_user(request, done, messages.SUCCESS)
        for why, count in outcome.skipped.items():
            text = ngettext("%(count)d video was skipped: %(why)s", "%(count)d videos were skipped: %(why)s", count)
            self.message_user(request, text % {"count": count, "why": why}, messages.WARNING)
