"""A client of the tus protocol, byte for byte: it sends exactly the fields it is told to."""

from __future__ import annotations

import base64
import hashlib
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tests.videos.http.uploads import PATIENCE_SECONDS, Answer, answer_on

PATH = "/api/uploads/"
Fields = Mapping[str, str | None]
PART_TYPE = "application/offset+octet-stream"


def metadata(**words: str) -> str:
    """The field `Upload-Metadata`."""
    return ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in words.items())


def checksum(content: bytes, algorithm: str = "sha1") -> str:
    """The field `Upload-Checksum`."""
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


@dataclass(frozen=True)
class TusClient:
    """Talks to one server over a connection for each request; `headers` go with all of them."""

    port: int
    headers: dict[str, str]

    def ask(
        self, method: str, path: str = PATH, body: bytes = b"", /, *, wrong: Fields | None = None, **fields: str | None
    ) -> Answer:
        """One request, whole. A field None is left out; underscores stand for hyphens; `wrong` wins over `fields`."""
        with self.open(method, path, **{"Content_Length": str(len(body)), **fields, **(wrong or {})}) as connection:
            connection.sendall(body)
            return answer_on(connection, method)

    @contextmanager
    def open(self, method: str, path: str, **fields: str | None) -> Iterator[socket.socket]:
        """A connection on which the head of a request has been sent."""
        own = {name.replace("_", "-"): value for name, value in fields.items()}
        sent = {"Host": f"127.0.0.1:{self.port}", "Tus-Resumable": "1.0.0", **self.headers, **own}
        lines = [f"{name}: {value}" for name, value in sent.items() if value is not None]
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall("\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode("latin-1"))
            yield connection

    def create(self, total_bytes: int, *, body: bytes | None = None, words: Mapping[str, str] | None = None) -> str:
        """The address of a new upload."""
        fields: dict[str, str | None] = {
            "Upload_Length": str(total_bytes),
            "Upload_Metadata": metadata(**words) if words else None,
            "Content_Type": PART_TYPE if body is not None else None,
        }
        answer = self.ask("POST", PATH, body or b"", wrong=fields)
        assert answer.status == 201, answer.body
        return str(answer.headers["Location"])

    def part(
        self, address: str, offset: int, body: bytes, *, wrong: Fields | None = None, **fields: str | None
    ) -> Answer:
        """Appends."""
        own: dict[str, str | None] = {"Content_Type": PART_TYPE, "Upload_Offset": str(offset), **fields}
        return self.ask("PATCH", address, body, wrong=wrong, **own)

    @contextmanager
    def open_part(self, address: str, offset: int, *, length: int | None = None) -> Iterator[socket.socket]:
        """A part whose bytes are still to be sent; `length` None: chunked, without an end."""
        framing = {"Transfer_Encoding": "chunked"} if length is None else {"Content_Length": str(length)}
        fields = {"Content_Type": PART_TYPE, "Upload_Offset": str(offset), **framing}
        with self.open("PATCH", address, **fields) as connection:
            yield connection

    def offset(self, address: str) -> int:
        """What HEAD tells."""
        answer = self.ask("HEAD", address)
        assert answer.status == 200
        return int(answer.headers["Upload-Offset"])

    def shown(self, address: str) -> dict[str, object]:
        """What GET tells."""
        answer = self.ask("GET", address, Tus_Resumable=None)
        assert answer.status == 200, answer.body
        return answer.json
