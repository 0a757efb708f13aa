"""`POST /api/playback/sessions/`: who may open one, for what, and what is remembered of them."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from analytics.api.playback import OPENINGS
from analytics.models import PlaybackSession
from tests.videos.factories import make_video
from videos.models import AuditStatus, ContentMain, ContentStatus, Visibility

pytestmark = pytest.mark.django_db

ADDRESS = "/api/playback/sessions/"
PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36"


def refusal(api: APIClient, status: int, **body: object) -> str:
    """The stable code of a refusal with this status."""
    response = api.post(ADDRESS, body)
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert not PlaybackSession.objects.exists()
    return str(response.json()["code"])


@pytest.mark.parametrize("who", ["guest", "member", "owner", "moderator"])
def test_whoever_may_watch_gets_a_session(
    who: str, request: pytest.FixtureRequest, api: APIClient, film: ContentMain
) -> None:
    viewer = request.getfixturevalue(who)
    if who != "guest":
        api.force_authenticate(viewer)
    response = api.post(ADDRESS, {"video": film.public_id})
    assert response.status_code == 201
    assert set(response.json()) == {"session", "beat_seconds"}
    assert response.json()["beat_seconds"] == 5
    session = PlaybackSession.objects.get()
    assert session.content == film
    assert session.user == (viewer if who != "guest" else None)
    assert (session.duration_seconds, session.is_counted) == (600, True)
    film.refresh_from_db()
    assert (film.clicks, film.watch_seconds) == (0, 0)


def test_how_the_viewer_came_is_kept_as_kind_and_host(api: APIClient, film: ContentMain) -> None:
    body = {"video": film.public_id, "referrer": "https://Blog.example.org/a?secret=1"}
    api.post(ADDRESS, body, headers={"User-Agent": PHONE})
    session = PlaybackSession.objects.get()
    assert (session.device_class, session.referrer_host) == ("phone", "blog.example.org")


@pytest.mark.parametrize("headers", [{"User-Agent": "Googlebot/2.1"}, {"Sec-Purpose": "prefetch;prerender"}])
def test_machines_are_answered_but_not_counted(headers: dict[str, str], api: APIClient, film: ContentMain) -> None:
    assert api.post(ADDRESS, {"video": film.public_id}, headers=headers).status_code == 201
    assert not PlaybackSession.objects.get().is_counted


@pytest.mark.parametrize(
    "hidden",
    [
        {"audit_status": AuditStatus.PENDING},
        {"audit_status": AuditStatus.REJECTED},
        {"visibility": Visibility.PRIVATE},
        {"status": ContentStatus.WITHDRAWN},
        {"status": ContentStatus.FAILED},
    ],
    ids=["pending", "rejected", "private", "withdrawn", "failed"],
)
def test_what_is_hidden_is_not_there(hidden: dict[str, object], api: APIClient, owner: User, stranger: User) -> None:
    content = make_video(owner, **hidden)  # type: ignore[arg-type]  # parametrized
    assert refusal(api, 404, video=content.public_id) == "not_found"
    api.force_authenticate(stranger)
    assert refusal(api, 404, video=content.public_id) == "not_found"


def test_what_nobody_uploaded_is_not_there(api: APIClient) -> None:
    assert refusal(api, 404, video="nosuchvideo") == "not_found"


@pytest.mark.parametrize("who", ["owner", "moderator"])
def test_a_pending_item_is_played_by_those_who_may_but_not_counted(
    who: str, request: pytest.FixtureRequest, api: APIClient, owner: User
) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    api.force_authenticate(request.getfixturevalue(who))
    assert api.post(ADDRESS, {"video": content.public_id}).status_code == 201
    assert not PlaybackSession.objects.get().is_counted


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"status": ContentStatus.PROCESSING}, "not_ready"),
        ({"status": ContentStatus.FAILED}, "failed"),
        ({"status": ContentStatus.WITHDRAWN}, "withdrawn"),
        ({"audit_status": AuditStatus.REJECTED}, "rejected"),
    ],
)
def test_an_owner_is_told_why_an_item_cannot_be_played(
    state: dict[str, object], code: str, api: APIClient, owner: User
) -> None:
    content = make_video(owner, **state)  # type: ignore[arg-type]  # parametrized
    api.force_authenticate(owner)
    assert refusal(api, 409, video=content.public_id) == code


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"video": ""},
        {"video": None},
        {"video": ["a", "b"]},
        {"video": "x" * 33},
        {"video": "nul\x00byte"},
        {"video": "nosuchvideo", "referrer": 7 * ["x"]},
        {"video": "nosuchvideo", "referrer": "x" * 2001},
    ],
)
def test_malformed_requests_are_refused(body: dict[str, object], api: APIClient) -> None:
    response = api.post(ADDRESS, body)
    assert response.status_code == 400, response.content
    assert response.json()["code"] == "invalid"


@pytest.mark.parametrize("body", ["{broken", "[" * 16_000, '{"video": NaN}', "", "\xff", "7", "[]"])
def test_what_is_no_json_object_is_refused(body: str, api: APIClient) -> None:
    response = api.post(ADDRESS, body.encode("latin-1"), content_type="application/json")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_a_long_body_is_not_read(api: APIClient, film: ContentMain) -> None:
    assert refusal(api, 413, video=film.public_id, padding="x" * 20_000) == "too_large"


def test_a_form_is_not_taken(api: APIClient, film: ContentMain) -> None:
    assert api.post(ADDRESS, {"video": film.public_id}, format="multipart").status_code == 415


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_sessions_are_only_opened(method: str, api: APIClient) -> None:
    assert getattr(api, method)(ADDRESS).status_code == 405


def test_a_page_of_another_site_cannot_open_one_in_a_members_name(film: ContentMain, member: User) -> None:
    api = APIClient(enforce_csrf_checks=True)
    api.force_login(member)
    assert refusal(api, 403, video=film.public_id) == "csrf_failed"


def test_a_wrong_token_is_refused(api: APIClient, film: ContentMain) -> None:
    api.credentials(HTTP_AUTHORIZATION="Bearer " + "0" * 64)
    response = api.post(ADDRESS, {"video": film.public_id})
    assert response.status_code == 401


def test_scripts_that_open_sessions_all_the_time_are_slowed(api: APIClient, film: ContentMain) -> None:
    for _ in range(OPENINGS.amount):
        OPENINGS.count("127.0.0.1")
    response = api.post(ADDRESS, {"video": film.public_id})
    assert response.status_code == 429
    assert response.json()["code"] == "too_many_requests"
    assert int(response["Retry-After"]) > 0
