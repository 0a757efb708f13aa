"""Upload forms byte for byte, and a client that sends them exactly as told."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any  # JSON

BOUNDARY = "-----------------------------9051914041544843365972754266"
PATIENCE_SECONDS = 30


def part(disposition: str | bytes, content: bytes, *, more: str = "") -> bytes:
    """One part of a form; `disposition` follows `form-data; `."""
    sent = disposition.encode() if isinstance(disposition, str) else disposition
    head = b"Content-Disposition: form-data; " + sent + b"\r\n" + more.encode()
    return b"--" + BOUNDARY.encode() + b"\r\n" + head + b"\r\n" + content + b"\r\n"


def field(name: str, text: str) -> bytes:
    return part(f'name="{name}"', text.encode())


def film(content: bytes, *, filename: str = "film.mp4") -> bytes:
    return part(f'name="file"; filename="{filename}"', content, more="Content-Type: video/mp4\r\n")


def form(*parts: bytes) -> bytes:
    """A whole body."""
    return b"".join(parts) + b"--" + BOUNDARY.encode() + b"--\r\n"


def chunked(pieces: Iterable[bytes], *, end: bool = True) -> Iterator[bytes]:
    """Chunked transfer coding; without its end it is a body that broke off."""
    for piece in pieces:
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    if end:
        yield b"0\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @property
    def code(self) -> str:
        """The problem's stable code; the answer must be a problem document."""
        assert self.headers["Content-Type"] == "application/problem+json", self.body
        assert self.json["status"] == self.status
        assert set(self.json) >= {"type", "title", "status", "code", "detail"}
        assert self.json["detail"]
        return str(self.json["code"])


@dataclass(frozen=True)
class Uploader:
    """Sends to `/api/videos/` over sockets of its own; `headers` go with every request."""

    port: int
    headers: dict[str, str]

    def head(
        self,
        *,
        length: int | None,
        content_type: str = f"multipart/form-data; boundary={BOUNDARY}",
        path: str = "/api/videos/",
        more: dict[str, str] | None = None,
    ) -> bytes:
        """The request before its body; `length` None: chunked."""
        framing = {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)}
        headers = {"Host": f"127.0.0.1:{self.port}", "Content-Type": content_type, **framing, **self.headers}
        lines = [f"{name}: {value}" for name, value in {**headers, **(more or {})}.items()]
        return "\r\n".join([f"POST {path} HTTP/1.1", *lines, "", ""]).encode("latin-1")

    @contextmanager
    def open(self, **how: Any) -> Iterator[socket.socket]:
        """A connection on which the head of a request has been sent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(self.head(**how))
            yield connection

    def send(self, body: bytes, **how: Any) -> Answer:
        """One request, whole."""
        with self.open(length=len(body), **how) as connection:
            connection.sendall(body)
            return answer_on(connection)

    def send_pieces(self, pieces: Iterable[bytes], **how: Any) -> Answer:
        """One request without a declared length."""
        with self.open(length=None, **how) as connection:
            for coded in chunked(pieces):
                connection.sendall(coded)
            return answer_on(connection)

    def signed_out(self) -> Uploader:
        return Uploader(self.port, {})


def answer_on(connection: socket.socket, method: str | None = None) -> Answer:
    """Reads one answer; that to HEAD has no body."""
    response = http.client.HTTPResponse(connection, method=method)
    response.begin()
    try:
        return Answer(response.status, response.headers, response.read())
    finally:
        response.close()
