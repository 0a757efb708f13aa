"""Uploads through the served site: what arrives is taken in whole, whatever the form looks like."""

from __future__ import annotations

import hashlib
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from tests.eventually import eventually
from tests.videos.http.uploads import BOUNDARY, Uploader, answer_on, field, film, form, part
from videos import storage
from videos.models import AuditStatus, Category, ContentMain, ContentStatus, Job, Source, Visibility

FILM = bytes(range(256)) * 1000


def stored(content: ContentMain) -> bytes:
    """The film as it lies in storage."""
    with storage.source_file(storage.source_name(content.public_id, content.source.token)) as path:
        return path.read_bytes()


def only_video() -> ContentMain:
    return ContentMain.objects.select_related("source").get()


def nothing_incoming(settings: LazySettings) -> bool:
    return not list(Path(settings.INCOMING_DIR).glob("*"))


@pytest.mark.usefixtures("media_place")
def test_a_film_is_taken_in_with_its_words(uploader: Uploader, owner: User, settings: LazySettings) -> None:
    Category.objects.create(slug="rain", name="Rain")
    fields = [field("title", "九 Kinds of Rain"), field("category", "rain"), field("visibility", "unlisted")]
    answer = uploader.send(form(*fields, film(FILM), field("description", "Wet.\nWetter.")))
    assert answer.status == 201, answer.body
    content = only_video()
    assert answer.json["id"] == content.public_id
    assert answer.headers["Location"] == f"/api/videos/{content.public_id}/"
    assert (content.owner, content.title, content.description) == (owner, "九 Kinds of Rain", "Wet.\nWetter.")
    assert (content.category and content.category.slug, content.visibility) == ("rain", Visibility.UNLISTED)
    assert (content.status, content.audit_status) == (ContentStatus.PROCESSING, AuditStatus.PENDING)
    assert (content.source.filename, content.source.bytes) == ("film.mp4", len(FILM))
    assert stored(content) == FILM
    assert Job.objects.get().content == content
    assert eventually(lambda: nothing_incoming(settings))


def test_the_file_may_come_first_and_the_title_be_missing(uploader: Uploader) -> None:
    assert uploader.send(form(film(FILM, filename="rain_in_june.mp4"), field("title", ""))).status == 201
    assert only_video().title == "rain in june"


def test_a_body_of_undeclared_length_is_taken_in(uploader: Uploader) -> None:
    body = form(field("title", "Rain"), film(FILM))
    pieces = [body[first : first + 1009] for first in range(0, len(body), 1009)]
    assert uploader.send_pieces(pieces).status == 201
    assert stored(only_video()) == FILM


