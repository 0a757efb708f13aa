"""What was watched, written on the item and for the member: the one door by which counters and places change.

Takes numbers as they were credited and does not know how; catalogue.selectors reads where somebody stopped.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from videos import live
from videos.models import ContentMain, WatchPosition

END_SHARE = 0.05  # what is left of an item when it counts as finished …
END_SECONDS = 120.0  # … but never more than this: two minutes of credits


def resume_seconds(position_seconds: float, duration_seconds: float | None) -> float:
    """Where to go on later: the position, or 0 when no more than 5 % and two minutes are left."""
    if duration_seconds is None:
        return position_seconds
    left = duration_seconds - position_seconds
    return 0.0 if left <= min(END_SECONDS, END_SHARE * duration_seconds) else position_seconds


def record_watch(
    *,
    content_id: int,
    duration_seconds: float | None,
    user_id: int | None,
    clicks: int,
    watch_seconds: float,
    position_seconds: float | None,
    watched_at: datetime,
) -> None:
    """Adds `clicks` and `watch_seconds` to the item, and moves the member's place there to `position_seconds`
    unless a later one is known. Guests (user_id None) have no place; None for the position leaves it where it
    is. Open pages hear of a new view when the transaction commits."""
    with transaction.atomic(savepoint=False):
        if user_id is not None and position_seconds is not None:
            place = resume_seconds(position_seconds, duration_seconds)
            _move(user_id=user_id, content_id=content_id, position_seconds=place, watched_at=watched_at)
        # Last, because everybody who watches a film waits for this row.
        if clicks or watch_seconds:
            ContentMain.objects.filter(pk=content_id).update(
                clicks=F("clicks") + clicks, watch_seconds=F("watch_seconds") + watch_seconds
            )
        if clicks:
            live.item_changed(ContentMain.objects.values_list("public_id", flat=True).get(pk=content_id))


def _move(*, user_id: int, content_id: int, position_seconds: float, watched_at: datetime) -> None:
    places = WatchPosition.objects.filter(user_id=user_id, content_id=content_id)
    older = places.filter(watched_at__lte=watched_at)
    if older.update(position_seconds=position_seconds, watched_at=watched_at):
        return
    # Either there is none yet, or a later one that stays.
    first = WatchPosition(
        user_id=user_id, content_id=content_id, position_seconds=position_seconds, watched_at=watched_at
    )
    WatchPosition.objects.bulk_create([first], ignore_conflicts=True)
