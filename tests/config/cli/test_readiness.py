"""The address is printed only after /readyz said yes; a port that is taken is told before anything starts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from config.cli.faults import SetUpError
from config.cli.readiness import Readiness, choose_port


class Site(BaseHTTPRequestHandler):
    """Ready for those who call it by its name."""

    def do_GET(self) -> None:
        is_good = self.path == "/readyz" and self.headers["Host"] == "films.example"
        self.send_response(200 if is_good else 503)
        self.end_headers()
        self.wfile.write(b'{"status": "ok"}' if is_good else b'{"database": "not migrated"}')

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
