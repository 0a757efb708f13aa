"""Deleting videos in the admin: the one service does it, item by item, with files, work and an entry in the trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast  # the admin passes free-form contexts around

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_protect

from accounts.models import User
from videos.models import ContentMain
from videos.publishing import versions

if TYPE_CHECKING:
    Base = admin.ModelAdmin[ContentMain]
else:
    Base = object


class DeletesByService(Base):
    """For the admin of videos. Django's own would ask whether each row that goes along may be deleted on its own (a
    job may not), and would delete in one transaction, in which hundreds of films go at once or not at all."""

    @method_decorator(csrf_protect)
    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        delete: Callable[..., HttpResponse] = self._delete_view  # type: ignore[attr-defined]  # Django's, untyped
        return delete(request, object_id, extra_context)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        """What the confirmation page lists: each video with what goes with it."""
        videos: list[ContentMain] = list(objs)
        listed: list[Any] = []
        for video in videos:
            listed += [f"{capfirst(self.opts.verbose_name)}: {video.title}", _going_with(video)]
        is_allowed = all(self.has_delete_permission(request, video) for video in videos)
        missing = set() if is_allowed else {self.opts.verbose_name}
        return listed, {self.opts.verbose_name_plural: len(videos)}, missing, []

    def delete_model(self, request: HttpRequest, obj: ContentMain) -> None:
        versions.delete(content=obj, actor=cast("User", request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ContentMain]) -> None:
        for content in list(queryset):
            self.delete_model(request, content)


def _going_with(video: ContentMain) -> list[str]:
    sizes = video.renditions.filter(version=video.version or 0).count()
    files = ngettext("its file and %(count)d size", "its file and %(count)d sizes", sizes) % {"count": sizes}
    jobs = video.jobs.count()
    return [files, ngettext("%(count)d job", "%(count)d jobs", jobs) % {"count": jobs}]
