"""`/api/videos/…`: what is listed, who may know of what, what an owner may change."""

from __future__ import annotations

import itertools

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from tests.videos.factories import make_video
from videos.api.serializers import VideoChangeSerializer
from videos.models import AuditStatus, Category, ContentMain, ContentStatus, Visibility
from videos.publishing import review

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_lists_show_what_is_approved_available_and_public(owner: User, api: APIClient) -> None:
    shown = make_video(owner)
    for status, audit, visibility in itertools.product(ContentStatus, AuditStatus, Visibility):
        if (status, audit, visibility) != (ContentStatus.AVAILABLE, AuditStatus.APPROVED, Visibility.PUBLIC):
            make_video(owner, status=status, audit_status=audit, visibility=visibility)
    listed = api.get("/api/videos/").json()
    assert [item["id"] for item in listed["results"]] == [shown.public_id]


def test_an_item_has_the_documented_fields(owner: User, api: APIClient) -> None:
    content = make_video(owner)
    body = api.get(f"/api/videos/{content.public_id}/").json()
    assert body["id"] == content.public_id
    assert (body["status"], body["audit_status"], body["clicks"]) == (0, 0, 0)
    assert body["duration_seconds"] == 60.0
    assert body["owner"] == {"id": owner.public_id, "username": "owner", "name": "owner"}
    assert "email" not in str(body)
    assert "phone" not in str(body)


# (audit, status, visibility) → who gets 200 for the item. Everybody else gets 404, as for what does not exist.
ALL = {"guest", "stranger", "owner", "moderator"}
INSIDERS = {"owner", "moderator"}
KNOWN_TO = {
    ("approved", "available", "public"): ALL,
    ("approved", "available", "unlisted"): ALL,
    ("approved", "available", "private"): INSIDERS,
    ("approved", "processing", "public"): ALL,
    ("approved", "failed", "public"): INSIDERS,
    ("approved", "withdrawn", "public"): INSIDERS,
    ("pending", "available", "public"): INSIDERS,
    ("pending", "processing", "public"): INSIDERS,
    ("rejected", "available", "public"): INSIDERS,
}
PLAYABLE_BY = {
    ("approved", "available", "public"): ALL,
    ("approved", "available", "unlisted"): ALL,
    ("approved", "available", "private"): INSIDERS,
    ("pending", "available", "public"): INSIDERS,
    ("rejected", "available", "public"): {"moderator"},
}


@pytest.mark.parametrize("who", sorted(ALL))
@pytest.mark.parametrize("state", list(KNOWN_TO), ids="-".join)
def test_who_may_know_of_an_item_and_play_it(
    state: tuple[str, str, str], who: str, owner: User, stranger: User, moderator: User, api: APIClient
) -> None:
    audit, status, visibility = state
    content = make_video(
        owner,
        audit_status=AuditStatus[audit.upper()],
        status=ContentStatus[status.upper()],
        visibility=Visibility(visibility),
    )
    person = {"owner": owner, "stranger": stranger, "moderator": moderator}.get(who)
    if person:
        api.force_authenticate(person)
    expected = 200 if who in KNOWN_TO[state] else 404
    for path in ("", "progress/"):
        assert api.get(f"/api/videos/{content.public_id}/{path}").status_code == expected
    played = api.get(f"/api/videos/{content.public_id}/playback/")
    if who in PLAYABLE_BY.get(state, set()):
        assert played.status_code == 200
        assert played.json()["hls"].startswith("/media/")
    else:
        assert played.status_code == (409 if expected == 200 else 404)


