"""What is refused about resumable uploads, when, and what then is still there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.utils import timezone

from accounts.models import User
from tests.eventually import eventually
from tests.videos.http.test_resumable import FILM, HALF, folder_of, nothing_incoming, the_film_arrived
from tests.videos.http.tus_client import PART_TYPE, PATH, Fields, TusClient, checksum, metadata
from tests.videos.http.uploads import Answer, answer_on, chunked
from videos.errors import StorageError
from videos.ingest import incoming
from videos.models import ContentMain, Upload

EVERY_REQUEST = [("POST", False), ("HEAD", True), ("PATCH", True), ("DELETE", True)]


def refused_unread(tus: TusClient, address: str, **fields: str | None) -> Answer:
    """The answer to a part of which only the head was sent."""
    own: dict[str, str | None] = {"Content_Type": PART_TYPE, "Upload_Offset": "0", "Content_Length": "300007", **fields}
    with tus.open("PATCH", address, **own) as connection:
        return answer_on(connection)


@pytest.mark.parametrize(("method", "has_id"), EVERY_REQUEST)
def test_guests_are_refused(tus: TusClient, method: str, has_id: bool) -> None:
    address = tus.create(10) if has_id else PATH
    fields: Fields = {"Upload_Length": "10", "Upload_Offset": "0", "Content_Type": PART_TYPE if has_id else None}
    guest = TusClient(tus.port, {})
    answer = guest.ask(method, address, wrong=fields)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert Upload.objects.count() == has_id
    for path in (address, PATH):
        assert guest.ask("GET", path).code == "not_authenticated"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PATCH", "DELETE"])
def test_somebody_elses_upload_is_not_there(tus: TusClient, tus_of_stranger: TusClient, method: str) -> None:
    address = tus.create(10, body=b"xyz")
    fields: Fields = {"Upload_Offset": "3", "Content_Type": PART_TYPE}
    for path in (address, f"{PATH}nosuchupload/"):
        answer = tus_of_stranger.ask(method, path, wrong=fields)
        assert answer.status == 404
        assert method == "HEAD" or answer.code == "not_found"
    assert tus.offset(address) == 3


@pytest.mark.parametrize("version", [None, "", "0.2.2", "1.0.1", "1.0.0, 0.2.2"])
@pytest.mark.parametrize(("method", "has_id"), EVERY_REQUEST)
def test_another_version_of_the_protocol_is_refused(
    tus: TusClient, version: str | None, method: str, has_id: bool
) -> None:
    address = tus.create(10) if has_id else PATH
    fields: Fields = {"Tus_Resumable": version, "Upload_Length": "10", "Upload_Offset": "0", "Content_Type": PART_TYPE}
    answer = tus.ask(method, address, wrong=fields)
    assert answer.status == 412
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert method == "HEAD" or answer.code == "wrong_tus_version"
    assert Upload.objects.count() == has_id


def test_an_upload_that_lay_still_is_gone(tus: TusClient) -> None:
    address = tus.create(10, body=b"xyz")
    Upload.objects.update(expires_at=timezone.now())
    assert tus.ask("HEAD", address).status == 410
    for answer in (tus.part(address, 3, b"x"), tus.ask("GET", address), tus.ask("DELETE", address)):
        assert (answer.status, answer.code) == (410, "upload_expired")


@pytest.mark.parametrize(
    "fields", [{"Content_Type": "video/mp4"}, {"Content_Type": None}, {"Content_Encoding": "gzip"}]
)
def test_what_is_not_bytes_of_a_film_is_refused(tus: TusClient, fields: Fields) -> None:
    address = tus.create(10)
    answer = tus.part(address, 0, b"x", wrong=fields)
    assert (answer.status, answer.code) == (415, "unsupported_media_type")
    assert tus.offset(address) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"Upload_Offset": None},
        {"Upload_Offset": "-1"},
        {"Upload_Offset": "zero"},
        {"Upload_Checksum": "md5 1B2M2Y8AsgTpgAmY7PhCfg=="},
        {"Upload_Checksum": "sha1 short"},
    ],
)
def test_a_malformed_part_is_refused(tus: TusClient, fields: Fields) -> None:
    address = tus.create(10)
    answer = tus.part(address, 0, b"x", wrong=fields)
    assert (answer.status, answer.code) == (400, "malformed_upload")
    assert tus.offset(address) == 0


@pytest.mark.parametrize("body", [None, b"x"])
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Upload_Length": None}, "malformed_upload"),
        ({"Upload_Length": "-1"}, "malformed_upload"),
        ({"Upload_Length": None, "Upload_Defer_Length": "1"}, "malformed_upload"),
        ({"Upload_Length": "0"}, "empty_file"),
        ({"Upload_Metadata": "title not-base64"}, "malformed_upload"),
        ({"Upload_Metadata": metadata(title="x" * 201)}, "invalid"),
        ({"Upload_Metadata": metadata(title="nul\0")}, "invalid"),
        ({"Upload_Metadata": metadata(category="no-such-shelf")}, "invalid"),
        ({"Upload_Metadata": metadata(visibility="everybody")}, "invalid"),
    ],
)
def test_a_malformed_creation_is_refused(
    tus: TusClient, settings: LazySettings, fields: Fields, code: str, body: bytes | None
) -> None:
    own = {"Upload_Length": "10", "Content_Type": None if body is None else PART_TYPE, **fields}
    answer = tus.ask("POST", PATH, body or b"", wrong=own)
    assert (answer.status, answer.code) == (400, code)
    if code == "invalid":
        assert set(answer.json["errors"]) <= {"title", "category", "visibility"}
    assert not Upload.objects.exists()
    assert nothing_incoming(settings)


def test_a_film_over_the_limit_is_refused_when_it_is_announced(tus: TusClient, settings: LazySettings) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    answer = tus.ask("POST", Upload_Length="1001")
    assert (answer.status, answer.code) == (413, "too_large")
    assert tus.ask("POST", Upload_Length="1000").status == 201


def test_a_quota_is_told_in_numbers(tus: TusClient, owner: User, settings: LazySettings) -> None:
    settings.UPLOAD_QUOTA_BYTES = 1000
    tus.create(300, body=b"x" * 300)
    address = tus.create(400)
    answer = tus.ask("POST", Upload_Length="301")
    assert (answer.status, answer.code) == (413, "quota_exceeded")
    numbers = {name: answer.json[name] for name in ("quota_bytes", "used_bytes", "needed_bytes")}
    assert numbers == {"quota_bytes": 1000, "used_bytes": 700, "needed_bytes": 301}
    first = tus.ask("POST", PATH, b"x", Upload_Length="301", Content_Type=PART_TYPE)
    assert (first.status, first.code, first.json["used_bytes"]) == (413, "quota_exceeded", 700)
    assert tus.ask("DELETE", address).status == 204
    assert tus.ask("POST", Upload_Length="301").status == 201
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    assert tus.ask("POST", Upload_Length="5000").status == 201


@pytest.mark.parametrize("length", ["declared", "chunked"])
def test_more_than_was_announced_is_refused(tus: TusClient, length: str) -> None:
    address = tus.create(len(FILM), body=FILM[:HALF])
    if length == "declared":
        answer = refused_unread(tus, address, Upload_Offset=str(HALF), Content_Length=str(len(FILM) - HALF + 1))
    else:
        with tus.open_part(address, HALF) as connection:
            for piece in chunked([FILM[HALF:], b"x"]):
                connection.sendall(piece)
            answer = answer_on(connection)
    assert (answer.status, answer.code) == (413, "too_large")
    assert not ContentMain.objects.exists()
    assert tus.offset(address) == HALF
    the_film_arrived(tus.part(address, HALF, FILM[HALF:]))


def test_a_creation_whose_bytes_are_refused_leaves_nothing(tus: TusClient, settings: LazySettings) -> None:
    for fields in ({"Upload_Length": "2"}, {"Upload_Length": "10", "Upload_Checksum": checksum(b"other")}):
        answer = tus.ask("POST", PATH, b"xyz", Content_Type=PART_TYPE, wrong=fields)
        assert answer.status in {413, 460}
        assert answer.headers["Location"] is None
    assert not Upload.objects.exists()
    assert nothing_incoming(settings)


def test_no_room_is_told_before_a_byte_is_read(tus: TusClient, settings: LazySettings) -> None:
    address = tus.create(len(FILM))
    settings.DISK_RESERVE_BYTES = 1 << 60
    answer = refused_unread(tus, address)
    assert (answer.status, answer.code) == (507, "insufficient_storage")
    announced = tus.ask("POST", Upload_Length="10")
    assert (announced.status, announced.code) == (507, "insufficient_storage")
    assert Upload.objects.count() == 1


def test_the_room_must_fit_what_is_announced(tus: TusClient, settings: LazySettings) -> None:
    settings.UPLOAD_QUOTA_BYTES = 0
    assert tus.ask("POST", Upload_Length="9" * 18).code == "insufficient_storage"


def test_what_fitted_on_a_disk_that_is_full_midway_is_kept(
    tus: TusClient, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "SYNC_EVERY_BYTES", 1 << 20)
    film = os.urandom(5 << 20)
    address = tus.create(len(film))
    with tus.open_part(address, 0, length=len(film)) as connection:
        connection.sendall(film[: 2 << 20])
        assert eventually(lambda: (folder_of(Upload.objects.get()) / "original").stat().st_size)
        settings.DISK_RESERVE_BYTES = 1 << 60
        connection.sendall(film[2 << 20 :])
        answer = answer_on(connection)
    assert (answer.status, answer.code) == (507, "insufficient_storage")
    settings.DISK_RESERVE_BYTES = 1
    offset = tus.offset(address)
    assert offset
    assert tus.part(address, offset, film[offset:]).headers["Matinee-Video"]


def test_a_device_without_space_is_told(tus: TusClient, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def to_the_full_device(path: Path, flags: int, mode: int = 0o777) -> int:
        os.close(real(path, flags, mode))
        return real("/dev/full", os.O_WRONLY)

    address = tus.create(len(FILM))
    with monkeypatch.context() as full:
        full.setattr(incoming, "open_new", to_the_full_device)
        answer = tus.part(address, 0, FILM)
    assert (answer.status, answer.code) == (507, "insufficient_storage")
    the_film_arrived(tus.part(address, 0, FILM))


def test_an_early_refusal_reaches_a_client_that_sends_on(tus: TusClient) -> None:
    film = os.urandom(8_000_000)
    address = tus.create(len(film))
    answer = TusClient(tus.port, {}).part(address, 0, film)
    assert (answer.status, answer.code) == (401, "not_authenticated")
    answer = tus.part(address, 5, film)
    assert (answer.status, answer.code) == (409, "wrong_offset")


@pytest.mark.parametrize(("method", "path"), [("PUT", PATH), ("PATCH", PATH), ("POST", f"{PATH}nosuchupload/")])
def test_other_methods_are_refused(tus: TusClient, method: str, path: str) -> None:
    answer = tus.ask(method, path, b"x", Content_Type=PART_TYPE, Upload_Offset="0", Upload_Length="1")
    assert (answer.status, answer.code) == (405, "method_not_allowed")


def test_a_get_is_never_taken_for_something_else(tus: TusClient) -> None:
    address = tus.create(10)
    assert tus.ask("GET", address, X_HTTP_Method_Override="DELETE").status == 200
    assert Upload.objects.exists()


def test_what_may_pass_does_not_make_a_client_forget_its_upload(
    tus: TusClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tus-js-client begins anew after any refusal of HEAD but 423."""
    address = tus.create(len(FILM))

    def silent(**_arguments: object) -> None:
        raise StorageError

    with monkeypatch.context() as broken:
        broken.setattr("videos.storage.take_in_source", silent)
        answer = tus.part(address, 0, FILM)
        assert (answer.status, answer.code) == (503, "storage_unavailable")
        assert tus.ask("HEAD", address).status == 423
        assert tus.shown(address)["offset"] == len(FILM)
    the_film_arrived(tus.ask("HEAD", address))


def test_a_database_that_does_not_answer_is_told_and_nothing_is_lost(
    tus: TusClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = tus.create(len(FILM), body=FILM[:HALF])

    def locked(*_arguments: object) -> None:
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr("videos.ingest.uploads.upload_of", locked)
        answer = tus.part(address, HALF, FILM[HALF:])
        assert (answer.status, answer.code) == (503, "unavailable")
        assert tus.ask("HEAD", address).status == 423
    the_film_arrived(tus.part(address, HALF, FILM[HALF:]))
