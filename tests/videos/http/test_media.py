"""The media application, asked directly: what is served, with which header fields, and every refusal."""

from __future__ import annotations

import asyncio
import io
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any  # JSON

import av
import m3u8
import pytest
from django.conf import LazySettings
from django.db import OperationalError

from tests.videos.fragmented import clip, transport_segments
from tests.videos.http.asgi_driver import Answer, ask
from tests.videos.streaming.published import LABEL, PICTURE, Published, publish
from videos import storage
from videos.http.media import CHUNK_BYTES, WHOLE_BYTES, MediaApplication
from videos.streaming import permission
from videos.streaming.grants import Purpose, Subject, SubjectKind
from videos.streaming.permission import Permissions

SOMEBODY = Subject(SubjectKind.ACCOUNT, "someSOME123")


def _app(question: Callable[[str, Subject], bool] = lambda _item, _subject: True) -> MediaApplication:
    return MediaApplication(Permissions(question))


@pytest.fixture
def app() -> MediaApplication:
    """Permits everything that has a grant; permission has tests of its own."""
    return _app()


@pytest.fixture
def film(tmp_path: Path) -> Published:
    """A published item."""
    return publish(tmp_path / "scratch")


def _long_film(film: Published, size: int) -> bytes:
    """Puts a large file beside the rung, named as one."""
    content = os.urandom(1 << 16) * (size // (1 << 16) + 1)
    path = storage.local_path(f"{storage.version_folder(film.item, 1)}/1080p.mp4")
    path.write_bytes(content[:size])
    return content[:size]


def _open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _problem(answer: Answer, status: int, code: str) -> dict[str, Any]:
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"
    problem: dict[str, Any] = json.loads(answer.body)
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["detail"]
    return problem


async def test_a_player_finds_everything_from_the_master_playlist_on(app: MediaApplication, film: Published) -> None:
    """Relative addresses inherit the grant; the ranges of the playlist, joined, are the film."""
    master = await ask(app, film.path("v1/master.m3u8"))
    (variant,) = m3u8.loads(master.body.decode()).playlists
    playlist = m3u8.loads((await ask(app, film.path(f"v1/{variant.uri}"))).body.decode())
    stream = b""
    for place in [playlist.segment_map[0].byterange, *(segment.byterange for segment in playlist.segments)]:
        length, offset = map(int, place.split("@"))
        piece = await ask(app, film.path("v1/360p.mp4"), headers={"Range": f"bytes={offset}-{offset + length - 1}"})
        assert (piece.status, len(piece.body)) == (206, length)
        stream += piece.body
    assert film.film.startswith(stream)
    with av.open(io.BytesIO(stream), "r") as container:
        assert sum(1 for _ in container.decode(video=0)) == 125


async def test_a_player_of_transport_streams_finds_every_segment(app: MediaApplication, film: Published) -> None:
    master = m3u8.loads((await ask(app, film.path("v1/ts.m3u8"))).body.decode())
    playlist = m3u8.loads((await ask(app, film.path(f"v1/{master.playlists[0].uri}"))).body.decode())
    segments = [await ask(app, film.path(f"v1/{segment.uri}")) for segment in playlist.segments]
    assert [segment.body for segment in segments] == transport_segments(clip())
    assert {segment.headers["content-type"] for segment in segments} == {"video/mp2t"}


async def test_a_whole_file_says_what_it_is(app: MediaApplication, film: Published) -> None:
    answer = await ask(app, film.path("v1/360p.mp4", film.grant(expires_at=int(time.time()) + 1000)))
    assert answer.status == 200
    assert answer.body == film.film
    assert answer.is_complete
    headers = answer.headers
    assert headers["content-type"] == "video/mp4"
    assert headers["content-length"] == str(len(film.film))
    assert headers["accept-ranges"] == "bytes"
    assert headers["etag"].startswith('"')
    assert headers["last-modified"].endswith(" GMT")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["access-control-allow-origin"] == "*"
    assert "Content-Range" in headers["access-control-expose-headers"]
    assert headers["timing-allow-origin"] == "*"
    private, age, immutable = headers["cache-control"].split(", ")
    assert (private, immutable) == ("private", "immutable")
    assert 990 <= int(age.removeprefix("max-age=")) <= 1000, "no longer than the grant lives"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("v1/master.m3u8", "application/vnd.apple.mpegurl"),
        ("v1/360p.ts.m3u8", "application/vnd.apple.mpegurl"),
        ("v1/360p.mp4", "video/mp4"),
        ("v1/360p/1.ts", "video/mp2t"),
        ("art/poster.jpg", "image/jpeg"),
        ("words/en.vtt", "text/vtt; charset=utf-8"),
    ],
)
async def test_head_ranges_and_conditions_work_on_every_kind(
    app: MediaApplication, film: Published, name: str, content_type: str
) -> None:
    path = film.path(name)
    whole = await ask(app, path)
    size = len(whole.body)
    assert whole.headers["content-type"] == content_type
    head = await ask(app, path, "HEAD")
    assert head.body == b""
    assert head.headers == whole.headers
    part = await ask(app, path, headers={"Range": "bytes=5-9"})
    assert (part.status, part.body) == (206, whole.body[5:10])
    assert part.headers["content-range"] == f"bytes 5-9/{size}"
    assert (await ask(app, path, headers={"Range": "bytes=-7"})).body == whole.body[-7:]
    etag = whole.headers["etag"]
    unchanged = await ask(app, path, headers={"If-None-Match": etag, "Range": "bytes=0-1"})
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert unchanged.headers["etag"] == etag
    assert "content-length" not in unchanged.headers
    assert (await ask(app, path, headers={"If-Modified-Since": whole.headers["last-modified"]})).status == 304
    assert (await ask(app, path, headers={"Range": "bytes=1-1", "If-Range": etag})).status == 206
    assert (await ask(app, path, headers={"Range": "bytes=1-1", "If-Range": '"other"'})).body == whole.body
    _problem(await ask(app, path, headers={"If-Match": '"other"'}), 412, "precondition_failed")
    beyond = await ask(app, path, headers={"Range": f"bytes={size}-"})
    _problem(beyond, 416, "range_not_satisfiable")
    assert beyond.headers["content-range"] == f"bytes */{size}"


