"""A cap on what Django is sent. Its ASGI handler spools a whole body to the disk before any view or middleware runs, so
that without a cap anybody could fill the disk by a POST to any address. Films do not come this way."""

from __future__ import annotations

from typing import Final

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGIReceiveEvent, ASGISendCallable, HTTPScope, Scope
from django.utils.translation import override

from accounts.asgi_identity import language_of
from videos.errors import TooLarge
from videos.http.lingering import CLOSE, BodyReader, lingering
from videos.http.problems import header_of, send_problem

BODY_LIMIT_BYTES: Final = 16 << 20  # pages, JSON, pictures; Django's own limit for fields is tighter
IDLE_SECONDS: Final = 60.0


def limited(application: ASGI3Application) -> ASGI3Application:
    """`application`, with a 413 for bodies over the cap: at once where the length is declared, else when it is
    reached. Then the application is told that the client has gone, and may not have answered before."""

    async def capped(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        declared = header_of(scope, b"content-length")
        if declared.isdecimal() and int(declared) > BODY_LIMIT_BYTES:
            await _refuse(scope, receive, send)
            return
        received_bytes = 0

        async def counted() -> ASGIReceiveEvent:
            nonlocal received_bytes
            event = await receive()
            if event["type"] == "http.request":
                received_bytes += len(event.get("body", b""))
                if received_bytes > BODY_LIMIT_BYTES:
                    return {"type": "http.disconnect"}
            return event

        await application(scope, counted, send)
        if received_bytes > BODY_LIMIT_BYTES:
            await _refuse(scope, receive, send)

    return capped


async def _refuse(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    body = BodyReader(receive, idle_seconds=IDLE_SECONDS)
    with override(language_of(scope)):
        await send_problem(
            lingering(send, body), status=413, code=TooLarge.code, detail=str(TooLarge.message), headers=[CLOSE]
        )
