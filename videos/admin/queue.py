"""The audit queue: which videos its tabs hold, in which order, and the cells of its list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final  # the admin's changelist is untyped here

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from videos.models import AuditStatus, ContentMain, ContentStatus
from videos.publishing import review

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PARAMETER: Final = "show"
WAITING: Final = "waiting"
ALL: Final = "all"
NO_FILTERS: Final = {PARAMETER, "q", "p", "o", "all"}  # what else the list's address may hold
Videos = QuerySet[ContentMain]


@dataclass(frozen=True)
class Tab:
    """One view of the videos, and what it holds."""

    label: StrOrPromise
    holds: Callable[[Videos], Videos]


TABS: Final[dict[str, Tab]] = {
    WAITING: Tab(_("Waiting for approval"), review.waiting),
    "making": Tab(_("Being made"), lambda videos: videos.filter(status=ContentStatus.PROCESSING)),
    "failed": Tab(_("Failed"), lambda videos: videos.filter(status=ContentStatus.FAILED)),
    "approved": Tab(
        _("Approved"),
        lambda videos: videos.filter(audit_status=AuditStatus.APPROVED, status=ContentStatus.AVAILABLE),
    ),
    "rejected": Tab(_("Rejected"), lambda videos: videos.filter(audit_status=AuditStatus.REJECTED)),
    ALL: Tab(_("All"), lambda videos: videos),
}


def tab_of(request: HttpRequest) -> str:
    """The tab that is open: what waits. Who searches without having chosen one searches everything."""
    chosen = request.GET.get(PARAMETER, "")
    return chosen if chosen in TABS else ALL if request.GET.get("q") else WAITING


class QueueFilter(admin.SimpleListFilter):
    """The tabs above the list, as a filter."""

    title = _("state")
    parameter_name = PARAMETER
    template = "admin/videos/contentmain/_tabs.html"

    def __init__(self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.tab = tab_of(request)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, StrOrPromise]]:
        return [(name, tab.label) for name, tab in TABS.items()]

    def queryset(self, request: HttpRequest, queryset: Videos) -> Videos:
        """An action is done to the rows that were ticked. What became of them since the page was loaded is told, also
        if they have left this tab."""
        is_of_ticked_rows = request.method == "POST" and request.POST.get("select_across", "0") != "1"
        return queryset if is_of_ticked_rows else TABS[self.tab].holds(queryset)

    def choices(  # type: ignore[override]  # a tab has a count too
        self, changelist: ChangeList
    ) -> Iterator[dict[str, Any]]:
        for name, tab in TABS.items():
            link = changelist.get_query_string({PARAMETER: name}, ["p"])
            yield {
                "selected": name == self.tab,
                "query_string": link,
                "display": tab.label,
                "count": review.waiting().count() if name == WAITING else None,
            }


def picture(content: ContentMain, *, poster: str | None) -> SafeString:
    """The poster, or a sign of why there is none."""
    if content.status == ContentStatus.FAILED:
        sign = "warning"
    elif content.status == ContentStatus.AVAILABLE and content.width_px is None:
        sign = "sound"
    else:
        sign = "film"
    return render_to_string("admin/videos/contentmain/_picture.html", {"poster": poster, "sign": sign})


def state(content: ContentMain) -> SafeString:
    """What can be played and what was decided, in one cell. Nothing is decided about what has failed, unless it was
    rejected before."""
    words: list[tuple[str, StrOrPromise]] = []
    status, decision = ContentStatus(content.status), AuditStatus(content.audit_status)
    if status != ContentStatus.AVAILABLE:
        words.append((status.name.lower(), status.label))
    if status != ContentStatus.FAILED or decision == AuditStatus.REJECTED:
        words.append((decision.name.lower(), decision.label))
    return render_to_string("admin/videos/contentmain/_state.html", {"words": words})
