"""Videos by name, for the audit trail."""

from __future__ import annotations

from django.urls import reverse

from accounts.admin import targets
from videos.models import ContentMain


def _videos(ids: frozenset[str]) -> dict[str, targets.Named]:
    videos = ContentMain.objects.filter(public_id__in=ids).values_list("public_id", "title", "pk")
    return {
        public_id: targets.Named(title, reverse("admin:videos_contentmain_change", args=[pk]))
        for public_id, title, pk in videos
    }


targets.register("video", _videos)
