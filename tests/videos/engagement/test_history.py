"""Counters add up, and a member's place follows the latest moment of watching."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from tests.videos.factories import make_video
from videos.catalogue.selectors import position_seconds_of
from videos.engagement.history import record_watch, resume_seconds
from videos.models import ContentMain, WatchPosition

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def film(owner: User) -> ContentMain:
    return make_video(owner, duration_seconds=600.0)


def stopped_at(film: ContentMain, user: User, position: float, *, minutes: float = 0) -> float:
    """The place after the member reached `position` at NOON + `minutes`."""
    record_watch(
        content_id=film.pk,
        duration_seconds=film.duration_seconds,
        user_id=user.pk,
        clicks=0,
        watch_seconds=0.0,
        position_seconds=position,
        watched_at=NOON + timedelta(minutes=minutes),
    )
    return position_seconds_of(film, user)


def count(film: ContentMain, *, clicks: int, watch_seconds: float) -> tuple[int, float]:
    record_watch(
        content_id=film.pk,
        duration_seconds=film.duration_seconds,
        user_id=None,
        clicks=clicks,
        watch_seconds=watch_seconds,
        position_seconds=12.0,
        watched_at=NOON,
    )
    film.refresh_from_db()
    return film.clicks, film.watch_seconds


def test_counters_are_added_to(film: ContentMain) -> None:
    assert count(film, clicks=1, watch_seconds=5.0) == (1, 5.0)
    assert count(film, clicks=0, watch_seconds=2.5) == (1, 7.5)


def test_a_guest_has_no_place(film: ContentMain) -> None:
    count(film, clicks=1, watch_seconds=5.0)
    assert not WatchPosition.objects.exists()


def test_counting_does_not_make_an_item_look_changed(film: ContentMain) -> None:
    before = film.updated_at
    count(film, clicks=1, watch_seconds=5.0)
    assert film.updated_at == before


def test_the_place_follows_the_viewer_forward_and_back(film: ContentMain, member: User) -> None:
    assert stopped_at(film, member, 30) == 30
    assert stopped_at(film, member, 300, minutes=1) == 300
    assert stopped_at(film, member, 60, minutes=2) == 60


def test_what_happened_earlier_does_not_move_the_place(film: ContentMain, member: User) -> None:
    stopped_at(film, member, 300, minutes=5)
    assert stopped_at(film, member, 30, minutes=4) == 300
    assert WatchPosition.objects.get().watched_at == NOON + timedelta(minutes=5)


def test_each_member_has_a_place_of_their_own(film: ContentMain, member: User, stranger: User) -> None:
    stopped_at(film, member, 30)
    assert stopped_at(film, stranger, 90) == 90
    assert position_seconds_of(film, member) == 30


def test_no_position_leaves_the_place(film: ContentMain, member: User) -> None:
    stopped_at(film, member, 30)
    record_watch(
        content_id=film.pk,
        duration_seconds=600.0,
        user_id=member.pk,
        clicks=0,
        watch_seconds=1.0,
        position_seconds=None,
        watched_at=NOON + timedelta(hours=1),
    )
    assert WatchPosition.objects.get().watched_at == NOON


def test_who_watched_to_the_end_begins_at_the_beginning_again(film: ContentMain, member: User) -> None:
    assert stopped_at(film, member, 600) == 0
    assert WatchPosition.objects.filter(user=member).exists()  # the history still knows it was watched
    assert stopped_at(film, member, 100, minutes=1) == 100


@pytest.mark.parametrize(
    ("position", "duration", "place"),
    [
        (569.9, 600.0, 569.9),  # 5 % of ten minutes are half a minute
        (570.0, 600.0, 0.0),
        (7000.0, 7200.0, 7000.0),  # of two hours no more than two minutes
        (7080.0, 7200.0, 0.0),
        (18.9, 20.0, 18.9),
        (19.0, 20.0, 0.0),
        (900.0, None, 900.0),  # what has no end is never finished
        (0.0, 0.0, 0.0),
    ],
)
def test_an_item_is_finished_when_little_is_left(position: float, duration: float | None, place: float) -> None:
    assert resume_seconds(position, duration) == place


def test_places_of_one_film_say_nothing_about_another(film: ContentMain, member: User, owner: User) -> None:
    other = make_video(owner, title="Other")
    stopped_at(film, member, 30)
    assert position_seconds_of(other, member) == 0
