"""The page of one film: player, words, numbers, and more to watch."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from videos.catalogue import selectors, shelves
from videos.models import ContentMain
from videos.models.content import Viewer
from videos.pages.cards import card_for, cards_for
from videos.pages.owner import shows_panel
from videos.streaming.playback import refusal_of

BESIDE_SHOWN = 12
MAX_START_SECONDS = 1_000_000


def _start_seconds(text: str) -> float | None:
    """`?t=`: seconds, whole or decimal; anything else is as if it were not there."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < MAX_START_SECONDS else None


def _may_see_state(video: ContentMain, viewer: Viewer) -> bool:
    return isinstance(viewer, User) and (viewer.pk == video.owner_id or viewer.is_moderator)


@require_safe
def watch(request: HttpRequest, public_id: str) -> HttpResponse:
    """404 for those who may not know of the item; its owner and moderators see where it stands."""
    video = selectors.video_for(public_id, request.user)
    beside = shelves.more_like(video=video, viewer=request.user, limit=BESIDE_SHOWN)
    refused, reason = refusal_of(video, request.user)
    return render(
        request,
        "videos/watch.html",
        {
            "video": video,
            "card": card_for(video, viewer=request.user),
            "refused": refused,
            "reason": reason,
            "start_seconds": _start_seconds(request.GET.get("t", "")),
            "shows_state": _may_see_state(video, request.user),
            "shows_panel": shows_panel(video, request.user),
            "is_owner": request.user.pk == video.owner_id,
            "beside": cards_for(beside, viewer=request.user),
        },
    )
