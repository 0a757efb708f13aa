"""Opens playback sessions and takes their beats: one short transaction a beat, decided by analytics.sessions.

Locks are taken in one order everywhere: session, viewer's clock, the member's place, item.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from analytics import sessions, visitors
from analytics.errors import SessionEnded, TooManyBeats
from analytics.models import Heartbeat, PlaybackSession, ViewerClock
from videos.engagement import history
from videos.models import ContentMain
from videos.models.content import Viewer


@dataclass(frozen=True, slots=True)
class Visit:
    """How a player came: used to open a session, and forgotten."""

    network: str  # accounts.addresses.client_network
    user_agent: str
    referrer: str = ""
    is_prefetch: bool = False


@dataclass(frozen=True, slots=True)
class PlayingQuality:
    """What the player says of its own well-being; stored as said."""

    rung: str = ""
    stalls: int = 0
    stall_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """`is_accepted`: stored, now or before; a beat that is not need not be sent again either."""

    is_accepted: bool
    watched_seconds: float


def open_session(*, content: ContentMain, viewer: Viewer, visit: Visit, now: datetime) -> PlaybackSession:
    """A session of an item that this viewer may play. Nothing is counted until beats arrive.

    Not counted at all: plays of what is not approved (its owner and moderators trying it), declared crawlers,
    prefetches, and guests' sessions beyond what visitors.GUEST_SESSIONS lets count.
    """
    member = viewer if isinstance(viewer, User) else None
    is_machine = visit.is_prefetch or visitors.is_declared_crawler(visit.user_agent)
    is_counted = content.is_approved and not is_machine
    if member is None and is_counted:
        is_counted = visitors.has_network_share(network=visit.network, content_id=content.pk, now=now)
    guest_key = visitors.guest_key(network=visit.network, user_agent=visit.user_agent, now=now)
    return PlaybackSession.objects.create(
        content=content,
        user=member,
        viewer_key=f"member:{member.pk}" if member else guest_key,
        device_class=visitors.device_class(visit.user_agent),
        referrer_host=visitors.referrer_host(visit.referrer),
        is_counted=is_counted,
        started_at=now,
        duration_seconds=content.duration_seconds,
    )


def take_beat(
    *, session_id: str, beat: sessions.Beat, quality: PlayingQuality, sent_at: datetime | None, now: datetime
) -> Receipt:
    """Credits one beat of the session with this public id and writes what it earned down to item and member.

    Raises SessionEnded when the session is gone with its item, TooManyBeats when no player sends so many.
    """
    with transaction.atomic():
        session = _locked_session(session_id)
        state = _state_of(session)
        if not sessions.is_new(state, beat.seq):
            return Receipt(is_accepted=_is_stored(session, beat.seq), watched_seconds=state.watch_seconds)
        if sessions.is_flood(state, now.timestamp()):
            raise TooManyBeats(session.public_id)
        clock = _locked_clock(session)
        after, clock_after, earned = sessions.credit(state, beat, now.timestamp(), clock)
        Heartbeat.objects.create(
            session=session,
            seq=beat.seq,
            received_at=now,
            sent_at=sent_at,
            position_seconds=beat.position_seconds,
            rate=beat.rate,
            rung=quality.rung,
            intervals=[[round(one.start_seconds, 3), round(one.end_seconds, 3)] for one in earned.intervals],
            watch_seconds=earned.watch_seconds,
            stalls=quality.stalls,
            stall_seconds=quality.stall_seconds,
        )
        _keep(session, after)
        if session.user_id is not None and clock_after is not None:
            ViewerClock.objects.filter(user_id=session.user_id).update(
                accounted_until=_instant(clock_after.accounted_until),
                spare_seconds=clock_after.spare_seconds,
                idle_from=_instant(clock_after.idle_from),
                idle_until=_instant(clock_after.idle_until),
            )
        is_click = earned.begins_view and session.is_counted and _claims_hour(session, now)
        history.record_watch(
            content_id=session.content_id,
            duration_seconds=session.duration_seconds,
            user_id=session.user_id,
            clicks=int(is_click),
            watch_seconds=earned.watch_seconds if session.is_counted else 0.0,
            position_seconds=after.position_seconds if earned.moves_position else None,
            watched_at=_instant(earned.watched_at),
        )
    return Receipt(is_accepted=True, watched_seconds=after.watch_seconds)


def _locked_session(public_id: str) -> PlaybackSession:
    try:
        return PlaybackSession.objects.select_for_update().get(public_id=public_id)
    except PlaybackSession.DoesNotExist as gone:
        raise SessionEnded("no such session") from gone


def _state_of(session: PlaybackSession) -> sessions.SessionState:
    return sessions.SessionState(
        started_at=session.started_at.timestamp(),
        received_at=(session.last_beat_at or session.started_at).timestamp(),
        duration_seconds=session.duration_seconds,
        spare_seconds=session.spare_seconds,
        watch_seconds=session.watch_seconds,
        media_seconds=session.media_seconds,
        position_seconds=session.position_seconds,
        beat_count=session.beat_count,
        last_seq=session.last_seq,
        earlier_seqs=session.earlier_seqs,
        clock_lag_seconds=session.clock_lag_seconds,
        is_view_begun=session.has_viewed,
    )


def _keep(session: PlaybackSession, state: sessions.SessionState) -> None:
    PlaybackSession.objects.filter(pk=session.pk).update(
        last_beat_at=_instant(state.received_at),
        spare_seconds=state.spare_seconds,
        watch_seconds=state.watch_seconds,
        media_seconds=state.media_seconds,
        position_seconds=state.position_seconds,
        beat_count=state.beat_count,
        last_seq=state.last_seq,
        earlier_seqs=state.earlier_seqs,
        clock_lag_seconds=state.clock_lag_seconds,
        has_viewed=state.is_view_begun,
    )


def _is_stored(session: PlaybackSession, seq: int) -> bool:
    return Heartbeat.objects.filter(session=session, seq=seq).exists()


def _locked_clock(session: PlaybackSession) -> sessions.ViewerClock | None:
    """The member's clock, locked until the beat is done; it begins with their first beat. Guests have none:
    behind one address there may be a class."""
    if session.user_id is None:
        return None
    row, _made = ViewerClock.objects.select_for_update().get_or_create(
        user_id=session.user_id, defaults={"accounted_until": session.last_beat_at or session.started_at}
    )
    return sessions.ViewerClock(
        accounted_until=row.accounted_until.timestamp(),
        spare_seconds=row.spare_seconds,
        idle_from=row.idle_from.timestamp(),
        idle_until=row.idle_until.timestamp(),
    )


def _claims_hour(session: PlaybackSession, now: datetime) -> bool:
    """Whether this is the viewer's first view of the item in this UTC hour. The unique constraint decides, so
    that beats in parallel cannot both win; a savepoint keeps the beat alive when it says no."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    try:
        with transaction.atomic():
            PlaybackSession.objects.filter(pk=session.pk).update(view_hour=hour)
    except IntegrityError:
        return False
    return True


def _instant(posix_seconds: float) -> datetime:
    return datetime.fromtimestamp(posix_seconds, tz=UTC)
