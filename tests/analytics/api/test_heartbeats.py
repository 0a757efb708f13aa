"""`POST /api/playback/heartbeats/`: the signed session is the capability, and the wall clock is the limit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from rest_framework.response import Response
from rest_framework.test import APIClient

from accounts.models import User
from analytics.models import Heartbeat, PlaybackSession
from analytics.sessions import BEAT_BURST
from videos.models import ContentMain

pytestmark = pytest.mark.django_db

ADDRESS = "/api/playback/heartbeats/"
OPENED_AT = datetime(2026, 11, 21, 12, 15, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The server's clock, which stands until it is moved."""
    with time_machine.travel(OPENED_AT, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def token(clock: time_machine.Traveller, api: APIClient, film: ContentMain) -> str:
    """A guest's session of the film."""
    return str(api.post("/api/playback/sessions/", {"video": film.public_id}).json()["session"])


def beat(token: str, seq: int = 0, start: float = 0, end: float = 5, **fields: object) -> dict[str, object]:
    return {"session": token, "seq": seq, "position_seconds": end, "intervals": [[start, end]], **fields}


def counted(film: ContentMain) -> tuple[int, float]:
    film.refresh_from_db()
    return film.clicks, film.watch_seconds


def refused(response: Response, status: int) -> str:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert not Heartbeat.objects.exists()
    return str(json.loads(response.content)["code"])


def test_beats_become_watch_time_and_then_a_view(
    clock: time_machine.Traveller, api: APIClient, token: str, film: ContentMain
) -> None:
    clock.shift(5)
    response = api.post(ADDRESS, beat(token))
    assert (response.status_code, response.json()) == (200, {"accepted": True, "watched_seconds": 5.0})
    assert counted(film) == (0, 5)
    clock.shift(5)
    assert api.post(ADDRESS, beat(token, 1, 5, 10)).json()["watched_seconds"] == 10
    assert counted(film) == (1, 10)


def test_every_field_of_a_beat_is_kept(clock: time_machine.Traveller, api: APIClient, token: str) -> None:
    clock.shift(5)
    facts = {
        "rate": 2,
        "rung": "1080p",
        "stalls": 2,
        "stall_seconds": 1.5,
        "sent_at": "2026-11-21T12:15:04.900Z",
    }
    assert api.post(ADDRESS, beat(token, 3, 0, 8, **facts)).status_code == 200
    kept = Heartbeat.objects.get()
    assert (kept.rate, kept.rung, kept.stalls, kept.stall_seconds) == (2, "1080p", 2, 1.5)
    assert kept.sent_at == datetime(2026, 11, 21, 12, 15, 4, 900_000, tzinfo=UTC)
    assert (kept.watch_seconds, kept.intervals) == (4, [[0, 8]])


def test_the_last_word_of_a_page_that_is_left_comes_as_plain_text(
    clock: time_machine.Traveller, api: APIClient, token: str, film: ContentMain
) -> None:
    clock.shift(5)
    body = json.dumps(beat(token)).encode()
    response = api.post(ADDRESS, body, content_type="text/plain;charset=UTF-8")
    assert response.status_code == 200
    assert counted(film) == (0, 5)


def test_no_cookie_and_no_csrf_token_are_needed(
    clock: time_machine.Traveller, token: str, film: ContentMain, member: User
) -> None:
    clock.shift(5)
    api = APIClient(enforce_csrf_checks=True)
    api.force_login(member)  # a cookie that happens to be there changes nothing
    assert api.post(ADDRESS, beat(token)).status_code == 200
    assert PlaybackSession.objects.get().user is None


def test_a_members_place_is_told_by_the_video(
    clock: time_machine.Traveller, api: APIClient, film: ContentMain, member: User
) -> None:
    api.force_authenticate(member)
    token = api.post("/api/playback/sessions/", {"video": film.public_id}).json()["session"]
    clock.shift(5)
    APIClient().post(ADDRESS, beat(token, 0, 120, 125))
    assert api.get(f"/api/videos/{film.public_id}/").json()["position_seconds"] == 125


# --- Forged -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "forged",
    [
        {"intervals": [[0, 600]]},
        {"intervals": [[0, 600]], "rate": 100},
        {"intervals": [[0, 600]], "rate": -3},
        {"intervals": [[0, 1]] * 100},
        {"intervals": [[0, 600]], "sent_at": "2030-01-01T00:00:00Z"},
        {"intervals": [[-500, 600]], "position_seconds": -1},
        {"intervals": [[590, 100_000]], "position_seconds": 1e9},
        {"intervals": [[600, 0]]},
        {"intervals": [[0, 600]], "seq": 2**31 - 1},
        {"intervals": [[0, 600]], "stalls": 10_000, "stall_seconds": 1e9},
    ],
)
def test_a_forged_beat_earns_no_second_over_the_wall_clock(
    forged: dict[str, object],
    clock: time_machine.Traveller,
    api: APIClient,
    token: str,
    film: ContentMain,
) -> None:
    clock.shift(6)
    response = api.post(ADDRESS, beat(token, **forged))  # type: ignore[arg-type]  # parametrized
    assert response.status_code == 200, response.content
    assert response.json()["watched_seconds"] <= 6
    assert api.post(ADDRESS, beat(token, 1, 0, 600)).json()["watched_seconds"] <= 6
    clicks, watch_seconds = counted(film)
    assert clicks == 0
    assert watch_seconds <= 6


