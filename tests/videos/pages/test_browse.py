"""Everything on the programme."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.videos.factories import make_video
from tests.videos.pages.conftest import PageReader
from videos.models import AuditStatus, Category, ContentMain, Visibility

pytestmark = pytest.mark.django_db
Visit = Callable[..., PageReader]


def _shown(page: PageReader) -> list[str]:
    return [link.strip("/").split("/")[-1] for link in page.links if link.startswith("/watch/")]


def test_films_stand_in_the_chosen_order(visit: Visit, owner: User) -> None:
    short = make_video(owner, title="Short", duration_seconds=30, clicks=5)
    long = make_video(owner, title="Long", duration_seconds=9000, clicks=1)
    middle = make_video(owner, title="Middle", duration_seconds=600, clicks=90)
    ids = {"short": short.public_id, "long": long.public_id, "middle": middle.public_id}
    assert _shown(visit("/browse/?ordering=views")) == [ids["middle"], ids["short"], ids["long"]]
    assert _shown(visit("/browse/?ordering=longest")) == [ids["long"], ids["middle"], ids["short"]]
    assert _shown(visit("/browse/?ordering=shortest")) == [ids["short"], ids["middle"], ids["long"]]
    assert _shown(visit("/browse/")) == [ids["middle"], ids["long"], ids["short"]]


@pytest.mark.parametrize("ordering", ["", "random", "-id", "clicks); drop table"])
def test_an_unknown_order_is_the_first_one(visit: Visit, owner: User, ordering: str) -> None:
    older, newer = make_video(owner), make_video(owner)
    page = visit(f"/browse/?ordering={ordering}")
    assert _shown(page) == [newer.public_id, older.public_id]


def test_a_category_shows_its_own_films_only(visit: Visit, owner: User) -> None:
    music = make_video(owner, title="Field Recordings", category=Category.objects.get(slug="music"))
    make_video(owner, title="Elsewhere", category=Category.objects.get(slug="travel"))
    page = visit("/browse/?category=music")
    assert _shown(page) == [music.public_id]
    assert "Elsewhere" not in page.text


def test_a_category_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/browse/?category=nowhere").status_code == 404


def test_an_empty_category_says_so_and_leads_on(visit: Visit) -> None:
    page = visit("/browse/?category=games")
    assert "No film has been put on this shelf" in page.text
    assert "/browse/" in page.links


def test_pages_hold_every_film_once(visit: Visit, owner: User) -> None:
    made = {make_video(owner, title=f"Film {number}", clicks=7).public_id for number in range(30)}
    first, second = _shown(visit("/browse/?ordering=views")), _shown(visit("/browse/?ordering=views&page=2"))
    assert len(first) == 24
    assert len(second) == 6
    assert set(first) | set(second) == made


@pytest.mark.parametrize("page", ["0", "-3", "99", "next", ""])
def test_a_page_that_is_not_there_is_the_nearest_one(visit: Visit, owner: User, page: str) -> None:
    make_video(owner)
    assert len(_shown(visit(f"/browse/?page={page}"))) == 1


def test_leafing_keeps_category_and_order(visit: Visit, owner: User) -> None:
    music = Category.objects.get(slug="music")
    for number in range(25):
        make_video(owner, title=f"Song {number}", category=music)
    links = visit("/browse/?category=music&ordering=longest").links
    assert any({"category=music", "ordering=longest", "page=2"} <= set(link.lstrip("?").split("&")) for link in links)


def test_what_is_not_on_the_programme_is_not_here(visit: Visit, owner: User) -> None:
    make_video(owner, audit_status=AuditStatus.PENDING)
    make_video(owner, visibility=Visibility.UNLISTED)
    make_video(owner, visibility=Visibility.PRIVATE)
    assert _shown(visit("/browse/", owner)) == []


def test_titles_cannot_write_markup(visit: Visit, owner: User) -> None:
    make_video(owner, title="<script>alert(1)</script>\"'><img src=x onerror=alert(1)>")
    page = visit("/browse/")
    assert not [attributes for attributes in page.found("img") if "onerror" in attributes]
    assert all(attributes.get("src") for attributes in page.found("script"))


def test_every_card_shows_owner_length_and_views(visit: Visit, owner: User) -> None:
    make_video(owner, duration_seconds=754, clicks=41_208)
    text = visit("/browse/").text
    assert "12:34" in text
    assert "41.2k views" in text
    assert owner.shown_name in text
    assert ContentMain.objects.count() == 1
