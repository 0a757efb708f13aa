"""What a card of a film needs beside the row itself: its granted poster, its shape, and how far the viewer came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from videos.catalogue.selectors import position_seconds_of
from videos.models import ContentMain
from videos.models.content import Viewer
from videos.streaming import hls


@dataclass(frozen=True, slots=True)
class Card:
    """One film in a list. `is_sound`: there is no picture in it. `position_seconds` is 0 for what was not begun or is
    finished."""

    video: ContentMain
    poster: str | None
    is_upright: bool
    is_sound: bool
    position_seconds: float


def card_for(video: ContentMain, *, viewer: Viewer, now: datetime | None = None) -> Card:
    """`video` comes from a selector, so the viewer may see it and the facts of a card are there."""
    return Card(
        video=video,
        poster=hls.poster_url(content=video, viewer=viewer, now=now or timezone.now()),
        is_upright=(video.height_px or 0) > (video.width_px or 0),
        is_sound=video.version is not None and not video.width_px,
        position_seconds=position_seconds_of(video, viewer),
    )


def cards_for(videos: Iterable[ContentMain], *, viewer: Viewer) -> list[Card]:
    """Cards in the order given."""
    now = timezone.now()
    return [card_for(video, viewer=viewer, now=now) for video in videos]
