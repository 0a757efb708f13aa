"""Resumable uploads over processes as they are started: killed, started again, two at once."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from knox.models import AuthToken

from accounts.models import User
from tests.eventually import eventually
from tests.site_process import RUNSERVER, UVICORN, site_process
from tests.videos.http.test_receiver_in_processes import resident_bytes
from tests.videos.http.test_resumable import stored
from tests.videos.http.tus_client import PART_TYPE, TusClient, checksum
from tests.videos.http.uploads import answer_on, chunked
from videos.ingest.partial import UploadFolder
from videos.models import ContentMain, Job, Upload

MEGABYTE = 1 << 20
SAMPLE_MEGABYTES = 200


@pytest.fixture
def headers(transactional_db: None, owner: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {AuthToken.objects.create(owner)[1]}"}


def on_disk() -> int:
    return UploadFolder(Upload.objects.get().token).path.stat().st_size


def grew_beyond(size: int) -> bool:
    return on_disk() > size


@pytest.mark.parametrize("framing", ["declared", "chunked"])
def test_a_killed_server_goes_on_where_it_was(headers: dict[str, str], tmp_path: Path, framing: str) -> None:
    film = os.urandom(12 * MEGABYTE + 7)
    offset, address = 0, ""
    for _life in range(2):
        with site_process(UVICORN, tmp_path) as (port, process):
            tus = TusClient(port, headers)
            address = address or tus.create(len(film))
            assert tus.offset(address) >= offset
            offset = tus.offset(address)
            length = len(film) - offset if framing == "declared" else None
            with tus.open_part(address, offset, length=length) as connection:
                sent = film[offset : offset + 3 * MEGABYTE]
                for piece in [sent] if framing == "declared" else chunked([sent], end=False):
                    connection.sendall(piece)
                assert eventually(partial(grew_beyond, offset))
                process.send_signal(signal.SIGKILL)
                process.wait(20)
    with site_process(UVICORN, tmp_path) as (port, _process):
        tus = TusClient(port, headers)
        offset = tus.offset(address)
        assert 2 * MEGABYTE <= offset < len(film)
        assert tus.part(address, offset, film[offset:]).status == 204
    assert stored(ContentMain.objects.get()) == film
    assert Job.objects.count() == 1


def test_a_killed_server_keeps_nothing_that_was_not_verified(headers: dict[str, str], tmp_path: Path) -> None:
    film = os.urandom(8 * MEGABYTE)
    with site_process(UVICORN, tmp_path) as (port, process):
        tus = TusClient(port, headers)
        address = tus.create(len(film), body=film[:1000])
        fields: dict[str, str | None] = {"Content_Type": PART_TYPE, "Upload_Offset": "1000"}
        fields |= {"Upload_Checksum": checksum(film[1000:]), "Content_Length": str(len(film) - 1000)}
        with tus.open("PATCH", address, **fields) as connection:
            connection.sendall(b"?" * (4 * MEGABYTE))
            assert eventually(lambda: on_disk() > 1000)
            process.send_signal(signal.SIGKILL)
            process.wait(20)
    with site_process(UVICORN, tmp_path) as (port, _process):
        tus = TusClient(port, headers)
        assert tus.shown(address)["offset"] == 1000
        assert tus.offset(address) == 1000
        assert tus.part(address, 1000, film[1000:], Upload_Checksum=checksum(film[1000:])).status == 204
    assert stored(ContentMain.objects.get()) == film


def test_a_stopped_server_keeps_what_came(headers: dict[str, str], tmp_path: Path) -> None:
    film = os.urandom(4 * MEGABYTE)
    with site_process(UVICORN, tmp_path) as (port, process):
        tus = TusClient(port, headers)
        address = tus.create(len(film))
        with tus.open_part(address, 0, length=len(film)) as connection:
            connection.sendall(film[: 2 * MEGABYTE])
            assert eventually(lambda: on_disk() > 0)
            process.terminate()
            connection.shutdown(socket.SHUT_RDWR)
        process.wait(20)
    assert film.startswith(UploadFolder(Upload.objects.get().token).path.read_bytes())
    assert on_disk() >= MEGABYTE


def test_a_newer_request_in_another_process_goes_on(headers: dict[str, str], tmp_path: Path) -> None:
    film = os.urandom(6 * MEGABYTE)
    with site_process(UVICORN, tmp_path) as (one, _), site_process(UVICORN, tmp_path) as (other, _process):
        older, newer = TusClient(one, headers), TusClient(other, headers)
        address = older.create(len(film))
        with older.open_part(address, 0, length=len(film)) as connection:
            connection.sendall(film[: 2 * MEGABYTE])
            assert eventually(lambda: on_disk() > 0)
            offset = newer.offset(address)
            assert answer_on(connection).code == "upload_taken_over"
        assert MEGABYTE <= offset <= 2 * MEGABYTE
        answer = newer.part(address, offset, film[offset:])
        named = {client.ask("HEAD", address).headers["Matinee-Video"] for client in (older, newer)}
    content = ContentMain.objects.get()
    assert {answer.headers["Matinee-Video"], *named} == {content.public_id}
    assert stored(content) == film


def long_film(block: bytes) -> Iterator[bytes]:
    for _ in range(SAMPLE_MEGABYTES):
        yield block


def test_memory_stays_flat_while_one_endless_part_comes(headers: dict[str, str], tmp_path: Path) -> None:
    block = os.urandom(MEGABYTE)
    total = SAMPLE_MEGABYTES * MEGABYTE
    with site_process(UVICORN, tmp_path) as (port, process):
        tus = TusClient(port, headers)
        tus.create(100, body=b"x" * 100)  # loads what is loaded once
        before = resident_bytes(process.pid, "VmRSS")
        address = tus.create(total)
        with tus.open_part(address, 0) as connection:
            for piece in chunked(long_film(block)):
                connection.sendall(piece)
            assert answer_on(connection).status == 204
        assert resident_bytes(process.pid, "VmHWM") - before < 30 * MEGABYTE
    content = ContentMain.objects.select_related("source").get(upload__bytes=total)
    expected = hashlib.sha256()
    for piece in long_film(block):
        expected.update(piece)
    assert hashlib.sha256(stored(content)).digest() == expected.digest()


def test_runserver_takes_parts_as_the_real_server_does(headers: dict[str, str], tmp_path: Path) -> None:
    film = os.urandom(300_000)
    with site_process(RUNSERVER, tmp_path) as (port, _process):
        tus = TusClient(port, headers)
        address = tus.create(len(film), words={"title": "Rain"})
        assert tus.part(address, 0, film[:1000]).headers["Upload-Offset"] == "1000"
        assert tus.part(address, 0, film).code == "wrong_offset"
        assert tus.part(address, 1000, b"x", Upload_Checksum=checksum(b"y")).status == 460
        assert tus.offset(address) == 1000
        assert tus.part(address, 1000, film[1000:]).headers["Matinee-Video"]
    content = ContentMain.objects.get()
    assert content.title == "Rain"
    assert stored(content) == film
