"""What the receiver refuses, when, and that nothing of it stays behind."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any  # passed on to the client

import pytest
from django.conf import LazySettings

from accounts.asgi_identity import language_of
from config import errors as site_errors
from tests.eventually import eventually
from tests.videos.http.uploads import BOUNDARY, Answer, Uploader, answer_on, chunked, field, film, form, part
from videos.errors import FileGone, InsufficientStorage, StorageError, TooLarge, VideoError
from videos.http import lingering, multipart_stream, receiver, statuses
from videos.http.problems import problem_body
from videos.ingest import incoming, refusals
from videos.models import ContentMain, Source

FILM = bytes(range(256)) * 1000
GIGABYTE = 1 << 30


@pytest.fixture
def incoming_folder(settings: LazySettings) -> Path:
    return Path(settings.INCOMING_DIR)


def nothing_came(folder: Path) -> bool:
    """No folder of an upload is there, and no row."""
    return not list(folder.glob("*")) and not ContentMain.objects.exists()


def refused_unread(uploader: Uploader, *, length: int | None = GIGABYTE, **how: Any) -> Answer:
    """The answer to a request of which only the head was sent."""
    with uploader.open(length=length, **how) as connection:
        return answer_on(connection)


@pytest.fixture
def unread_disk(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Empty as long as no file was begun."""
    begun: list[str] = []

    def noted(path: Path, flags: int, mode: int) -> int:
        begun.append(str(path))
        return os.open(path, flags, mode)

    monkeypatch.setattr(incoming, "open_new", noted)
    return begun


def test_a_guest_is_refused_before_a_byte_is_read(uploader: Uploader, unread_disk: list[str]) -> None:
    answer = refused_unread(uploader.signed_out())
    assert (answer.status, answer.code) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Connection"] == "close"
    assert not unread_disk


@pytest.mark.parametrize("token", ["Bearer nonsense", "Bearer", "Bearer " + "é" * 40, "Basic b3duZXI6eA=="])
def test_a_token_that_is_none_is_refused(live_port: int, token: str, unread_disk: list[str]) -> None:
    answer = refused_unread(Uploader(live_port, {"Authorization": token}))
    assert answer.status == 401
    assert answer.code in {"authentication_failed", "not_authenticated"}
    assert not unread_disk