def test_a_repeated_beat_answers_the_same_and_earns_nothing(
    clock: time_machine.Traveller, api: APIClient, token: str, film: ContentMain
) -> None:
    clock.shift(5)
    first = api.post(ADDRESS, beat(token))
    clock.shift(60)
    again = api.post(ADDRESS, beat(token, 0, 0, 600))
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert counted(film) == (0, 5)


@pytest.mark.parametrize("place", [0, 5, 12, -1])
def test_a_changed_session_is_refused(place: int, clock: time_machine.Traveller, api: APIClient, token: str) -> None:
    letters = list(token)
    letters[place] = "A" if letters[place] != "A" else "B"
    assert refused(api.post(ADDRESS, beat("".join(letters))), 403) == "session_invalid"


@pytest.mark.parametrize("token", ["x", "a:b:c", "😀", "x" * 200])
def test_an_invented_session_is_refused(token: str, api: APIClient) -> None:
    assert refused(api.post(ADDRESS, beat(token)), 403) == "session_invalid"


def test_knowing_a_sessions_id_is_not_enough(clock: time_machine.Traveller, api: APIClient, token: str) -> None:
    public_id = PlaybackSession.objects.get().public_id
    assert refused(api.post(ADDRESS, beat(public_id)), 403) == "session_invalid"


def test_a_session_ends_after_a_day(clock: time_machine.Traveller, api: APIClient, token: str) -> None:
    clock.shift(24 * 3600 + 1)
    assert refused(api.post(ADDRESS, beat(token)), 410) == "session_ended"


def test_a_session_ends_with_its_video(
    clock: time_machine.Traveller, api: APIClient, token: str, film: ContentMain
) -> None:
    film.delete()
    assert refused(api.post(ADDRESS, beat(token)), 410) == "session_ended"


def test_a_flood_of_beats_is_refused(clock: time_machine.Traveller, api: APIClient, token: str) -> None:
    PlaybackSession.objects.update(beat_count=BEAT_BURST)
    response = api.post(ADDRESS, beat(token))
    assert refused(response, 429) == "too_many_requests"
    assert int(response["Retry-After"]) > 0


# --- Malformed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"session": None},
        {"session": "x" * 201},
        {"seq": None},
        {"seq": -1},
        {"seq": 2**31},
        {"seq": 1.5},
        {"seq": "one"},
        {"position_seconds": None},
        {"position_seconds": "nan"},
        {"position_seconds": "Infinity"},
        {"position_seconds": 1e300},
        {"position_seconds": {}},
        {"rate": "fast"},
        {"rate": None},
        {"rung": "x" * 17},
        {"rung": "\x00"},
        {"intervals": None},
        {"intervals": 5},
        {"intervals": [5, 10]},
        {"intervals": [[5]]},
        {"intervals": [[5, 10, 15]]},
        {"intervals": [["a", "b"]]},
        {"intervals": [[0, None]]},
        {"intervals": [[0, 1e300]]},
        {"intervals": [[0, 1]] * 101},
        {"stalls": -1},
        {"stalls": 10_001},
        {"stall_seconds": -1},
        {"sent_at": "yesterday"},
        {"sent_at": 1_800_000_000_000},
        {"sent_at": "9999-12-31T23:59:59-23:59"},
    ],
)
def test_malformed_beats_are_refused(
    fields: dict[str, object], clock: time_machine.Traveller, api: APIClient, token: str
) -> None:
    assert refused(api.post(ADDRESS, {**beat(token), **fields}), 400) == "invalid"


@pytest.mark.parametrize("missing", ["session", "seq", "position_seconds"])
def test_a_beat_without_its_bones_is_refused(
    missing: str, clock: time_machine.Traveller, api: APIClient, token: str
) -> None:
    fields = beat(token)
    del fields[missing]
    response = api.post(ADDRESS, fields)
    assert refused(response, 400) == "invalid"
    assert missing in response.json()["errors"]


@pytest.mark.parametrize(
    "body",
    [
        "{broken",
        "[" * 16_000,
        '{"seq": Infinity}',
        '{"seq": 1' + "0" * 5000 + "}",
        "",
        "\xff\xfe",
        "null",
        "[]",
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_what_is_no_json_object_is_refused(body: str, kind: str, api: APIClient) -> None:
    response = api.post(ADDRESS, body.encode("latin-1"), content_type=kind)
    assert refused(response, 400) in {"parse_error", "invalid"}


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_a_long_body_is_not_read(kind: str, api: APIClient) -> None:
    body = json.dumps({"session": "x", "padding": "x" * 20_000}).encode()
    assert refused(api.post(ADDRESS, body, content_type=kind), 413) == "too_large"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/octet-stream", "image/png"])
def test_other_kinds_of_bodies_are_not_taken(kind: str, api: APIClient) -> None:
    assert api.post(ADDRESS, b"seq=1", content_type=kind).status_code == 415


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_beats_are_only_sent(method: str, api: APIClient) -> None:
    assert getattr(api, method)(ADDRESS).status_code == 405
