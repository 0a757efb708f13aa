"""Problem details (RFC 9457) from the ASGI applications that stand before Django. The same shape as
config/errors.py gives; a contract test compares them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final  # members of a problem document are JSON values

from asgiref.typing import (
    ASGISendCallable,
    HTTPResponseBodyEvent,
    HTTPResponseStartEvent,
    HTTPScope,
)

PROBLEM_TYPE: Final = b"application/problem+json"
CHECKSUM_MISMATCH: Final = 460


def title_of(status: int) -> str:
    """A status in words; 460 is the tus protocol's own."""
    return "Checksum Mismatch" if status == CHECKSUM_MISMATCH else HTTPStatus(status).phrase


def problem_body(*, status: int, code: str, detail: str, extra: Mapping[str, Any] | None = None) -> bytes:
    """A problem document. `code` is stable; `detail` is for people; `extra` are further members."""
    body = {"type": "about:blank", "title": title_of(status), "status": status, "code": code, "detail": detail}
    return json.dumps({**body, **(extra or {})}, ensure_ascii=False).encode()


async def send_problem(
    send: ASGISendCallable,
    *,
    status: int,
    code: str,
    detail: str,
    headers: Iterable[tuple[bytes, bytes]] = (),
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Answers a request whole with a problem document."""
    body = problem_body(status=status, code=code, detail=str(detail), extra=extra)
    start: HTTPResponseStartEvent = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", PROBLEM_TYPE),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            *headers,
        ],
        "trailers": False,
    }
    end: HTTPResponseBodyEvent = {"type": "http.response.body", "body": body, "more_body": False}
    await send(start)
    await send(end)


def header_of(scope: HTTPScope, name: bytes) -> str:
    """A request header's first value without surrounding blanks; empty if there is none."""
    return next((value.decode("latin-1").strip() for key, value in scope["headers"] if key.lower() == name), "")
