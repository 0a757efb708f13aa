"""The media application behind the real server: permission by the database, clients that leave or dawdle, raw
paths."""

from __future__ import annotations

import http.client
import shutil
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from accounts.models import User
from tests.eventually import eventually
from tests.videos.factories import make_video
from tests.videos.streaming.published import Published, publish
from videos import storage
from videos.models import AuditStatus, ContentMain, ContentStatus, Visibility
from videos.publishing import versions
from videos.streaming import permission
from videos.streaming.grants import Subject, SubjectKind

SIZE = 24 << 20


@pytest.fixture
def content(owner: User, live_port: int) -> ContentMain:
    """An item that everybody may watch."""
    return make_video(owner)


@pytest.fixture
def film(content: ContentMain, tmp_path: Path) -> Published:
    """Its files, among them one of 24 MiB."""
    film = publish(tmp_path / "scratch", content.public_id)
    path = storage.local_path(f"{storage.version_folder(film.item, 1)}/1080p.mp4")
    path.write_bytes(bytes(range(256)) * (SIZE // 256))
    return film


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers about permission are remembered for no time, so that the next request, and the next piece of a film
    that is under way, feels a change."""
    monkeypatch.setattr(permission, "REMEMBERED_SECONDS", 0.0)
    monkeypatch.setattr(permission, "ASK_AGAIN_SECONDS", 0.0)


def _get(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def _open(port: int, request: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.sendall(request.encode("latin-1"))
    return client


def _open_media(film: Published) -> int:
    """How many of this process's open files are of this item."""
    count = 0
    for link in Path("/proc/self/fd").iterdir():
        try:
            count += film.item in str(link.readlink())
        except OSError:
            continue
    return count


def test_a_film_and_its_parts_arrive_whole(live_port: int, film: Published) -> None:
    status, body, headers = _get(live_port, film.path("v1/1080p.mp4"))
    assert (status, len(body), headers["content-length"]) == (200, SIZE, str(SIZE))
    assert body[:256] == bytes(range(256))
    status, body, _ = _get(live_port, film.path("v1/1080p.mp4"), Range="bytes=5000003-15000002")
    assert (status, len(body), body[:3]) == (206, 10_000_000, bytes((67, 68, 69)))
    status, body, headers = _get(live_port, film.path("v1/1080p.mp4"), "HEAD")
    assert (status, body, headers["content-length"]) == (200, b"", str(SIZE))
    assert _get(live_port, film.path("v1/360p/0.ts"), "HEAD")[2]["content-type"] == "video/mp2t"


def test_one_connection_serves_many_requests(live_port: int, film: Published) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", live_port, timeout=20)
    for method, path in [
        ("HEAD", film.path("v1/360p.mp4")),
        ("GET", film.path("v1/360p.mp4")),
        ("GET", film.path("v1/nothing.mp4")),
        ("HEAD", film.path("v1/360p.mp4", "AAAA")),
        ("POST", film.path("v1/360p.mp4")),
        ("GET", film.path("v1/360p.mp4")),
    ]:
        connection.request(method, path)
        status, body = (answer := connection.getresponse()).status, answer.read()
        assert bool(body) == (method != "HEAD")
    assert (status, body) == (200, film.film)
    connection.close()


@pytest.mark.parametrize(
    "change",
    [
        {"status": ContentStatus.WITHDRAWN},
        {"audit_status": AuditStatus.REJECTED},
        {"audit_status": AuditStatus.PENDING},
        {"visibility": Visibility.PRIVATE},
    ],
)
@pytest.mark.usefixtures("forgetful")
def test_what_may_no_longer_be_watched_stops(
    live_port: int, film: Published, content: ContentMain, change: dict[str, object]
) -> None:
    names = ["v1/master.m3u8", "v1/360p.m3u8", "v1/360p.mp4", "v1/360p/0.ts", "art/poster.jpg"]
    assert {_get(live_port, film.path(name))[0] for name in names} == {200}
    ContentMain.objects.filter(pk=content.pk).update(**change)
    assert {_get(live_port, film.path(name))[0] for name in names} == {403}


@pytest.mark.usefixtures("forgetful")
def test_a_pending_film_is_for_its_owner_and_moderators_bytes_included(
    live_port: int, film: Published, content: ContentMain, owner: User, moderator: User, stranger: User
) -> None:
    ContentMain.objects.filter(pk=content.pk).update(audit_status=AuditStatus.PENDING)

    def status_for(user: User) -> int:
        grant = film.grant(subject=Subject(SubjectKind.ACCOUNT, user.public_id))
        return _get(live_port, film.path("v1/360p.mp4", grant))[0]

    assert [status_for(user) for user in (owner, moderator, stranger)] == [200, 200, 403]
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert status_for(owner) == 403
    assert _get(live_port, film.path("v1/360p.mp4"))[0] == 403


@pytest.mark.usefixtures("forgetful")
def test_a_deleted_item_is_gone(live_port: int, film: Published, content: ContentMain) -> None:
    content.delete()
    assert _get(live_port, film.path("v1/360p.mp4"))[0] == 403


def _read_slowly(client: socket.socket, meanwhile: Callable[[], object]) -> int:
    """How many bytes of body came; `meanwhile` happens after the first."""
    with client, client.makefile("rb") as answer:
        while answer.readline().strip():
            continue
        received = len(answer.read(1 << 16))
        meanwhile()
        try:
            while piece := answer.read(1 << 16):
                received += len(piece)
        except ConnectionResetError:  # cut off, the plainest way
            pass
        return received


@pytest.mark.parametrize("change", [{"audit_status": AuditStatus.REJECTED}, {"status": ContentStatus.WITHDRAWN}])
@pytest.mark.usefixtures("forgetful")
def test_a_film_that_is_taken_away_stops_in_the_middle(
    live_port: int, film: Published, content: ContentMain, change: dict[str, object]
) -> None:
    client = _open(live_port, f"GET {film.path('v1/1080p.mp4')} HTTP/1.1\r\nHost: localhost\r\n\r\n")
    received = _read_slowly(client, lambda: ContentMain.objects.filter(pk=content.pk).update(**change))
    assert 0 < received < SIZE


@pytest.mark.usefixtures("forgetful")
def test_a_film_that_stays_arrives_whole_however_slowly_it_is_read(
    live_port: int, film: Published, content: ContentMain
) -> None:
    client = _open(
        live_port, f"GET {film.path('v1/1080p.mp4')} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    assert _read_slowly(client, lambda: ContentMain.objects.filter(pk=content.pk).update(title="Renamed")) == SIZE


@pytest.mark.usefixtures("forgetful")
def test_a_page_goes_on_with_the_version_it_opened(
    live_port: int, film: Published, content: ContentMain, api: APIClient
) -> None:
    """Permission is about the item, a grant about one version of it; a new version takes neither away."""

    def told() -> tuple[str, int]:
        playback = api.get(f"/api/videos/{film.item}/playback/").json()
        return str(playback["hls"]).removesuffix("master.m3u8"), int(playback["version"])

    first, version = told()
    assert version == 1
    newer = storage.local_path(storage.version_folder(film.item, 2))
    shutil.copytree(storage.local_path(storage.version_folder(film.item, 1)), newer)
    with transaction.atomic():
        versions.publish(content_id=content.pk, version=2, renditions=[])
    names = ["master.m3u8", "360p.m3u8", "360p.mp4", "360p.ts.m3u8", "360p/0.ts"]
    assert {_get(live_port, first + name)[0] for name in names} == {200}
    second, version = told()
    assert version == 2, "whoever asks now, or renews, is sent to the newer one"
    assert {_get(live_port, second + name)[0] for name in names} == {200}
    for mixed in (first.replace("/v1/", "/v2/"), second.replace("/v2/", "/v1/")):
        assert _get(live_port, f"{mixed}360p.mp4")[0] == 403
    ContentMain.objects.filter(pk=content.pk).update(status=ContentStatus.WITHDRAWN)
    assert {_get(live_port, folder + "360p.mp4")[0] for folder in (first, second)} == {403}


def test_readers_who_leave_take_their_files_along(live_port: int, film: Published) -> None:
    for _ in range(40):
        client = _open(live_port, f"GET {film.path('v1/1080p.mp4')} HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(1024).startswith(b"HTTP/1.1 200")
        client.close()
    assert eventually(lambda: _open_media(film) == 0)


def test_readers_who_dawdle_keep_nobody_waiting(live_port: int, film: Published) -> None:
    request = f"GET {film.path('v1/1080p.mp4')} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    slow = [_open(live_port, request) for _ in range(40)]  # they never read
    assert eventually(lambda: _open_media(film) == 40)
    finished: list[int] = []

    def fetch() -> None:
        finished.append(len(_get(live_port, film.path("v1/1080p.mp4"))[1]))

    others = [threading.Thread(target=fetch) for _ in range(3)]
    for other in others:
        other.start()
    for other in others:
        other.join(20)
    assert finished == [SIZE] * 3
    assert _open_media(film) == 40
    for client in slow:
        client.close()
    assert eventually(lambda: _open_media(film) == 0)


@pytest.mark.parametrize(
    "name",
    [
        "v1/../v1/360p.mp4",
        "v1/%2e%2e/v1/360p.mp4",
        "v1/%252e%252e%252fv1/360p.mp4",
        "v1/..%5cv1/360p.mp4",
        "v1/....//360p.mp4",
        "v1/360p%00.mp4",
        "v1//etc/passwd",
        "v1/%c0%ae%c0%ae/360p.mp4",
        "v1/..%2F..%2Fa1B2c3D4e5F/v1/360p.mp4",
        "../../../../etc/passwd",
    ],
)
def test_raw_paths_that_climb_find_nothing(live_port: int, film: Published, name: str) -> None:
    assert _get(live_port, film.path(name))[0] == 404


@pytest.mark.parametrize(
    "field",
    ["Range: bytes=0-" + "9" * 6000, "Range: bytes=" + "0-1," * 1000, "If-None-Match: " + '"a",' * 1000],
)
def test_endless_header_fields_cost_nothing(live_port: int, film: Published, field: str) -> None:
    client = _open(
        live_port,
        f"GET {film.path('v1/360p.mp4')} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{field}\r\n\r\n",
    )
    answer = b""
    while piece := client.recv(65536):
        answer += piece
    assert answer.split(b" ", 2)[1] in {b"200", b"206"}
    assert answer.endswith(film.film)
    client.close()


def test_a_range_on_a_write_is_still_a_write(live_port: int, film: Published) -> None:
    status, _, headers = _get(live_port, film.path("v1/360p.mp4"), "POST", Range="bytes=0-1")
    assert (status, headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_refusals_have_the_site_s_one_shape(live_port: int, film: Published) -> None:
    for path in ("/media/", "/media/x", film.path("v1/none.mp4"), film.path("v1/360p.mp4", "AAAA")):
        assert _get(live_port, path)[2]["content-type"] == "application/problem+json"
