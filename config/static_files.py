"""Static files are answered before Django, whose handler and middleware take ten times as long. Which files there are,
and what is said of them, is WhiteNoise's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final  # whitenoise has no types

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware

if TYPE_CHECKING:
    from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope

_READING: Final = frozenset({"GET", "HEAD"})
_known: dict[str, Any] = {}  # WhiteNoise's answer for each path


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise has no types
    """For requests that come to Django all the same: other methods, and files that are looked for anew at each request
    (DEBUG)."""

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        _known.update(self.files)


async def static_application(
    scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable, *, django: ASGI3Application
) -> None:
    """Answers one request; `django` gets what is not known here."""
    file = _known.get(scope["path"])
    if file is None or scope["method"] not in _READING:
        await django(scope, receive, send)
        return
    asked = {
        f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}": value.decode("latin-1")
        for name, value in scope["headers"]
    }
    status, headers, body = await asyncio.to_thread(_answer, file, scope["method"], asked)
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _answer(file: Any, method: str, asked: dict[str, str]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    answer = file.get_response(method, asked)
    headers = [*answer.headers, *_always()]
    body = b""
    if answer.file is not None:
        with answer.file:
            body = answer.file.read()
    return int(answer.status), [(name.lower().encode(), value.encode("latin-1")) for name, value in headers], body


def _always() -> list[tuple[str, str]]:
    """What Django's SecurityMiddleware says with everything."""
    said = [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", settings.SECURE_REFERRER_POLICY)]
    if settings.SECURE_HSTS_SECONDS:
        said.append(("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}"))
    return said
