"""The receiver in processes as they are started: flat memory behind uvicorn, and the same answers from `runserver`."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from knox.models import AuthToken

from accounts.models import User
from tests.eventually import eventually
from tests.site_process import RUNSERVER, UVICORN, site_process
from tests.videos.http.uploads import Uploader, answer_on, chunked, field, film, form
from videos import storage
from videos.models import ContentMain

MEGABYTE = 1 << 20
SAMPLE_MEGABYTES = 200  # the proof benchmarks/proofs/upload_memory.py sends ten times as much


@pytest.fixture
def headers(transactional_db: None, owner: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {AuthToken.objects.create(owner)[1]}"}


def resident_bytes(pid: int, which: str) -> int:
    """`VmRSS` now, `VmHWM` at most."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{which}:"))


def long_film() -> Iterator[bytes]:
    block = os.urandom(MEGABYTE)
    yield film(b"")[:-2]
    for _ in range(SAMPLE_MEGABYTES):
        yield block
    yield b"\r\n" + form()


def test_memory_stays_flat_while_a_long_film_comes(headers: dict[str, str], tmp_path: Path) -> None:
    with site_process(UVICORN, tmp_path) as (port, process):
        uploader = Uploader(port, headers)
        assert uploader.send(form(film(b"a first one loads what is loaded once"))).status == 201
        before = resident_bytes(process.pid, "VmRSS")
        assert uploader.send_pieces(long_film()).status == 201
        assert resident_bytes(process.pid, "VmHWM") - before < 30 * MEGABYTE
    sizes = ContentMain.objects.order_by("id").values_list("source__bytes", flat=True)
    assert sizes[1] == SAMPLE_MEGABYTES * MEGABYTE


def test_a_server_that_is_stopped_removes_what_was_coming(headers: dict[str, str], tmp_path: Path) -> None:
    with site_process(UVICORN, tmp_path) as (port, process):
        with Uploader(port, headers).open(length=None) as connection:
            for piece in chunked([film(os.urandom(MEGABYTE))[:-2]], end=False):
                connection.sendall(piece)
            assert eventually(lambda: list((tmp_path / "incoming").glob("*/original")))
            process.terminate()
            connection.shutdown(socket.SHUT_RDWR)
        process.wait(20)
    assert not list((tmp_path / "incoming").glob("*"))
    assert not ContentMain.objects.exists()


def test_runserver_takes_uploads_as_the_real_server_does(headers: dict[str, str], tmp_path: Path) -> None:
    with site_process(RUNSERVER, tmp_path) as (port, _process):
        uploader = Uploader(port, headers)
        answer = uploader.send(form(field("title", "Rain"), film(b"x" * 300_000)))
        assert answer.status == 201, answer.body
        refused = uploader.signed_out().send(form(film(b"x")))
        assert (refused.status, refused.code) == (401, "not_authenticated")
        with uploader.open(length=3, content_type="application/json") as connection:
            connection.sendall(b"{} ")
            assert answer_on(connection).code == "unsupported_media_type"
    content = ContentMain.objects.get()
    assert content.title == "Rain"
    assert storage.read(storage.source_name(content.public_id, content.source.token)) == b"x" * 300_000
