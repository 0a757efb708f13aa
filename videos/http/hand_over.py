"""Giving Django a request whose body has been received already."""

from __future__ import annotations

import asyncio
from typing import Final, cast

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveEvent,
    ASGISendCallable,
    HTTPRequestEvent,
    HTTPScope,
)

_OF_THE_BODY: Final = frozenset(
    {b"content-type", b"content-length", b"transfer-encoding", b"content-encoding", b"expect", b"trailer"}
)


async def hand_over(
    scope: HTTPScope,
    send: ASGISendCallable,
    application: ASGI3Application,
    *,
    received: dict[str, object],
    content: bytes = b"{}",
) -> None:
    """Lets Django answer. It sees the sender's own headers, but a small JSON body, and what is `received` in its
    scope; and it is not told when the sender leaves: what has arrived whole is taken in."""
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in _OF_THE_BODY]
    headers += [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    whole_body: list[HTTPRequestEvent] = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive_content() -> ASGIReceiveEvent:
        if whole_body:
            return whole_body.pop()
        never: asyncio.Future[ASGIReceiveEvent] = asyncio.get_running_loop().create_future()
        return await never  # Django listens for a disconnect beside its view

    await application(cast("HTTPScope", {**scope, "headers": headers, **received}), receive_content, send)
