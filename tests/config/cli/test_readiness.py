"""The address is printed only after /readyz said yes; a port that is taken is told before anything starts."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from config.cli.faults import SetUpError
from config.cli.readiness import Readiness, choose_port


class Site(BaseHTTPRequestHandler):
    """Ready for those who call it by its name; short of disk, or somebody else's, under another."""

    answers: ClassVar = {
        "films.example": (200, {"status": "ok", "checks": {"database": "ok", "disk": "ok"}}),
        "full.example": (200, {"status": "degraded", "checks": {"database": "ok", "disk": "below the reserve"}}),
        "other.example": (200, ["another program"]),
    }

    def do_GET(self) -> None:
        status, body = self.answers.get(str(self.headers["Host"]), (503, {"database": "not migrated"}))
        self.send_response(status if self.path == "/readyz" else 404)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_words: object) -> None:
        return


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_site_that_can_work_is_ready(port: int) -> None:
    assert Readiness("0.0.0.0", port, host_header="films.example").is_ready()


def test_a_short_disk_does_not_keep_a_site_from_serving_and_is_told(port: int) -> None:
    asked = Readiness("127.0.0.1", port, host_header="full.example")
    assert asked.is_ready()
    assert asked.shortages == {"disk": "below the reserve"}
    (warning,) = asked.warnings(Path("/srv/films"))
    assert warning.startswith("Warning: disk: below the reserve. Free some where /srv/films lies")
    assert "DISK_RESERVE_BYTES" in warning


def test_another_program_on_the_port_is_not_our_site(port: int) -> None:
    assert not Readiness("127.0.0.1", port, host_header="other.example").is_ready()


def test_one_that_cannot_says_why(port: int) -> None:
    asked = Readiness("127.0.0.1", port, host_header="localhost")
    assert not asked.is_ready()
    assert asked.last_word == '503 {"database": "not migrated"}'


def test_nobody_there_is_not_ready() -> None:
    asked = Readiness("127.0.0.1", choose_port("127.0.0.1", 0), host_header="localhost")
    assert not asked.is_ready()
    assert "refused" in asked.last_word


def test_a_port_in_use_is_told_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SetUpError, match="Address already in use") as refused:
            choose_port("127.0.0.1", taken.getsockname()[1])
    assert "--port" in refused.value.advice


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(SetUpError, match=r"Cannot listen on 192\.0\.2\.1:"):
        choose_port("192.0.2.1", 0)
