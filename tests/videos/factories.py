"""Rows that tests need, in the shape that the services leave them."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import User
from videos.models import AuditStatus, ContentMain, ContentStatus, Rendition, RenditionKind, Visibility

CODECS = "avc1.64001f,mp4a.40.2"


def make_video(
    owner: User,
    *,
    title: str = "Nine Kinds of Rain",
    status: ContentStatus = ContentStatus.AVAILABLE,
    audit_status: AuditStatus = AuditStatus.APPROVED,
    visibility: Visibility = Visibility.PUBLIC,
    duration_seconds: float = 60.0,
    **fields: object,
) -> ContentMain:
    """An item; available ones have version 1 with one rung (a row only, no file)."""
    has_version = status in {ContentStatus.AVAILABLE, ContentStatus.WITHDRAWN}
    is_published = status == ContentStatus.AVAILABLE and audit_status == AuditStatus.APPROVED
    content = ContentMain.objects.create(
        owner=owner,
        title=title,
        status=status,
        audit_status=audit_status,
        visibility=visibility,
        duration_seconds=duration_seconds,
        version=1 if has_version else None,
        versions_made=1 if has_version else 0,
        published_at=timezone.now() if is_published else None,
        **fields,
    )
    if has_version:
        Rendition.objects.create(
            content=content, version=1, kind=RenditionKind.RUNG, label="720p", height=720, width_px=1280, height_px=720,
            frame_rate=25, frames=1500, codecs=CODECS, average_bps=1_000_000, peak_bps=2_000_000,
            duration_seconds=duration_seconds, bytes=7_500_000,
        )  # fmt: skip
    return content
