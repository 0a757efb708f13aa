"""The front page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any  # keyword arguments of a factory

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.videos.factories import make_video
from tests.videos.pages.conftest import PageReader
from videos.models import AuditStatus, Category, ContentMain, ContentStatus, Visibility, WatchPosition

pytestmark = pytest.mark.django_db
Visit = Callable[..., PageReader]


def _address(video: ContentMain) -> str:
    return f"/watch/{video.public_id}/"


def test_an_empty_site_invites_to_upload_the_first_film(visit: Visit) -> None:
    page = visit("/")
    assert "The house is open" in page.text
    assert "/upload/" in page.links


def test_an_empty_site_says_that_films_are_being_made(visit: Visit, owner: User) -> None:
    make_video(owner, status=ContentStatus.PROCESSING)
    make_video(owner, status=ContentStatus.PROCESSING)
    page = visit("/")
    assert "The first films are being made" in page.text
    assert "2 films are on their way" in page.text


def test_films_that_wait_for_approval_are_not_promised_to_everybody(visit: Visit, owner: User) -> None:
    make_video(owner, status=ContentStatus.PROCESSING, audit_status=AuditStatus.PENDING)
    make_video(owner, status=ContentStatus.PROCESSING, visibility=Visibility.PRIVATE)
    assert "being made" not in visit("/").text


def test_the_newest_film_opens_the_page_and_is_not_repeated_below(visit: Visit, owner: User) -> None:
    older, newest = make_video(owner, title="Low Tide"), make_video(owner, title="High Water")
    ContentMain.objects.filter(pk=older.pk).update(published_at=timezone.now() - timedelta(days=1))
    page = visit("/")
    assert page.links.index(_address(newest)) < page.links.index(_address(older))
    assert [attributes["id"] for attributes in page.found("h1")] == ["tonight"]
    assert "High Water" in page.text
    assert page.text.count("Low Tide") == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"audit_status": AuditStatus.PENDING},
        {"audit_status": AuditStatus.REJECTED},
        {"status": ContentStatus.PROCESSING},
        {"status": ContentStatus.FAILED},
        {"status": ContentStatus.WITHDRAWN},
        {"visibility": Visibility.UNLISTED},
        {"visibility": Visibility.PRIVATE},
    ],
    ids=lambda fields: "-".join(str(value) for value in fields.values()),
)
def test_nobody_finds_here_what_is_not_on_the_programme(
    visit: Visit, owner: User, moderator: User, fields: dict[str, Any]
) -> None:
    hidden = make_video(owner, **fields)
    for person in (None, owner, moderator):
        assert _address(hidden) not in visit("/", person).links


def test_a_member_goes_on_where_they_stopped(visit: Visit, owner: User, member: User) -> None:
    begun = make_video(owner, title="Ferry North", duration_seconds=600)
    make_video(owner, title="Slow Radio")
    WatchPosition.objects.create(user=member, content=begun, position_seconds=150, watched_at=timezone.now())
    page = visit("/", member)
    assert "Go on watching" in page.text
    assert {"max": "600", "value": "150"}.items() <= page.found("progress")[0].items()


def test_guests_and_others_see_nothing_of_what_a_member_watched(
    visit: Visit, owner: User, member: User, stranger: User
) -> None:
    begun = make_video(owner)
    WatchPosition.objects.create(user=member, content=begun, position_seconds=20, watched_at=timezone.now())
    for person in (None, stranger):
        assert "Go on watching" not in visit("/", person).text


def test_shelves_show_what_the_page_does_not_show_already(visit: Visit, owner: User) -> None:
    travel = Category.objects.get(slug="travel")
    on_shelf = [make_video(owner, title=f"Journey {number}", category=travel) for number in range(3)]
    newer = [make_video(owner, title=f"News {number}") for number in range(13)]
    ContentMain.objects.filter(pk__in=[one.pk for one in on_shelf]).update(
        published_at=timezone.now() - timedelta(days=9)
    )
    page = visit("/")
    assert [attributes for attributes in page.found("h2") if attributes["id"] == "shelf-travel"]
    for video in on_shelf:
        assert page.links.count(_address(video)) == 1
    assert all(_address(video) in page.links for video in newer)


def test_a_young_site_looks_again_by_itself_and_a_grown_one_does_not(visit: Visit, owner: User) -> None:
    assert any("js/pages/home" in attributes.get("src", "") for attributes in visit("/").found("script"))
    for number in range(13):
        make_video(owner, title=f"Film {number}")
    assert not any("js/pages/home" in attributes.get("src", "") for attributes in visit("/").found("script"))


def test_the_page_costs_the_same_with_few_films_and_many(
    client: Client, owner: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for category in Category.objects.all():
        for number in range(6):
            make_video(owner, title=f"{category.slug} {number}", category=category)
    with django_assert_max_num_queries(6):  # newest, categories in use, and one for each of four shelves
        client.get("/")


def test_only_reading_is_answered(client: Client) -> None:
    assert client.post("/").status_code == 405
