"""Refusing a request whose body is still on its way, so that the refusal arrives.

A server that closes a socket with unread bytes in it resets the connection, and the client may lose the
answer it was about to read (RFC 9112 §9.6). So: answer, read on a little without keeping anything, then
close.
"""

from __future__ import annotations

import asyncio
from typing import Final

from asgiref.typing import (
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    HTTPResponseBodyEvent,
)

LINGER_BYTES: Final = 32 << 20
LINGER_SECONDS: Final = 2.0
CLOSE: Final = (b"connection", b"close")


class BodyReader:
    """The request's body as it comes, with the knowledge whether it has ended.

    Raises (from `next`):
        ClientGone: nobody is there any more. TimeoutError: nothing came for `idle_seconds`.
    """

    def __init__(self, receive: ASGIReceiveCallable, *, idle_seconds: float) -> None:
        self._receive = receive
        self._idle_seconds = idle_seconds
        self.has_ended = False

    async def next(self) -> bytes:
        """The next bytes, maybe none; look at `has_ended` afterwards."""
        async with asyncio.timeout(self._idle_seconds):
            event: ASGIReceiveEvent = await self._receive()
        if event["type"] != "http.request":
            self.has_ended = True
            raise ClientGone
        self.has_ended = not event.get("more_body", False)
        return event.get("body", b"")

    async def linger(self) -> None:
        """Reads on for a moment and forgets."""
        left = LINGER_BYTES
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                while left > 0 and not self.has_ended:
                    left -= len(await self.next())
        except (TimeoutError, ClientGone):
            return


class ClientGone(Exception):
    """The client closed its connection."""


def lingering(send: ASGISendCallable, body: BodyReader) -> ASGISendCallable:
    """`send`, but between the last bytes of the answer and its end the request is read on. The answer needs a
    Content-Length, by which the client knows it whole before that."""

    async def send_and_linger(event: ASGISendEvent) -> None:
        if event["type"] != "http.response.body" or event.get("more_body"):
            await send(event)
            return
        await send({**event, "more_body": True})
        await body.linger()
        end: HTTPResponseBodyEvent = {"type": "http.response.body", "body": b"", "more_body": False}
        await send(end)

    return send_and_linger
