"""The page of one film."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any  # keyword arguments of a factory

import pytest
from django.test import Client

from accounts.models import User
from tests.videos.factories import make_video
from tests.videos.pages.conftest import PageReader
from videos.models import AuditStatus, Category, ContentMain, ContentStatus, Visibility

pytestmark = pytest.mark.django_db
Visit = Callable[..., PageReader]


def _address(video: ContentMain) -> str:
    return f"/watch/{video.public_id}/"


def test_the_first_video_element_is_the_players_and_knows_no_address_of_bytes(visit: Visit, owner: User) -> None:
    page = visit(_address(make_video(owner)))
    names = [tag for tag, _attributes in page.elements]
    assert names.index("matinee-player") < names.index("video")
    assert names.count("video") == 1
    video = page.found("video")[0]
    assert "src" not in video
    assert "autoplay" not in video
    assert video["preload"] == "auto"


def test_a_second_in_the_address_is_where_the_player_begins(visit: Visit, owner: User) -> None:
    address = _address(make_video(owner))
    assert visit(f"{address}?t=90").found("matinee-player")[0]["data-start"] == "90.0"
    assert visit(f"{address}?t=12.5").found("matinee-player")[0]["data-start"] == "12.5"


@pytest.mark.parametrize("start", ["", "soon", "-4", "1e99", "nan", "inf", "90&t=x"])
def test_a_second_that_makes_no_sense_is_as_if_it_were_not_there(visit: Visit, owner: User, start: str) -> None:
    player = visit(f"{_address(make_video(owner))}?t={start}").found("matinee-player")[0]
    assert "data-start" not in player


def test_the_page_tells_views_owner_category_and_words(visit: Visit, owner: User) -> None:
    video = make_video(
        owner,
        clicks=41_208,
        category=Category.objects.get(slug="film"),
        description="Shot in rain.\n\nSee https://example.org/rain",
    )
    page = visit(_address(video))
    assert "41,208 views" in page.text
    assert owner.shown_name in page.text
    assert "/browse/?category=film" in page.links
    outward = [attributes for attributes in page.found("a") if attributes.get("href") == "https://example.org/rain"]
    assert "nofollow" in outward[0]["rel"]


def test_words_of_an_owner_cannot_write_markup(visit: Visit, owner: User) -> None:
    video = make_video(
        owner, title="</title><script>x</script>", description="<img src=x onerror=alert(1)> javascript:alert(1)"
    )
    page = visit(_address(video))
    assert not [attributes for _tag, attributes in page.elements if any(name.startswith("on") for name in attributes)]
    assert not [link for link in page.links if link.startswith("javascript:")]


def test_more_films_stand_beside_it_its_own_shelf_first(visit: Visit, owner: User) -> None:
    travel = Category.objects.get(slug="travel")
    film = make_video(owner, title="This one", category=travel)
    same = make_video(owner, title="Same shelf", category=travel)
    other = make_video(owner, title="Other shelf")
    links = [link for link in visit(_address(film)).links if link.startswith("/watch/")]
    assert links == [_address(same), _address(other)]


HIDDEN: list[dict[str, Any]] = [
    {"audit_status": AuditStatus.PENDING},
    {"audit_status": AuditStatus.REJECTED},
    {"visibility": Visibility.PRIVATE},
    {"status": ContentStatus.FAILED},
    {"status": ContentStatus.WITHDRAWN},
]


@pytest.mark.parametrize("fields", HIDDEN, ids=lambda fields: "-".join(str(value) for value in fields.values()))
def test_only_owner_and_moderators_know_of_what_is_not_open(
    client: Client, owner: User, stranger: User, moderator: User, fields: dict[str, Any]
) -> None:
    address = _address(make_video(owner, **fields))
    assert client.get(address).status_code == 404
    client.force_login(stranger)
    assert client.get(address).status_code == 404
    for person in (owner, moderator):
        client.force_login(person)
        assert client.get(address).status_code == 200


def test_an_unlisted_film_opens_for_whoever_has_its_address(visit: Visit, owner: User) -> None:
    assert visit(_address(make_video(owner, visibility=Visibility.UNLISTED))).found("matinee-player")


@pytest.mark.parametrize("address", ["/watch/nothing/", "/watch/AAAAAAAAAAA/", "/watch/..%2f/", "/watch//"])
def test_an_address_of_nothing_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_the_owner_reads_that_approval_is_awaited_and_the_moderator_gets_the_way_to_it(
    visit: Visit, owner: User, moderator: User
) -> None:
    video = make_video(owner, audit_status=AuditStatus.PENDING)
    review = f"/admin/videos/contentmain/{video.pk}/change/"
    as_owner, as_moderator = visit(_address(video), owner), visit(_address(video), moderator)
    assert "Waiting for approval" in as_owner.text
    assert review not in as_owner.links
    assert review in as_moderator.links


def test_the_owner_reads_why_a_film_was_not_approved(visit: Visit, owner: User) -> None:
    video = make_video(owner, audit_status=AuditStatus.REJECTED, audit_reason="The music is not yours.")
    assert "The music is not yours." in visit(_address(video), owner).text


def test_a_film_that_failed_waits_for_nobodys_approval(visit: Visit, owner: User, moderator: User) -> None:
    video = make_video(owner, status=ContentStatus.FAILED, audit_status=AuditStatus.PENDING, failure_code="not_a_video")
    for person in (owner, moderator):
        text = visit(_address(video), person).text
        assert "approval" not in text
        assert "could not be prepared" in text


def test_who_stopped_the_making_of_a_film_is_said(visit: Visit, owner: User, moderator: User) -> None:
    video = make_video(owner, status=ContentStatus.FAILED, failure_code="cancelled")
    told = "You stopped making this film."
    page = visit(_address(video), owner)
    assert told in page.text
    (player,) = page.found("matinee-player")
    assert player["data-refused"] == "stopped"
    mine = visit("/me/videos/", owner).text
    assert told in mine
    assert "Stopped" in mine
    assert "Failed" not in mine
    assert "Its owner stopped the making of this film." in visit(_address(video), moderator).text
    by_staff = make_video(owner, status=ContentStatus.FAILED, failure_code="cancelled_by_staff")
    text = visit(_address(by_staff), owner).text
    assert "staff stopped the making of this film." in text
    assert told not in text
    assert "could not be prepared" not in text


def test_an_approved_film_shows_no_notice_of_its_state(visit: Visit, owner: User) -> None:
    for person in (None, owner):
        assert "approval" not in visit(_address(make_video(owner)), person).text


def test_opening_the_page_counts_nothing(client: Client, owner: User) -> None:
    video = make_video(owner, clicks=3)
    for _ in range(5):
        client.get(_address(video))
    video.refresh_from_db()
    assert video.clicks == 3


@pytest.mark.parametrize(
    ("fields", "code", "reason"),
    [
        ({"audit_status": AuditStatus.REJECTED, "audit_reason": "Too loud."}, "rejected", "Too loud."),
        ({"status": ContentStatus.FAILED, "failure_code": "empty_file"}, "failed", "The file is empty."),
        ({"status": ContentStatus.WITHDRAWN}, "withdrawn", ""),
        ({"status": ContentStatus.PROCESSING}, "not_ready", ""),
    ],
)
def test_what_the_page_knows_the_player_need_not_ask(
    client: Client, visit: Visit, owner: User, fields: dict[str, Any], code: str, reason: str
) -> None:
    video = make_video(owner, **fields)
    page = visit(_address(video), owner)
    player = page.found("matinee-player")[0]
    assert (player["data-refused"], player["data-reason"]) == (code, reason)
    assert [one["href"] for one in page.found("link") if one["rel"] == "preload"] == []
    assert client.get(f"/api/videos/{video.public_id}/playback/").json()["code"] == code


def test_a_film_that_plays_is_asked_for_with_the_page(visit: Visit, owner: User, moderator: User) -> None:
    open_film = make_video(owner)
    rejected = make_video(owner, audit_status=AuditStatus.REJECTED)
    for video, person in ((open_film, None), (open_film, owner), (rejected, moderator)):
        page = visit(_address(video), person)
        assert "data-refused" not in page.found("matinee-player")[0]
        preloads = [one["href"] for one in page.found("link") if one["rel"] == "preload"]
        assert preloads == [f"/api/videos/{video.public_id}/playback/"]


def test_only_a_guests_player_keeps_the_place_in_the_browser(client: Client, owner: User, member: User) -> None:
    address = _address(make_video(owner))
    assert "data-guest" in PageReader(client.get(address).content.decode()).found("matinee-player")[0]
    client.force_login(member)
    assert "data-guest" not in PageReader(client.get(address).content.decode()).found("matinee-player")[0]


def test_sound_without_picture_has_a_sign_of_its_own(visit: Visit, owner: User) -> None:
    song = make_video(owner, title="Song")
    film = make_video(owner, title="Film", width_px=1280, height_px=720)
    assert "data-sound-only" in visit(_address(song)).found("matinee-player")[0]
    assert "data-sound-only" not in visit(_address(film)).found("matinee-player")[0]