@pytest.mark.parametrize(
    ("status", "audit", "code"),
    [
        (ContentStatus.PROCESSING, AuditStatus.APPROVED, "not_ready"),
        (ContentStatus.FAILED, AuditStatus.PENDING, "failed"),
        (ContentStatus.WITHDRAWN, AuditStatus.APPROVED, "withdrawn"),
        (ContentStatus.AVAILABLE, AuditStatus.REJECTED, "rejected"),
    ],
)
def test_what_cannot_be_played_says_why(
    status: ContentStatus, audit: AuditStatus, code: str, owner: User, api: APIClient
) -> None:
    content = make_video(owner, status=status, audit_status=audit)
    api.force_authenticate(owner)
    answer = api.get(f"/api/videos/{content.public_id}/playback/")
    assert answer.status_code == 409
    assert answer.json()["code"] == code
    if code == "not_ready":
        assert set(answer.json()["progress"]) >= {
            "state",
            "stage",
            "percent",
            "seconds_left",
            "queue_place",
            "rungs",
            "error",
        }


def test_playback_names_every_address_under_one_grant(owner: User, api: APIClient) -> None:
    content = make_video(owner)
    body = api.get(f"/api/videos/{content.public_id}/playback/").json()
    folder = body["hls"].removesuffix("master.m3u8")
    assert body["hls_ts"] == f"{folder}ts.m3u8"
    assert body["mp4"] == [{"height": 720, "url": f"{folder}720p.mp4", "bytes": 7_500_000}]
    assert body["captions"] == []
    assert body["expires_at"]


def test_the_owner_changes_what_is_the_owners(owner: User, api: APIClient) -> None:
    content = make_video(owner)
    shelf = Category.objects.get(slug="music")
    api.force_authenticate(owner)
    answer = api.patch(
        f"/api/videos/{content.public_id}/",
        {
            "title": "Ten Kinds of Rain",
            "category": "music",
            "visibility": "unlisted",
            "status": 0,
            "clicks": 10**9,
            "owner": "me",
        },
    )
    assert answer.status_code == 200
    content.refresh_from_db()
    assert (content.title, content.category, content.visibility) == ("Ten Kinds of Rain", shelf, "unlisted")
    assert content.clicks == 0
    assert content.owner == owner


def test_an_owner_cannot_approve_through_the_api(owner: User, api: APIClient) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    api.force_authenticate(owner)
    assert api.patch(f"/api/videos/{content.public_id}/", {"audit_status": 0}).status_code == 200
    content.refresh_from_db()
    assert content.audit_status == AuditStatus.PENDING


@pytest.mark.parametrize(("method", "who", "expected"), [
    ("patch", "guest", 401), ("patch", "stranger", 403), ("delete", "guest", 401), ("delete", "stranger", 403),
])  # fmt: skip
def test_others_change_nothing(
    method: str, who: str, expected: int, owner: User, stranger: User, api: APIClient
) -> None:
    content = make_video(owner)
    if who == "stranger":
        api.force_authenticate(stranger)
    assert getattr(api, method)(f"/api/videos/{content.public_id}/", {"title": "mine"}).status_code == expected
    content.refresh_from_db()
    assert content.title == "Nine Kinds of Rain"


def test_a_hidden_item_of_somebody_else_cannot_even_be_refused(owner: User, stranger: User, api: APIClient) -> None:
    content = make_video(owner, visibility=Visibility.PRIVATE)
    api.force_authenticate(stranger)
    assert api.delete(f"/api/videos/{content.public_id}/").status_code == 404
    assert ContentMain.objects.filter(pk=content.pk).exists()


def test_deleting_removes_the_item(owner: User, api: APIClient) -> None:
    content = make_video(owner)
    api.force_authenticate(owner)
    assert api.delete(f"/api/videos/{content.public_id}/").status_code == 204
    assert api.get(f"/api/videos/{content.public_id}/").status_code == 404


@pytest.mark.parametrize(("field", "value"), [
    ("title", ""), ("title", "x" * 201), ("category", "no-such-shelf"), ("visibility", "everybody"),
    ("description", "x" * 10_001),
])  # fmt: skip
def test_values_that_cannot_be_are_refused(field: str, value: str, owner: User, api: APIClient) -> None:
    content = make_video(owner)
    api.force_authenticate(owner)
    answer = api.patch(f"/api/videos/{content.public_id}/", {field: value})
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