def test_a_body_that_trickles_in_byte_by_byte_is_taken_in(uploader: Uploader) -> None:
    lookalike = f"\r\n--{BOUNDARY[:-1]}\r\n--\r\r\n--{BOUNDARY[1:]}".encode() * 3
    body = form(field("title", "Rain"), film(lookalike))
    with uploader.open(length=len(body)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in body:
            connection.sendall(bytes([byte]))
        assert answer_on(connection).status == 201
    assert stored(only_video()) == lookalike


def test_one_connection_takes_one_film_after_the_other(uploader: Uploader) -> None:
    first, second = form(film(b"first")), form(film(b"second"))
    with uploader.open(length=len(first)) as connection:
        connection.sendall(first)
        assert answer_on(connection).status == 201
        connection.sendall(uploader.head(length=len(second)) + second)
        assert answer_on(connection).status == 201
    assert [stored(content) for content in ContentMain.objects.order_by("id")] == [b"first", b"second"]


def test_films_that_arrive_together_do_not_mix(uploader: Uploader) -> None:
    films = [os.urandom(3_000_000 + number) for number in range(6)]
    with ThreadPoolExecutor(len(films)) as pool:
        answers = list(pool.map(lambda content: uploader.send(form(film(content))), films))
    assert [answer.status for answer in answers] == [201] * len(films)
    digests = {hashlib.sha256(content).digest() for content in films}
    assert {hashlib.sha256(stored(content)).digest() for content in ContentMain.objects.all()} == digests


def test_a_film_that_arrived_whole_is_kept_when_its_sender_leaves(uploader: Uploader) -> None:
    body = form(film(FILM))
    with uploader.open(length=len(body)) as connection:
        connection.sendall(body)
    assert eventually(ContentMain.objects.exists)
    assert stored(only_video()) == FILM


@pytest.mark.parametrize(
    ("disposition", "shown"),
    [
        ('name="file"; filename="plain.mp4"', "plain.mp4"),
        ("name=file; filename=token.mp4", "token.mp4"),
        ('name="file"; filename="电影.mp4"', "电影.mp4"),
        ('name="file"; filename="say %22rain%22.mp4"', 'say "rain".mp4'),
        (r'name="file"; filename="say \"rain\".mp4"', 'say "rain".mp4'),
        ("name=\"file\"; filename*=UTF-8''%E7%94%B5%E5%BD%B1.mp4", "电影.mp4"),
        ("name=\"file\"; filename*=iso-8859-1'en'na%EFve.mp4", "naïve.mp4"),
        ("name=\"file\"; filename*=no-such-charset''x.mp4", "original"),
        (b'name="file"; filename="na\xefve.mp4"', "na\ufffdve.mp4"),
        ('name="file"; filename="../../etc/passwd"', "passwd"),
        ('name="file"; filename="C:\\Films\\rain.mp4"', "rain.mp4"),
        ('name="file"; filename="gpj\u202e4pm.exe"', "gpj4pm.exe"),
        ('name="file"; filename="' + "x" * 400 + '.mp4"', "x" * 251 + ".mp4"),
        ('name="file"', "original"),
    ],
)
def test_every_spelling_of_a_file_name_is_understood(uploader: Uploader, disposition: str | bytes, shown: str) -> None:
    assert uploader.send(form(part(disposition, FILM))).status == 201
    assert Source.objects.get().filename == shown
    assert stored(only_video()) == FILM


@pytest.fixture
def page_of_owner(live_port: int, owner: User) -> Uploader:
    """The owner's browser: a session cookie and its CSRF token."""
    client = Client()
    client.force_login(owner)
    secret = "abcdefghijklmnopqrstuvwxyz012345"
    cookies = {name: morsel.value for name, morsel in client.cookies.items()} | {"csrftoken": secret}
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return Uploader(live_port, {"Cookie": cookie, "X-CSRFToken": secret})


def test_a_page_uploads_with_its_session(page_of_owner: Uploader, owner: User) -> None:
    own = {"Origin": f"http://127.0.0.1:{page_of_owner.port}"}
    assert page_of_owner.send(form(film(FILM)), more=own).status == 201
    assert only_video().owner == owner


def test_a_page_without_its_token_is_refused(page_of_owner: Uploader) -> None:
    answer = page_of_owner.send(form(film(FILM)), more={"X-CSRFToken": "wrong"})
    assert (answer.status, answer.code) == (403, "csrf_failed")


def test_a_foreign_page_is_refused(page_of_owner: Uploader) -> None:
    answer = page_of_owner.send(form(film(FILM)), more={"Origin": "http://elsewhere.example"})
    assert (answer.status, answer.code) == (403, "csrf_failed")


@pytest.mark.parametrize(
    "fields",
    [
        field("category", "no-such-shelf"),
        field("visibility", "everybody"),
        field("title", "x" * 201),
        field("title", "nul\0"),
    ],
)
def test_wrong_words_are_refused_and_the_film_is_removed(
    uploader: Uploader, settings: LazySettings, fields: bytes
) -> None:
    answer = uploader.send(form(fields, film(FILM)))
    assert (answer.status, answer.code) == (400, "invalid")
    assert_nothing_was_kept(settings)


def assert_nothing_was_kept(settings: LazySettings) -> None:
    """No row, no job, no file, no folder of what came in."""
    assert eventually(lambda: nothing_incoming(settings))
    assert not ContentMain.objects.exists()
    assert not Job.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_what_breaks_in_django_leaves_nothing(
    uploader: Uploader, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("videos.ingest.accept.create_job", broken)
    answer = uploader.send(form(film(FILM)))
    assert answer.status == 500
    assert_nothing_was_kept(settings)


@pytest.mark.parametrize("path", ["/api/videos", "/api/videos/new/", "/api/auth/nothing/"])
def test_other_addresses_are_djangos(uploader: Uploader, path: str) -> None:
    assert uploader.send(form(film(b"x")), path=path).status in {404, 405}
    assert not ContentMain.objects.exists()
