"""Problem details (RFC 9457) from the ASGI applications that stand before Django. The same shape as
config/errors.py gives; a contract test compares them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from asgiref.typing import (
    ASGISendCallable,
    HTTPResponseBodyEvent,
    HTTPResponseStartEvent,
    HTTPScope,
)
from django.http import HttpRequest, parse_cookie
from django.utils.translation import get_language_from_request

PROBLEM_TYPE: Final = b"application/problem+json"


def problem_body(*, status: int, code: str, detail: str) -> bytes:
    """A problem document. `code` is stable; `detail` is for people."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    return json.dumps(body, ensure_ascii=False).encode()


async def send_problem(
    send: ASGISendCallable,
    *,
    status: int,
    code: str,
    detail: str,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Answers a request whole with a problem document."""
    body = problem_body(status=status, code=code, detail=str(detail))
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


def language_of(scope: HTTPScope) -> str:
    """The language that Django would answer this request in."""
    request = HttpRequest()
    request.COOKIES = parse_cookie(header_of(scope, b"cookie"))
    request.META["HTTP_ACCEPT_LANGUAGE"] = header_of(scope, b"accept-language")
    return get_language_from_request(request)