@pytest.mark.parametrize("query", ["ordering=-password", "ordering=owner__password", "category=no-such-shelf"])
def test_lists_take_known_orders_and_shelves_only(query: str, api: APIClient) -> None:
    assert api.get(f"/api/videos/?{query}").status_code == 400


def test_lists_are_ordered_as_asked(owner: User, api: APIClient) -> None:
    short = make_video(owner, title="b", duration_seconds=5, clicks=3)
    long = make_video(owner, title="a", duration_seconds=50, clicks=9)

    def order(name: str) -> list[str]:
        return [item["id"] for item in api.get(f"/api/videos/?ordering={name}").json()["results"]]

    both = [short.public_id, long.public_id]
    assert order("shortest") == both
    assert order("longest") == order("views") == order("newest") == order("title") == both[::-1]


def test_ones_own_list_has_every_state(owner: User, stranger: User, api: APIClient) -> None:
    make_video(owner, audit_status=AuditStatus.PENDING)
    make_video(owner, status=ContentStatus.FAILED)
    api.force_authenticate(owner)
    assert api.get("/api/videos/?mine=true").json()["count"] == 2
    assert api.get("/api/videos/?mine=1&ordering=newest").json()["count"] == 2
    assert api.get("/api/videos/?mine=false").json()["count"] == 0
    api.force_authenticate(stranger)
    assert api.get("/api/videos/?mine=true").json()["count"] == 0


def test_a_guest_has_no_list_of_ones_own(owner: User, api: APIClient) -> None:
    make_video(owner)
    refused = api.get("/api/videos/?mine=true")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
    assert refused["Content-Type"] == "application/problem+json"
    assert api.get("/api/videos/?mine=false").json()["count"] == 1


@pytest.mark.parametrize("query", ["mine=perhaps", "mine=2", "ordering=loudest", "category=nowhere"])
def test_values_that_a_filter_does_not_know_are_refused(query: str, owner: User, api: APIClient) -> None:
    api.force_authenticate(owner)
    refused = api.get(f"/api/videos/?{query}")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert list(refused.json()["errors"]) == [query.partition("=")[0]]


def test_the_schema_says_what_the_list_can_be_asked_for(api: APIClient) -> None:
    asked = api.get("/api/schema/?format=json").json()["paths"]["/api/videos/"]["get"]
    parameters = {parameter["name"]: parameter for parameter in asked["parameters"]}
    assert parameters["mine"]["schema"]["type"] == "boolean"
    assert parameters["mine"]["description"]
    assert "401" in asked["responses"]


def test_a_page_of_the_list_costs_the_same_whatever_its_length(
    owner: User, api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        make_video(owner)
    with django_assert_num_queries(2):  # how many there are, and the page with owner, shelf, film and poster
        assert len(api.get("/api/videos/").json()["results"]) == 12


def test_pages_are_capped(owner: User, api: APIClient) -> None:
    make_video(owner)
    assert api.get("/api/videos/?page_size=100000").status_code == 200
    assert api.get("/api/videos/?page=99").status_code == 404


def test_an_upload_without_the_receiver_has_no_file(owner: User, api: APIClient) -> None:
    api.force_authenticate(owner)
    answer = api.post("/api/videos/", {"title": "nothing"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "file_missing"


def test_a_change_does_not_undo_what_happened_meanwhile(owner: User, moderator: User) -> None:
    """A form that was read before a decision writes its own fields only."""
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    read_before = ContentMain.objects.get(pk=content.pk)
    review.reject(content=content, moderator=moderator, reason="no")
    change = VideoChangeSerializer(read_before, data={"title": "Renamed"}, partial=True)
    assert change.is_valid()
    change.save()
    content.refresh_from_db()
    assert (content.title, content.audit_status) == ("Renamed", AuditStatus.REJECTED)
