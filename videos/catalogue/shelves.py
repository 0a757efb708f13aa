"""What pages put beside the plain lists: shelves with something on them, films on their way, more films like this
one."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from videos.catalogue.selectors import listed_videos
from videos.models import AuditStatus, Category, ContentMain, ContentStatus, Visibility
from videos.models.content import Viewer


def shelves_in_use() -> QuerySet[Category]:
    """Categories on which something listed stands, in the operator's order, each with its number as `listed_count`."""
    is_listed = Q(
        videos__audit_status=AuditStatus.APPROVED,
        videos__status=ContentStatus.AVAILABLE,
        videos__visibility=Visibility.PUBLIC,
    )
    return Category.objects.annotate(listed_count=Count("videos", filter=is_listed)).filter(listed_count__gt=0)


def being_made_count() -> int:
    """How many films will stand in the lists as soon as they can be played."""
    return ContentMain.objects.filter(
        audit_status=AuditStatus.APPROVED, status=ContentStatus.PROCESSING, visibility=Visibility.PUBLIC
    ).count()


def more_like(*, video: ContentMain, viewer: Viewer, limit: int) -> list[ContentMain]:
    """Beside a film: its own shelf first, then the newest; never the film itself."""
    others = listed_videos(viewer=viewer).exclude(pk=video.pk)
    found: list[ContentMain] = []
    if video.category_id is not None:
        found = list(others.filter(category_id=video.category_id)[:limit])
    if len(found) < limit:
        known = [one.pk for one in found]
        found += list(others.exclude(pk__in=known)[: limit - len(found)])
    return found
