"""Beats that arrive at the same instant, on real connections: nothing is lost, nothing counts twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connections

from accounts.models import User
from analytics.models import Heartbeat, PlaybackSession
from tests.analytics.sending import OpenSession, send_beat
from videos.models import ContentMain, WatchPosition

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def at_once(*calls: Callable[[], object]) -> None:
    """Runs the calls in threads that start together, each with a connection of its own."""
    together = Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        try:
            together.wait(10)
            call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        for future in [pool.submit(run, call) for call in calls]:
            future.result()


@pytest.mark.parametrize("who", ["guest", "member"])
def test_views_that_begin_at_once_in_many_tabs_are_one(
    who: str, film: ContentMain, open_session: OpenSession, member: User
) -> None:
    viewer = member if who == "member" else AnonymousUser()
    sessions = [open_session(viewer) for _ in range(8)]
    for session in sessions:
        send_beat(session, 0, 0, 1, after=1)
    PlaybackSession.objects.update(watch_seconds=9.5)
    at_once(*[lambda tab=tab: send_beat(tab, 1, 1, 9, after=10) for tab in sessions])
    film.refresh_from_db()
    assert film.clicks == 1
    assert PlaybackSession.objects.filter(view_hour__isnull=False).count() == 1
    assert Heartbeat.objects.count() == 16


def test_the_same_beat_sent_many_times_at_once_is_stored_once(
    film: ContentMain, open_session: OpenSession, member: User
) -> None:
    session = open_session(member)
    at_once(*[lambda: send_beat(session, 0, 0, 5, after=5)] * 8)
    film.refresh_from_db()
    assert film.watch_seconds == 5
    assert Heartbeat.objects.count() == 1


def test_many_viewers_at_once_lose_nothing(
    film: ContentMain, open_session: OpenSession, member: User, stranger: User
) -> None:
    viewers = [member, stranger, *[AnonymousUser()] * 6]
    sessions = [open_session(viewer, network=f"203.0.113.{number}") for number, viewer in enumerate(viewers)]
    at_once(*[lambda one=one: send_beat(one, 0, 0, 12, after=12) for one in sessions])
    film.refresh_from_db()
    assert (film.clicks, film.watch_seconds) == (8, 96)


def test_a_members_tabs_share_one_clock_when_their_beats_come_at_once(
    film: ContentMain, open_session: OpenSession, member: User
) -> None:
    tabs = [open_session(member) for _ in range(6)]
    at_once(*[lambda tab=tab: send_beat(tab, 0, 0, 20, after=20) for tab in tabs])
    film.refresh_from_db()
    assert (film.clicks, film.watch_seconds) == (1, 20)
    assert WatchPosition.objects.filter(user=member).count() == 1
