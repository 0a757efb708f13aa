"""Sessions and beats as the service takes them, at stated seconds after OPENED_AT."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from analytics import ingest
from analytics.models import PlaybackSession
from analytics.sessions import Beat, Interval

OPENED_AT = datetime(2026, 11, 21, 12, 15, tzinfo=UTC)
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

OpenSession = Callable[..., PlaybackSession]


def send_beat(
    session: PlaybackSession,
    seq: int,
    start: float,
    end: float,
    *,
    after: float,
    sent_after: float | None = None,
) -> ingest.Receipt:
    """One beat that claims [start, end], received `after` seconds after OPENED_AT."""
    sent_at = None if sent_after is None else OPENED_AT + timedelta(seconds=sent_after)
    return ingest.take_beat(
        session_id=session.public_id,
        beat=Beat(
            seq=seq,
            position_seconds=end,
            intervals=(Interval(start, end),),
            sent_at=sent_at.timestamp() if sent_at else None,
        ),
        quality=ingest.PlayingQuality(rung="720p"),
        sent_at=sent_at,
        now=OPENED_AT + timedelta(seconds=after),
    )


def watch(session: PlaybackSession, seconds: int, *, from_after: float = 0.0) -> None:
    """Plays `seconds` from the beginning, a beat every five."""
    for seq, end in enumerate(range(5, seconds + 1, 5)):
        send_beat(session, seq, end - 5, end, after=from_after + end)