@pytest.mark.parametrize(
    ("content_type", "status", "code"),
    [
        ("application/json", 415, "unsupported_media_type"),
        ("application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        ("video/mp4", 415, "unsupported_media_type"),
        ("", 415, "unsupported_media_type"),
        ("multipart/form-data", 400, "malformed_form"),
        ("multipart/form-data; boundary=", 400, "malformed_form"),
    ],
)
def test_what_is_no_upload_form_is_refused_unread(
    uploader: Uploader, content_type: str, status: int, code: str, unread_disk: list[str]
) -> None:
    answer = refused_unread(uploader, content_type=content_type)
    assert (answer.status, answer.code) == (status, code)
    assert not unread_disk


def test_a_packed_body_is_refused(uploader: Uploader) -> None:
    assert refused_unread(uploader, more={"Content-Encoding": "gzip"}).code == "unsupported_media_type"


def test_a_declared_length_over_the_limit_is_refused_unread(
    uploader: Uploader, settings: LazySettings, unread_disk: list[str]
) -> None:
    settings.UPLOAD_MAX_BYTES = 100_000_000
    answer = refused_unread(uploader, length=GIGABYTE)
    assert (answer.status, answer.code) == (413, "too_large")
    assert not unread_disk


def test_a_film_of_exactly_the_limit_is_taken(uploader: Uploader, settings: LazySettings) -> None:
    settings.UPLOAD_MAX_BYTES = len(FILM)
    assert uploader.send(form(film(FILM))).status == 201
    answer = uploader.send(form(film(FILM + b"x")))
    assert (answer.status, answer.code) == (413, "too_large")


@pytest.mark.parametrize("length", [GIGABYTE, None])
def test_no_room_is_told_unread(
    uploader: Uploader, settings: LazySettings, length: int | None, unread_disk: list[str]
) -> None:
    settings.DISK_RESERVE_BYTES = 1 << 60
    answer = refused_unread(uploader, length=length)
    assert (answer.status, answer.code) == (507, "insufficient_storage")
    assert not unread_disk


def test_the_room_must_fit_what_is_declared(uploader: Uploader) -> None:
    assert refused_unread(uploader, length=1 << 60).code == "insufficient_storage"


def test_an_early_answer_reaches_a_client_that_sends_on(uploader: Uploader) -> None:
    """Its bytes are read for a while; closing on them would reset the connection and lose the answer."""
    body = form(film(os.urandom(8_000_000)))
    answer = uploader.signed_out().send(body)
    assert (answer.status, answer.code) == (401, "not_authenticated")


def test_an_early_answer_can_be_read_by_a_client_that_was_cut_off(
    uploader: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who sends more than is read to no end fails to send, and finds the answer then; browsers do the same."""
    monkeypatch.setattr(lingering, "LINGER_BYTES", 1 << 20)
    with uploader.signed_out().open(length=GIGABYTE) as connection:
        with pytest.raises(ConnectionError):
            connection.sendall(b"x" * 300_000_000)
        assert answer_on(connection).code == "not_authenticated"


def test_a_client_that_asks_first_need_not_send(uploader: Uploader, incoming_folder: Path) -> None:
    answer = refused_unread(uploader.signed_out(), more={"Expect": "100-continue"})
    assert answer.status == 401
    body = form(film(FILM))
    with uploader.open(length=len(body), more={"Expect": "100-continue"}) as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert answer_on(connection).status == 201


def test_a_client_that_leaves_leaves_nothing(uploader: Uploader, incoming_folder: Path) -> None:
    with uploader.open(length=GIGABYTE) as connection:
        connection.sendall(film(os.urandom(3_000_000)))
        assert eventually(lambda: list(incoming_folder.glob("*/original")))
    assert eventually(lambda: nothing_came(incoming_folder))


def test_a_client_that_sends_less_than_it_said_leaves_nothing(uploader: Uploader, incoming_folder: Path) -> None:
    with uploader.open(length=GIGABYTE) as connection:
        connection.sendall(form(film(b"x" * 1000)))
        assert eventually(lambda: list(incoming_folder.glob("*/original")))
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(20)
        connection.recv(1000)
    assert eventually(lambda: nothing_came(incoming_folder))


def test_more_than_was_declared_is_no_part_of_the_film(uploader: Uploader) -> None:
    """To the server it begins a next request, and no good one; when it notices is a matter of luck."""
    body = form(film(FILM))
    with uploader.open(length=len(body)) as connection:
        connection.sendall(body + b"x" * 100)
        assert answer_on(connection).status in {201, 400}
    assert set(Source.objects.values_list("bytes", flat=True)) <= {len(FILM)}


def test_a_client_that_falls_silent_is_told_so(
    uploader: Uploader, incoming_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "IDLE_SECONDS", 0.3)
    with uploader.open(length=GIGABYTE) as connection:
        connection.sendall(film(b"x" * 1000))
        answer = answer_on(connection)
    assert (answer.status, answer.code) == (408, "upload_stalled")
    assert nothing_came(incoming_folder)


WHOLE = form(field("title", "Rain"), film(FILM))
OTHER = BOUNDARY[::-1].encode()
MALFORMED = {
    "another boundary": WHOLE.replace(BOUNDARY.encode(), OTHER),
    "no last boundary": WHOLE[: -len(BOUNDARY) - 6],
    "cut in a header": field("title", "Rain") + film(FILM)[:60],
    "nothing": b"",
    "no disposition": WHOLE.replace(b"Content-Disposition", b"Content-Description"),
    "another disposition": WHOLE.replace(b"form-data", b"attachment"),
    "bare line feeds": WHOLE.replace(b"\r\n", b"\n"),
    "two films": form(film(FILM), film(FILM)),
    "a film in another field": form(part('name="poster"; filename="poster.jpg"', b"x"), film(FILM)),
    "many fields": form(*[field(f"field{number}", "x") for number in range(21)], film(FILM)),
    "a long field": form(field("description", "x" * (64 * 1024 + 1)), film(FILM)),
    "a long field name": form(field("x" * 101, "x"), film(FILM)),
    "a long header": form(part('name="file"; filename="' + "x" * 6000 + '"', FILM)),
    "many headers": form(part('name="file"; filename="f"', FILM, more="X-More: x\r\n" * 20)),
    "a long preamble": b"x" * 2_000_000 + b"\r\n" + WHOLE,
    "a long epilogue": WHOLE + b"x" * 2_000_000,
    "a part of another length": form(part('name="file"', FILM, more="Content-Length: 7\r\n")),
}


@pytest.mark.parametrize("length", ["declared", "chunked"])
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_form_is_refused_and_removed(
    uploader: Uploader, incoming_folder: Path, body: bytes, length: str
) -> None:
    answer = uploader.send(body) if length == "declared" else uploader.send_pieces([body] if body else [])
    assert (answer.status, answer.code) == (400, "malformed_form")
    assert nothing_came(incoming_folder)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (form(film(b"")), "empty_file"),
        (form(field("title", "Rain"), film(b"")), "empty_file"),
        (form(field("title", "Rain")), "file_missing"),
        (form(film(b"", filename="")), "file_missing"),
        (form(), "file_missing"),
    ],
)
def test_a_form_without_a_film_is_refused(uploader: Uploader, incoming_folder: Path, body: bytes, code: str) -> None:
    answer = uploader.send(body)
    assert (answer.status, answer.code) == (400, code)
    assert nothing_came(incoming_folder)


def test_chunks_that_break_off_are_no_film(uploader: Uploader, incoming_folder: Path) -> None:
    with uploader.open(length=None) as connection:
        for piece in chunked([WHOLE], end=False):
            connection.sendall(piece)
        assert eventually(lambda: list(incoming_folder.glob("*/original")))
    assert eventually(lambda: nothing_came(incoming_folder))


def test_a_film_of_undeclared_length_stops_at_the_limit(
    uploader: Uploader, settings: LazySettings, incoming_folder: Path
) -> None:
    settings.UPLOAD_MAX_BYTES = 2_000_000
    answer = uploader.send_pieces([film(b"")[:-2], *[os.urandom(100_000) for _ in range(50)]])
    assert (answer.status, answer.code) == (413, "too_large")
    assert nothing_came(incoming_folder)


def growing(uploader: Uploader, then: Callable[[], None]) -> Answer:
    """A film that grows until the answer comes; `then()` happens once the receiver has begun."""
    with uploader.open(length=None) as connection:
        for piece in chunked([film(b"")[:-2], os.urandom(3_000_000)], end=False):
            connection.sendall(piece)
        then()
        for piece in chunked([os.urandom(1_000_000)] * 20):
            connection.sendall(piece)
        return answer_on(connection)


def test_a_reserve_that_others_use_up_stops_the_film(
    uploader: Uploader, settings: LazySettings, incoming_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "SYNC_EVERY_BYTES", 1 << 20)

    def filled_up() -> None:
        assert eventually(lambda: list(incoming_folder.glob("*/original")))
        settings.DISK_RESERVE_BYTES = 1 << 60

    answer = growing(uploader, filled_up)
    assert (answer.status, answer.code) == (507, "insufficient_storage")
    assert nothing_came(incoming_folder)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """New files of uploads are written to the device that is always full."""
    real = os.open

    def to_the_full_device(path: Path, flags: int, mode: int = 0o777) -> int:
        os.close(real(path, flags, mode))
        return real("/dev/full", os.O_WRONLY)

    monkeypatch.setattr(incoming, "open_new", to_the_full_device)


@pytest.mark.usefixtures("full_disk")
def test_a_disk_that_is_full_midway_is_told(uploader: Uploader, incoming_folder: Path) -> None:
    answer = growing(uploader, lambda: None)
    assert (answer.status, answer.code) == (507, "insufficient_storage")
    assert nothing_came(incoming_folder)


def test_refusals_look_as_djangos_do() -> None:
    """One shape and one status for a code, whichever application answers."""
    ours = problem_body(status=413, code="too_large", detail="Zu groß")
    assert json.loads(ours) == site_errors.problem(status=413, code="too_large", detail="Zu groß")
    own: list[VideoError] = [
        refusals.UnsupportedForm(), refusals.UnsupportedPart(), refusals.UploadStalled(), refusals.MalformedUpload(),
        refusals.WordsRefused(), refusals.WrongTusVersion(), refusals.UploadUnknown(), refusals.UploadExpired(),
        refusals.UploadLocked(), refusals.UploadTakenOver(), refusals.WrongOffset(sent=1, offset=2),
        refusals.PartTooLong(), refusals.ChecksumMismatch(), refusals.SiteBusy(),
        refusals.QuotaExceeded(quota_bytes=1, used_bytes=1, needed_bytes=1), refusals.ReplacedUnknown(),
        refusals.TooManyUploads(),
    ]  # fmt: skip
    kinds = {kind.__name__ for kind in vars(refusals).values() if getattr(kind, "__module__", "") == refusals.__name__}
    assert kinds == {type(error).__name__ for error in own}
    others = [TooLarge(), FileGone(), InsufficientStorage(), StorageError(), multipart_stream.MalformedForm()]
    for error in [*own, *others]:
        assert statuses.status_of(error) == site_errors.STATUS_BY_CODE.get(error.code, 400), error
    damaged = json.loads(problem_body(status=460, code="checksum_mismatch", detail="x", extra={"upload_offset": 3}))
    theirs = site_errors.problem(status=460, code="checksum_mismatch", detail="x", extra={"upload_offset": 3})
    assert damaged == theirs


def test_the_refusal_speaks_the_readers_language() -> None:
    def language(**headers: str) -> str:
        sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        return language_of({"type": "http", "headers": sent})

    assert language() == "en"
    assert language(accept_language="zh-CN,zh;q=0.9") == "zh-hans"
    assert language(accept_language="zh-CN", cookie="django_language=en") == "en"


@pytest.mark.parametrize("length", ["declared", "chunked"])
def test_a_film_beyond_the_quota_is_refused_as_soon_as_it_is_known(
    uploader: Uploader, settings: LazySettings, incoming_folder: Path, length: str
) -> None:
    settings.UPLOAD_QUOTA_BYTES = 3_000_000
    if length == "declared":
        answer = refused_unread(uploader)
    else:
        answer = uploader.send_pieces([film(b"")[:-2], *[os.urandom(100_000) for _ in range(50)]])
    assert (answer.status, answer.code) == (413, "quota_exceeded")
    assert (answer.json["quota_bytes"], answer.json["used_bytes"]) == (3_000_000, 0)
    assert nothing_came(incoming_folder)
    assert uploader.send(form(film(FILM))).status == 201