async def test_a_replaced_file_has_another_tag(app: MediaApplication, film: Published) -> None:
    path = film.path("v1/360p.mp4")
    before = await ask(app, path)
    file = storage.local_path(f"{storage.version_folder(film.item, 1)}/{LABEL}.mp4")
    facts = file.stat()
    other = file.with_name("other.mp4")
    other.write_bytes(bytes(facts.st_size))
    os.utime(other, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    other.replace(file)
    after = await ask(app, path, headers={"Range": "bytes=0-9", "If-Range": before.headers["etag"]})
    assert after.status == 200
    assert after.body == bytes(facts.st_size)


@pytest.mark.parametrize("size", [WHOLE_BYTES - 1, WHOLE_BYTES, WHOLE_BYTES + 1, 5 * CHUNK_BYTES, 5 * CHUNK_BYTES + 7])
async def test_long_files_come_in_chunks_and_whole(app: MediaApplication, film: Published, size: int) -> None:
    content = _long_film(film, size)
    answer = await ask(app, film.path("v1/1080p.mp4"))
    assert answer.body == content
    assert answer.is_complete
    assert max(map(len, answer.chunks)) <= max(CHUNK_BYTES, WHOLE_BYTES)
    part = await ask(app, film.path("v1/1080p.mp4"), headers={"Range": "bytes=3-"})
    assert part.body == content[3:]


async def test_nothing_more_is_read_for_a_client_that_left(app: MediaApplication, film: Published) -> None:
    _long_film(film, 40 * CHUNK_BYTES)
    open_before = _open_files()
    for _ in range(20):
        answer = await ask(app, film.path("v1/1080p.mp4"), leaves_after_chunks=2)
        assert len(answer.chunks) == 2
        assert not answer.is_complete
    assert _open_files() == open_before


async def test_a_request_that_is_cancelled_closes_its_file(app: MediaApplication, film: Published) -> None:
    _long_film(film, 40 * CHUNK_BYTES)
    open_before = _open_files()
    for _ in range(20):
        task = asyncio.ensure_future(ask(app, film.path("v1/1080p.mp4")))
        await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.wait([task])
    assert _open_files() == open_before


async def test_a_file_that_shrinks_while_it_is_sent_ends_early(app: MediaApplication, film: Published) -> None:
    _long_film(film, 20 * CHUNK_BYTES)
    path = storage.local_path(f"{storage.version_folder(film.item, 1)}/1080p.mp4")
    answer = await ask(app, film.path("v1/1080p.mp4"), at_first_chunk=lambda: os.truncate(path, 3 * CHUNK_BYTES))
    assert not answer.is_complete, "the server closes the connection"
    assert len(answer.body) == 3 * CHUNK_BYTES


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
async def test_media_is_only_read(app: MediaApplication, film: Published, method: str) -> None:
    answer = await ask(app, film.path("v1/360p.mp4"), method, {"Range": "bytes=0-1"})
    _problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


async def test_a_preflight_allows_ranges_from_anywhere(app: MediaApplication, film: Published) -> None:
    answer = await ask(app, film.path("v1/360p.mp4"), "OPTIONS", {"Origin": "https://tv.example"})
    assert (answer.status, answer.body) == (204, b"")
    assert "Range" in answer.headers["access-control-allow-headers"]
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


async def test_an_expired_grant_is_told_apart_so_that_players_renew(app: MediaApplication, film: Published) -> None:
    grant = film.grant(expires_at=int(time.time()))
    _problem(await ask(app, film.path("v1/360p.mp4", grant)), 403, "grant_expired")
    answer = await ask(app, film.path("v1/360p.mp4", grant), "HEAD")
    assert (answer.status, answer.body) == (403, b"")


async def test_grants_of_another_item_version_or_purpose_are_refused(
    app: MediaApplication, film: Published, tmp_path: Path
) -> None:
    other = publish(tmp_path / "scratch")
    refused = [
        film.path("v1/360p.mp4", other.grant()),
        film.path("v1/360p.mp4", film.grant(version=2)),
        film.path("v1/360p.mp4", film.grant(purpose=Purpose.ARTWORK)),
        film.path("v1/360p/0.ts", film.grant(purpose=Purpose.ARTWORK, version=0)),
        film.path("v1/master.m3u8", film.grant(purpose=Purpose.ARTWORK, version=0)),
        film.path("words/en.vtt", film.grant(purpose=Purpose.ARTWORK, version=0)),
        film.path("v1/360p.mp4", "AAAA"),
        film.path("v1/360p.mp4", film.grant()[:-1]),
        film.path("v1/360p.mp4", film.grant()[:-2] + "AA"),
    ]
    for path in refused:
        _problem(await ask(app, path), 403, "grant_invalid")
    allowed = [
        film.path("v1/360p.mp4", film.grant(version=0)),
        film.path("art/poster.jpg", film.grant()),
        film.path("words/en.vtt", film.grant(version=2)),
    ]
    for path in allowed:
        assert (await ask(app, path)).status == 200
    poster = film.path("art/poster.jpg", film.grant(purpose=Purpose.ARTWORK, version=0))
    assert (await ask(app, poster)).body == PICTURE


async def test_a_grant_in_the_name_of_another_key_is_refused(
    app: MediaApplication, film: Published, settings: LazySettings
) -> None:
    old = film.path("v1/360p.mp4")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert (await ask(app, old)).status == 200
    settings.SECRET_KEY_FALLBACKS = []
    _problem(await ask(app, old), 403, "grant_invalid")


async def test_permission_is_asked_with_the_subject_of_the_grant(film: Published) -> None:
    asked: list[tuple[str, Subject]] = []

    def question(item: str, subject: Subject) -> bool:
        asked.append((item, subject))
        return subject == SOMEBODY

    app = _app(question)
    assert (await ask(app, film.path("v1/360p.mp4", film.grant(subject=SOMEBODY)))).status == 200
    _problem(await ask(app, film.path("v1/360p.mp4")), 403, "not_permitted")
    _problem(await ask(app, film.path("art/poster.jpg")), 403, "not_permitted")
    assert asked == [(film.item, SOMEBODY), (film.item, Subject(SubjectKind.PUBLIC))]


async def test_without_a_good_grant_nobody_is_asked(film: Published) -> None:
    def question(_item: str, _subject: Subject) -> bool:
        pytest.fail("the database was asked")

    app = _app(question)
    await ask(app, film.path("v1/360p.mp4", "AAAA"))
    await ask(app, film.path("v1/360p.mp4", film.grant(expires_at=1)))
    await ask(app, film.path("v1/360p.mp4", film.grant(version=7)))


async def test_a_database_that_does_not_answer_is_said_to_be_busy(film: Published) -> None:
    def question(_item: str, _subject: Subject) -> bool:
        raise OperationalError("database is locked")

    answer = await ask(_app(question), film.path("v1/360p.mp4"))
    _problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"]


@pytest.mark.parametrize(
    "name",
    ["v1/720p.mp4", "v1/720p/0.ts", "v1/360p/3.ts", "v1/360p/9999999.ts", "art/other.jpg"],
)
async def test_what_is_not_there_is_not_found(app: MediaApplication, film: Published, name: str) -> None:
    _problem(await ask(app, film.path(name)), 404, "not_found")


@pytest.mark.django_db(transaction=True)
async def test_a_playlist_that_is_neither_there_nor_growing_is_not_found(
    app: MediaApplication, film: Published
) -> None:
    _problem(await ask(app, film.path("v1/720p.m3u8")), 404, "not_found")


@pytest.mark.parametrize(
    "name",
    [
        "../v1/360p.mp4",
        "v1/../../x",
        "v1/%2e%2e%2f360p.mp4",
        "v1/%252e%252e%252f360p.mp4",
        "v1/..%5c360p.mp4",
        "v1/..\\360p.mp4",
        "v1/....//360p.mp4",
        "v1/360p.mp4%00",
        "v1/360p.mp4\x00",
        "v1//etc/passwd",
        "v1/%2fetc%2fpasswd",
        "v1/360p%2emp4",
        "v1/\uff0e\uff0e/360p.mp4",
        "source/x/original",
        "v1/",
        "",
        "v1/360p.mp4/",
        "art/..%2fv1/360p.mp4",
        "v1/..%2F..%2Fother123456/v1/360p.mp4",
    ],
)
async def test_no_path_climbs_out_of_its_item(app: MediaApplication, film: Published, name: str) -> None:
    _problem(await ask(app, film.path(name)), 404, "not_found")


async def test_links_are_not_followed(app: MediaApplication, film: Published, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not for viewers")
    folder = storage.local_path(storage.version_folder(film.item, 1))
    (folder / "480p.mp4").symlink_to(secret)
    _problem(await ask(app, film.path("v1/480p.mp4")), 404, "not_found")
    assert (await ask(app, film.path("v1/360p.mp4"))).status == 200
    (folder / "360p.mp4").unlink()
    (folder / "360p.mp4").symlink_to(secret)
    _problem(await ask(app, film.path("v1/360p.mp4")), 404, "not_found")


async def test_folders_and_pipes_are_no_files(app: MediaApplication, film: Published) -> None:
    folder = storage.local_path(storage.version_folder(film.item, 1))
    (folder / "480p.mp4").mkdir()
    os.mkfifo(folder / "240p.mp4")
    _problem(await ask(app, film.path("v1/480p.mp4")), 404, "not_found")
    _problem(await ask(app, film.path("v1/240p.mp4")), 404, "not_found")


async def test_a_long_answer_ends_where_the_database_cannot_say_that_it_may_go_on(
    film: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permission, "REMEMBERED_SECONDS", 0.0)
    monkeypatch.setattr(permission, "ASK_AGAIN_SECONDS", 0.0)
    content, answers = _long_film(film, 4 * CHUNK_BYTES), iter([True, True])

    def question(_item: str, _subject: Subject) -> bool:
        for answer in answers:
            return answer
        raise OperationalError

    answer = await ask(_app(question), film.path("v1/1080p.mp4"))
    assert (answer.status, answer.is_complete) == (200, False)
    assert answer.body == content[:CHUNK_BYTES]


async def test_refusals_speak_the_language_of_the_browser(app: MediaApplication, film: Published) -> None:
    answer = await ask(app, film.path("v1/360p.mp4", "AAAA"), headers={"Accept-Language": "zh-Hans"})
    _problem(answer, 403, "grant_invalid")
