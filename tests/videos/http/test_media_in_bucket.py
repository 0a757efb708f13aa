"""The media application with media in an S3 bucket: small things are passed on, films are sent for, segments
are cut."""

from __future__ import annotations

import asyncio
import urllib.request
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.videos.fragmented import clip, transport_segments
from tests.videos.http.asgi_driver import ask
from tests.videos.streaming.published import PICTURE, Published, publish
from videos.http.media import MediaApplication
from videos.streaming.permission import Permissions


@pytest.fixture
def app() -> MediaApplication:
    """Permits everything that has a grant."""
    return MediaApplication(Permissions(lambda _item, _subject: True))


@pytest.fixture
def film(bucket: str, tmp_path: Path) -> Published:
    """An item published into the bucket."""
    return publish(tmp_path / "scratch")


async def test_playlists_and_pictures_come_from_here(app: MediaApplication, film: Published) -> None:
    for name in ("v1/master.m3u8", "v1/360p.m3u8", "v1/360p.ts.m3u8", "art/poster.jpg"):
        answer = await ask(app, film.path(name))
        assert answer.status == 200
        assert "location" not in answer.headers
        part = await ask(app, film.path(name), headers={"Range": "bytes=2-5", "If-Range": answer.headers["etag"]})
        assert (part.status, part.body) == (206, answer.body[2:6])
        unchanged = await ask(app, film.path(name), headers={"If-None-Match": answer.headers["etag"]})
        assert unchanged.status == 304
    assert (await ask(app, film.path("art/poster.jpg"))).body == PICTURE


async def test_playlists_never_hold_an_address_of_the_bucket(app: MediaApplication, film: Published) -> None:
    for name in ("v1/master.m3u8", "v1/ts.m3u8", "v1/360p.m3u8", "v1/360p.ts.m3u8"):
        text = (await ask(app, film.path(name))).body.decode()
        assert "http" not in text
        assert "Signature" not in text


def _fetch(location: str) -> tuple[int, bytes, str]:
    request = urllib.request.Request(location, headers={"Range": "bytes=10-19"})
    with urllib.request.urlopen(request) as answer:
        return answer.status, answer.read(), answer.headers["Content-Type"]


async def test_a_film_is_sent_for_with_an_address_that_dies_within_a_minute(
    app: MediaApplication, film: Published
) -> None:
    answer = await ask(app, film.path("v1/360p.mp4"), headers={"Range": "bytes=10-19"})
    assert (answer.status, answer.body) == (302, b"")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["access-control-allow-origin"] == "*"
    location = answer.headers["location"]
    assert int(parse_qs(urlsplit(location).query)["X-Amz-Expires"][0]) <= 60
    assert await asyncio.to_thread(_fetch, location) == (206, film.film[10:20], "video/mp4")
    head = await ask(app, film.path("v1/360p.mp4"), "HEAD")
    assert head.status == 200, "a presigned address is good for GET only, so HEAD is answered here"
    assert head.headers["content-length"] == str(len(film.film))
    assert head.headers["content-type"] == "video/mp4"


async def test_segments_are_cut_from_ranges_of_the_bucket(app: MediaApplication, film: Published) -> None:
    for index, expected in enumerate(transport_segments(clip())):
        assert (await ask(app, film.path(f"v1/360p/{index}.ts"))).body == expected


@pytest.mark.django_db(transaction=True)
async def test_what_is_not_there_or_not_permitted_is_refused_here(app: MediaApplication, film: Published) -> None:
    for name in ("v1/720p.m3u8", "v1/720p/0.ts", "v1/360p/9.ts", "art/other.jpg"):
        assert (await ask(app, film.path(name))).status == 404
    app = MediaApplication(Permissions(lambda _item, _subject: False))
    assert (await ask(app, film.path("v1/360p.mp4"))).status == 403
