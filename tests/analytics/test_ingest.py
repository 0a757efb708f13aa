"""From beats to rows: what is counted on the item, once a viewer and hour, and where members stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from analytics import ingest
from analytics.errors import SessionEnded, TooManyBeats
from analytics.models import Heartbeat, PlaybackSession, ViewerClock
from analytics.sessions import BEAT_BURST
from tests.analytics.sending import OPENED_AT, OpenSession, send_beat, watch
from tests.videos.factories import make_video
from videos.catalogue.selectors import position_seconds_of
from videos.models import AuditStatus, ContentMain

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def totals(film: ContentMain) -> tuple[int, float]:
    film.refresh_from_db()
    return film.clicks, film.watch_seconds


def test_opening_a_session_counts_nothing(film: ContentMain, open_session: OpenSession) -> None:
    for _ in range(5):
        open_session()
    assert totals(film) == (0, 0)


def test_watching_moves_the_numbers_with_every_beat(film: ContentMain, open_session: OpenSession) -> None:
    session = open_session()
    send_beat(session, 0, 0, 5, after=5)
    assert totals(film) == (0, 5)
    send_beat(session, 1, 5, 10, after=10)
    assert totals(film) == (1, 10)
    send_beat(session, 2, 10, 15, after=15)
    assert totals(film) == (1, 15)


def test_every_total_can_be_made_again_from_the_beats(film: ContentMain, open_session: OpenSession) -> None:
    for number in range(3):
        watch(open_session(network=f"203.0.113.{number}"), 20)
    watch(open_session(user_agent="Googlebot/2.1"), 20)
    counted = Heartbeat.objects.filter(session__is_counted=True)
    assert sum(counted.values_list("watch_seconds", flat=True)) == film_seconds(film) == 60
    assert PlaybackSession.objects.filter(view_hour__isnull=False).count() == totals(film)[0] == 3
    assert [beat.intervals for beat in counted.filter(session=counted[0].session)] == [
        [[0.0, 5.0]], [[5.0, 10.0]], [[10.0, 15.0]], [[15.0, 20.0]],
    ]  # fmt: skip


def film_seconds(film: ContentMain) -> float:
    return totals(film)[1]


def test_a_beat_is_stored_as_it_came_and_as_it_was_credited(open_session: OpenSession) -> None:
    session = open_session()
    send_beat(session, 7, 0, 300, after=5, sent_after=4.9)
    beat = Heartbeat.objects.get()
    assert (beat.seq, beat.position_seconds, beat.rate, beat.rung) == (7, 300, 1, "720p")
    assert (beat.watch_seconds, beat.intervals) == (5, [[0, 5]])
    assert beat.received_at == OPENED_AT + timedelta(seconds=5)
    assert beat.sent_at == OPENED_AT + timedelta(seconds=4.9)


def test_a_repeated_beat_answers_the_same_and_earns_nothing(film: ContentMain, open_session: OpenSession) -> None:
    session = open_session()
    first = send_beat(session, 0, 0, 5, after=5)
    assert send_beat(session, 0, 0, 5, after=60) == first
    assert totals(film) == (0, 5)
    assert Heartbeat.objects.count() == 1


def test_a_beat_from_before_the_window_is_not_accepted(open_session: OpenSession) -> None:
    session = open_session()
    send_beat(session, 1000, 0, 5, after=5)
    assert not send_beat(session, 0, 5, 10, after=10).is_accepted
    assert Heartbeat.objects.count() == 1


# --- Once a viewer and hour -------------------------------------------------------------------------------


def test_reloading_the_page_is_one_view_an_hour(film: ContentMain, open_session: OpenSession) -> None:
    for reload in range(6):
        watch(open_session(after=20 * reload), 15, from_after=20 * reload)
    assert totals(film) == (1, 90)


def test_the_next_hour_is_another_view(film: ContentMain, open_session: OpenSession, member: User) -> None:
    for hour in (0, 1):
        for viewer in (AnonymousUser(), member):
            watch(open_session(viewer, after=3600 * hour), 10, from_after=3600 * hour)
    assert totals(film)[0] == 4


def test_a_long_film_is_one_view(film: ContentMain, open_session: OpenSession) -> None:
    session = open_session()
    watch(session, 60)
    send_beat(session, 1000, 0, 5, after=7200)
    assert totals(film)[0] == 1


def test_members_are_themselves_wherever_they_watch(
    film: ContentMain, open_session: OpenSession, member: User, stranger: User
) -> None:
    watch(open_session(member, network="203.0.113.1"), 10)
    watch(open_session(member, network="203.0.113.2", after=20), 10, from_after=20)
    watch(open_session(stranger, network="203.0.113.1"), 10)
    assert totals(film)[0] == 2


def test_another_item_is_another_view(film: ContentMain, open_session: OpenSession, owner: User) -> None:
    other = make_video(owner, title="Other")
    watch(open_session(), 10)
    watch(open_session(content=other), 10)
    assert (totals(film)[0], totals(other)[0]) == (1, 1)


# --- What does not count ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how", [{"user_agent": "Googlebot/2.1"}, {"is_prefetch": True}], ids=["declared crawler", "prefetch"]
)
def test_machines_get_a_session_that_does_not_count(
    film: ContentMain, open_session: OpenSession, how: dict[str, str | bool]
) -> None:
    session = open_session(**how)
    watch(session, 20)
    assert totals(film) == (0, 0)
    session.refresh_from_db()
    assert (session.is_counted, session.watch_seconds, session.view_hour) == (False, 20, None)


def test_trying_an_item_before_it_is_approved_does_not_count_but_keeps_the_place(
    open_session: OpenSession, owner: User, moderator: User
) -> None:
    pending = make_video(owner, audit_status=AuditStatus.PENDING, duration_seconds=600.0)
    for viewer in (owner, moderator):
        watch(open_session(viewer, content=pending), 20)
        assert position_seconds_of(pending, viewer) == 20
    assert totals(pending) == (0, 0)


def test_an_owner_who_watches_what_is_approved_is_a_viewer(
    film: ContentMain, open_session: OpenSession, owner: User
) -> None:
    watch(open_session(owner), 10)
    assert totals(film) == (1, 10)


def test_a_farm_of_guests_behind_one_address_is_capped(open_session: OpenSession) -> None:
    sessions = [open_session(user_agent=f"Mozilla/5.0 (farm {number})") for number in range(105)]
    assert [session.is_counted for session in sessions] == [True] * 100 + [False] * 5


def test_members_behind_one_address_are_not_capped(open_session: OpenSession, member: User) -> None:
    assert all(open_session(member).is_counted for _ in range(105))


def test_one_member_in_two_tabs_gains_no_second(film: ContentMain, open_session: OpenSession, member: User) -> None:
    first, second = open_session(member), open_session(member)
    for seq in range(6):
        for session in (first, second):
            send_beat(session, seq, 5 * seq, 5 * seq + 5, after=5 * seq + 5)
    assert totals(film) == (1, 30)


# --- Places -----------------------------------------------------------------------------------------------


def test_members_go_on_where_they_stopped_and_guests_do_not(
    film: ContentMain, open_session: OpenSession, member: User, guest: AnonymousUser
) -> None:
    watch(open_session(member), 25)
    watch(open_session(), 35)
    assert position_seconds_of(film, member) == 25
    assert position_seconds_of(film, guest) == 0


def test_an_overtaken_beat_does_not_move_the_place_back(
    film: ContentMain, open_session: OpenSession, member: User
) -> None:
    session = open_session(member)
    send_beat(session, 1, 5, 10, after=10)
    send_beat(session, 0, 0, 5, after=11)
    assert position_seconds_of(film, member) == 10


def test_beats_kept_offline_do_not_move_the_place_that_another_device_set_later(
    film: ContentMain, open_session: OpenSession, member: User
) -> None:
    phone, desk = open_session(member), open_session(member, after=100)
    send_beat(phone, 0, 0, 5, after=5, sent_after=5)
    send_beat(desk, 0, 200, 205, after=105, sent_after=105)
    send_beat(phone, 1, 5, 10, after=300, sent_after=10)
    assert position_seconds_of(film, member) == 205
    send_beat(phone, 2, 10, 15, after=305, sent_after=305)
    assert position_seconds_of(film, member) == 15


# --- Ends and floods --------------------------------------------------------------------------------------


def test_a_session_ends_with_its_item(film: ContentMain, open_session: OpenSession) -> None:
    session = open_session()
    send_beat(session, 0, 0, 5, after=5)
    film.delete()
    with pytest.raises(SessionEnded):
        send_beat(session, 1, 5, 10, after=10)


def test_a_deleted_account_leaves_its_numbers_without_a_name(
    film: ContentMain, open_session: OpenSession, member: User
) -> None:
    session = open_session(member)
    send_beat(session, 0, 0, 5, after=5)
    member.delete()
    send_beat(session, 1, 5, 10, after=10)
    session.refresh_from_db()
    assert session.user_id is None
    assert totals(film) == (1, 10)


def test_a_flood_of_beats_is_refused_and_leaves_nothing(open_session: OpenSession) -> None:
    session = open_session()
    PlaybackSession.objects.filter(pk=session.pk).update(beat_count=BEAT_BURST + 5)
    with pytest.raises(TooManyBeats):
        send_beat(session, 0, 0, 5, after=1)
    assert not Heartbeat.objects.exists()


# --- Cost -------------------------------------------------------------------------------------------------


def statements(queries: CaptureQueriesContext) -> list[str]:
    """What a beat asks of the database, without the borders of transactions."""
    verbs = [query["sql"].split()[0] for query in queries.captured_queries]
    return [verb for verb in verbs if verb in {"SELECT", "INSERT", "UPDATE", "DELETE"}]


def test_a_guests_beat_costs_four_statements(open_session: OpenSession) -> None:
    session = open_session()
    send_beat(session, 0, 0, 5, after=5)
    with CaptureQueriesContext(connection) as queries:
        send_beat(session, 1, 5, 9, after=10)
    assert statements(queries) == ["SELECT", "INSERT", "UPDATE", "UPDATE"]


def test_a_members_beat_costs_seven_statements(open_session: OpenSession, member: User) -> None:
    session = open_session(member)
    send_beat(session, 0, 0, 5, after=5)
    with CaptureQueriesContext(connection) as queries:
        send_beat(session, 1, 5, 9, after=10)
    assert statements(queries) == ["SELECT", "SELECT", "INSERT", "UPDATE", "UPDATE", "UPDATE", "UPDATE"]
    assert ViewerClock.objects.get(user=member).spare_seconds == pytest.approx(1)


def test_a_repeated_beat_writes_nothing(open_session: OpenSession) -> None:
    session = open_session()
    send_beat(session, 0, 0, 5, after=5)
    with CaptureQueriesContext(connection) as queries:
        send_beat(session, 0, 0, 5, after=6)
    assert statements(queries) == ["SELECT", "SELECT"]


def test_a_session_id_that_nobody_has_is_ended(db: None) -> None:
    with pytest.raises(SessionEnded):
        send_beat(PlaybackSession(public_id="nosuchone00"), 0, 0, 5, after=5)


def test_no_address_and_no_browser_name_is_kept(open_session: OpenSession) -> None:
    session = open_session(network="203.0.113.77", user_agent="A Very Rare Browser/7")
    send_beat(session, 0, 0, 5, after=5)
    kept = [str(PlaybackSession.objects.values().get()), str(Heartbeat.objects.values().get())]
    assert not any("203.0.113.77" in row or "Rare" in row for row in kept)


def test_the_receipt_says_what_the_session_was_credited(open_session: OpenSession) -> None:
    session = open_session()
    assert send_beat(session, 0, 0, 5, after=5) == ingest.Receipt(is_accepted=True, watched_seconds=5)
    assert send_beat(session, 1, 5, 600, after=8).watched_seconds == 8
