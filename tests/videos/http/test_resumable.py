"""The tus protocol, step by step, through the served site."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.eventually import eventually
from tests.videos.http.tus_client import PART_TYPE, PATH, TusClient, checksum, metadata
from tests.videos.http.uploads import Answer, answer_on, chunked
from videos import storage
from videos.ingest.partial import UploadFolder
from videos.models import AuditStatus, Category, ContentMain, ContentStatus, Job, Upload, UploadState, Visibility

FILM = os.urandom(300_007)
HALF = len(FILM) // 2


def stored(content: ContentMain) -> bytes:
    with storage.source_file(storage.source_name(content.public_id, content.source.token)) as path:
        return path.read_bytes()


def the_film_arrived(answer: Answer) -> ContentMain:
    """The only item, which the answer has named, byte for byte."""
    content = ContentMain.objects.select_related("source").get()
    assert answer.headers["Matinee-Video"] == content.public_id
    assert stored(content) == FILM
    assert Job.objects.get().content == content
    return content


def nothing_incoming(settings: LazySettings) -> bool:
    return not list(Path(settings.INCOMING_DIR).glob("*"))


def folder_of(upload: Upload) -> Path:
    return UploadFolder(upload.token).folder


def test_the_server_tells_what_it_can_do(tus: TusClient, settings: LazySettings) -> None:
    settings.UPLOAD_MAX_BYTES = 12_345
    answer = TusClient(tus.port, {}).ask("OPTIONS", Tus_Resumable=None)
    assert answer.status == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    told = set(answer.headers["Tus-Extension"].split(","))
    assert told == {"creation", "creation-with-upload", "checksum", "expiration", "termination"}
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert answer.headers["Tus-Max-Size"] == "12345"
    assert answer.headers["Matinee-Part-Bytes"] == str(settings.UPLOAD_PART_BYTES)


def test_a_browser_may_ask_on_behalf_of_another_sites_page(tus: TusClient) -> None:
    asked: dict[str, str | None] = {
        "Origin": "https://elsewhere.example",
        "Access_Control_Request_Method": "PATCH",
        "Access_Control_Request_Headers": "authorization, tus-resumable, upload-offset, content-type",
    }
    answer = TusClient(tus.port, {}).ask("OPTIONS", PATH + "whatever/", Tus_Resumable=None, wrong=asked)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Credentials"] is None
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("authorization", "tus-resumable", "upload-offset", "content-type"))
    created = tus.ask("POST", Upload_Length="5", Origin="https://elsewhere.example")
    assert "Upload-Offset" in created.headers["Access-Control-Expose-Headers"]
    assert "Location" in created.headers["Access-Control-Expose-Headers"]


@pytest.mark.usefixtures("media_place")
def test_a_film_comes_in_parts_with_its_words(tus: TusClient, owner: User, settings: LazySettings) -> None:
    Category.objects.create(slug="rain", name="Rain")
    words = {"title": "九 Kinds", "description": "Wet.\nWetter.", "category": "rain", "visibility": "unlisted"}
    address = tus.create(len(FILM), words={"filename": "雨.mp4", "filetype": "video/mp4", **words})
    first = tus.part(address, 0, FILM[:HALF])
    assert (first.status, first.headers["Upload-Offset"]) == (204, str(HALF))
    assert first.headers["Matinee-Video"] is None
    assert first.headers["Tus-Resumable"] == "1.0.0"
    assert tus.offset(address) == HALF
    content = the_film_arrived(tus.part(address, HALF, FILM[HALF:]))
    assert (content.owner, content.title, content.description) == (owner, "九 Kinds", "Wet.\nWetter.")
    assert (content.category and content.category.slug, content.visibility) == ("rain", Visibility.UNLISTED)
    assert (content.status, content.audit_status) == (ContentStatus.PROCESSING, AuditStatus.PENDING)
    assert (content.source.filename, content.source.bytes) == ("雨.mp4", len(FILM))
    assert eventually(lambda: nothing_incoming(settings))


def test_the_answer_to_creation_says_where_and_how_to_go_on(tus: TusClient, settings: LazySettings) -> None:
    answer = tus.ask("POST", Upload_Length=str(len(FILM)), Upload_Metadata=metadata(filename="rain.mp4"))
    upload = Upload.objects.get()
    assert answer.status == 201
    assert answer.headers["Location"] == f"{PATH}{upload.public_id}/"
    assert answer.headers["Upload-Offset"] == "0"
    assert answer.headers["Matinee-Part-Bytes"] == str(settings.UPLOAD_PART_BYTES)
    assert parsedate_to_datetime(answer.headers["Upload-Expires"]) > timezone.now()
    assert answer.json["id"] == upload.public_id


def test_head_tells_what_was_announced(tus: TusClient) -> None:
    sent = metadata(filename="rain.mp4", title="Rain") + ",flag"
    answer = tus.ask("POST", Upload_Length="10", Upload_Metadata=sent)
    told = tus.ask("HEAD", answer.headers["Location"])
    assert (told.status, told.headers["Upload-Offset"], told.headers["Upload-Length"]) == (200, "0", "10")
    assert told.headers["Upload-Metadata"] == sent
    assert told.headers["Cache-Control"] == "no-store"
    assert told.headers["Upload-Expires"]


def test_the_first_part_may_come_with_the_creation(tus: TusClient) -> None:
    address = tus.create(len(FILM), body=FILM[:1000])
    assert tus.offset(address) == 1000
    the_film_arrived(tus.part(address, 1000, FILM[1000:]))


def test_a_whole_film_may_come_with_the_creation(tus: TusClient) -> None:
    answer = tus.ask("POST", PATH, FILM, Upload_Length=str(len(FILM)), Content_Type=PART_TYPE)
    assert (answer.status, answer.headers["Upload-Offset"]) == (201, str(len(FILM)))
    the_film_arrived(answer)


def test_one_endless_part_is_taken_in(tus: TusClient) -> None:
    address = tus.create(len(FILM))
    with tus.open_part(address, 0) as connection:
        for piece in chunked(FILM[first : first + 1009] for first in range(0, len(FILM), 1009)):
            connection.sendall(piece)
        the_film_arrived(answer_on(connection))


@pytest.mark.parametrize("framing", ["declared", "chunked"])
def test_what_came_before_a_broken_line_is_kept(tus: TusClient, framing: str) -> None:
    address = tus.create(len(FILM))
    with tus.open_part(address, 0, length=len(FILM) if framing == "declared" else None) as connection:
        for piece in [FILM[:HALF]] if framing == "declared" else chunked([FILM[:HALF]], end=False):
            connection.sendall(piece)
    assert eventually(lambda: tus.shown(address)["offset"] == HALF)
    assert tus.offset(address) == HALF
    the_film_arrived(tus.part(address, HALF, FILM[HALF:]))


def test_what_a_silent_client_has_sent_is_kept(tus: TusClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videos.http.resumable.IDLE_SECONDS", 0.3)
    address = tus.create(len(FILM))
    with tus.open_part(address, 0, length=len(FILM)) as connection:
        connection.sendall(FILM[:HALF])
        answer = answer_on(connection)
    assert (answer.status, answer.code) == (408, "upload_stalled")
    assert tus.offset(address) == HALF


def test_who_asks_again_ends_the_older_request_and_goes_on(tus: TusClient) -> None:
    """The line of the first one is dead, but only its client knows."""
    address = tus.create(len(FILM))
    with tus.open_part(address, 0, length=len(FILM)) as older:
        older.sendall(FILM[:HALF])
        assert eventually((folder_of(Upload.objects.get()) / "lock").exists)
        offset = tus.offset(address)
        assert offset <= HALF
        answer = answer_on(older)
        assert (answer.status, answer.code) == (400, "upload_taken_over")
    the_film_arrived(tus.part(address, offset, FILM[offset:]))


def test_two_parts_at_once_never_mix(tus: TusClient) -> None:
    address = tus.create(len(FILM))
    with tus.open_part(address, 0, length=len(FILM)) as older:
        older.sendall(FILM[:HALF])
        newer = tus.part(address, 0, b"\0" * len(FILM))
        answer_on(older)
    assert newer.status in {204, 400, 409}  # which of them was first is a matter of luck
    written = folder_of(Upload.objects.get()) / "original"
    if newer.status == 204:
        assert stored(ContentMain.objects.get()) == b"\0" * len(FILM)
    else:
        assert tus.offset(address) == written.stat().st_size
        assert FILM.startswith(written.read_bytes()) or not any(written.read_bytes())


def test_whoever_does_not_give_way_keeps_it_for_now(tus: TusClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videos.ingest.partial.LOCK_SECONDS", 0.2)
    monkeypatch.setattr("videos.ingest.partial.UploadLock.is_wanted", False)  # as one that hands a film to a bucket
    address = tus.create(len(FILM))
    with tus.open_part(address, 0, length=len(FILM)) as older:
        older.sendall(FILM[:HALF])
        upload = Upload.objects.get()
        assert eventually((folder_of(upload) / "lock").exists)
        assert tus.ask("HEAD", address).status == 423
        newer = tus.part(address, 0, FILM)
        assert (newer.status, newer.code) == (423, "upload_locked")
        older.sendall(FILM[HALF:])
        the_film_arrived(answer_on(older))


def test_a_wrong_offset_is_told_the_right_one(tus: TusClient) -> None:
    address = tus.create(len(FILM), body=FILM[:HALF])
    for wrong in (0, HALF - 1, HALF + 1, len(FILM)):
        answer = tus.part(address, wrong, b"x")
        assert (answer.status, answer.code) == (409, "wrong_offset")
        assert answer.headers["Upload-Offset"] == str(HALF) == str(answer.json["upload_offset"])
    assert tus.offset(address) == HALF


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_part_is_held_against_its_checksum(tus: TusClient, algorithm: str) -> None:
    address = tus.create(len(FILM))
    right = checksum(FILM[:HALF], algorithm)
    damaged = tus.part(address, 0, FILM[: HALF - 1] + b"?", Upload_Checksum=right)
    assert (damaged.status, damaged.code) == (460, "checksum_mismatch")
    assert tus.offset(address) == 0
    assert tus.part(address, 0, FILM[:HALF], Upload_Checksum=right).status == 204
    rest = checksum(FILM[HALF:], algorithm)
    assert tus.part(address, HALF, FILM[HALF:-1] + b"?", Upload_Checksum=rest).status == 460
    assert not ContentMain.objects.exists()
    assert tus.offset(address) == HALF
    the_film_arrived(tus.part(address, HALF, FILM[HALF:], Upload_Checksum=rest))


def test_a_part_with_a_checksum_that_broke_off_does_not_count(tus: TusClient) -> None:
    address = tus.create(len(FILM), body=FILM[:1000])
    fields: dict[str, str | None] = {
        "Content_Type": PART_TYPE,
        "Upload_Offset": "1000",
        "Upload_Checksum": checksum(FILM),
    }
    with tus.open("PATCH", address, Content_Length=str(len(FILM) - 1000), **fields) as connection:
        connection.sendall(FILM[1000:HALF])
        upload = Upload.objects.get()
        assert eventually((folder_of(upload) / "unverified").exists)
        connection.shutdown(socket.SHUT_RDWR)
    assert tus.offset(address) == 1000


def test_an_upload_given_up_frees_its_space(tus: TusClient, settings: LazySettings) -> None:
    address = tus.create(len(FILM), body=FILM[:HALF])
    assert tus.ask("DELETE", address).status == 204
    assert nothing_incoming(settings)
    assert not Upload.objects.exists()
    assert tus.ask("HEAD", address).status == 404
    assert tus.part(address, HALF, FILM[HALF:]).code == "not_found"
    assert nothing_incoming(settings)


def test_giving_up_ends_a_request_that_still_writes(tus: TusClient, settings: LazySettings) -> None:
    address = tus.create(len(FILM))
    with tus.open_part(address, 0, length=len(FILM)) as writing:
        writing.sendall(FILM[:HALF])
        assert tus.ask("DELETE", address).status == 204
        assert answer_on(writing).status in {400, 404}
    assert eventually(lambda: nothing_incoming(settings))


def test_the_film_of_a_finished_upload_stays_when_the_upload_goes(tus: TusClient) -> None:
    address = tus.create(len(FILM), body=FILM)
    assert tus.ask("DELETE", address).status == 204
    assert stored(ContentMain.objects.get()) == FILM


def test_a_finished_upload_answers_again_and_again_with_one_video(tus: TusClient) -> None:
    address = tus.create(len(FILM), body=FILM)
    for answer in (tus.ask("HEAD", address), tus.part(address, len(FILM), b""), tus.ask("HEAD", address)):
        the_film_arrived(answer)
    again = tus.part(address, 0, FILM)
    assert (again.status, again.code) == (409, "wrong_offset")
    assert tus.part(address, len(FILM), b"x").status == 413
    assert Job.objects.count() == 1


def test_json_tells_the_same(tus: TusClient) -> None:
    address = tus.create(len(FILM), words={"filename": "rain.mp4", "title": "Rain"})
    tus.part(address, 0, FILM[:HALF])
    upload = Upload.objects.get()
    shown = tus.shown(address)
    assert (shown["id"], shown["bytes"], shown["offset"]) == (upload.public_id, len(FILM), HALF)
    assert (shown["state"], shown["video"], shown["filename"]) == ("receiving", None, "rain.mp4")
    tus.part(address, HALF, FILM[HALF:])
    shown = tus.shown(address)
    assert (shown["state"], shown["video"]) == ("finished", ContentMain.objects.get().public_id)
    assert shown["offset"] == len(FILM)


def test_ones_unfinished_uploads_are_listed(tus: TusClient, tus_of_stranger: TusClient) -> None:
    tus.create(10, body=b"x" * 10)
    tus.create(10)
    older, newer = tus.create(20, body=b"xyz"), tus.create(30)
    Upload.objects.filter(bytes=10).update(expires_at=timezone.now())
    tus_of_stranger.create(40)
    listed = tus.shown(PATH)["results"]
    assert isinstance(listed, list)
    assert [f"{PATH}{one['id']}/" for one in listed] == [newer, older]
    assert [one["offset"] for one in listed] == [0, 3]


def test_a_part_gives_the_upload_a_new_life(tus: TusClient) -> None:
    address = tus.create(10)
    soon = timezone.now() + timedelta(minutes=1)
    Upload.objects.update(expires_at=soon)
    answer = tus.part(address, 0, b"x")
    assert parsedate_to_datetime(answer.headers["Upload-Expires"]) > soon
    assert Upload.objects.get().expires_at > soon


def test_methods_that_a_proxy_forbids_may_hide_in_a_post(tus: TusClient) -> None:
    address = tus.create(10)
    fields: dict[str, str | None] = {"Content_Type": PART_TYPE, "Upload_Offset": "0", "X_HTTP_Method_Override": "PATCH"}
    assert tus.ask("POST", address, b"xyz", wrong=fields).status == 204
    assert tus.offset(address) == 3
    assert tus.ask("POST", address, X_HTTP_Method_Override="DELETE").status == 204
    assert not Upload.objects.exists()


@pytest.fixture
def page_of_owner(live_port: int, owner: User) -> TusClient:
    """The owner's browser: a session cookie and its CSRF token."""
    client = Client()
    client.force_login(owner)
    secret = "abcdefghijklmnopqrstuvwxyz012345"
    cookies = {name: morsel.value for name, morsel in client.cookies.items()} | {"csrftoken": secret}
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return TusClient(live_port, {"Cookie": cookie, "X-CSRFToken": secret})


def test_a_page_uploads_with_its_session(page_of_owner: TusClient) -> None:
    address = page_of_owner.create(len(FILM), words={"filename": "rain.mp4"})
    own: dict[str, str | None] = {"Origin": f"http://127.0.0.1:{page_of_owner.port}"}
    the_film_arrived(page_of_owner.part(address, 0, FILM, wrong=own))


@pytest.mark.parametrize("wrong", [{"X_CSRFToken": "wrong"}, {"Origin": "http://elsewhere.example"}])
def test_a_page_without_its_token_is_refused(page_of_owner: TusClient, wrong: dict[str, str]) -> None:
    address = page_of_owner.create(10)
    headers = {name: value for name, value in page_of_owner.headers.items() if name != "X-CSRFToken"}
    page = TusClient(page_of_owner.port, headers)
    fields: dict[str, str | None] = {"X_CSRFToken": page_of_owner.headers["X-CSRFToken"], **wrong}
    for answer in (
        page.part(address, 0, b"x", wrong=fields),
        page.ask("POST", Upload_Length="10", wrong=fields),
        page.ask("POST", PATH, b"x", Upload_Length="10", Content_Type=PART_TYPE, wrong=fields),
        page.ask("DELETE", address, wrong=fields),
        page.ask("POST", address, X_HTTP_Method_Override="DELETE", wrong=fields),
    ):
        assert (answer.status, answer.code) == (403, "csrf_failed")
    assert Upload.objects.get().state == UploadState.RECEIVING
    assert page_of_owner.offset(address) == 0
