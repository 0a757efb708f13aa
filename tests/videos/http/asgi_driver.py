"""Calls an ASGI application as a server would, with the path exactly as it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast  # ASGI messages are dicts of mixed values
from urllib.parse import unquote

from asgiref.typing import ASGIReceiveEvent, ASGISendEvent, HTTPScope

from videos.http.media import MediaApplication


@dataclass
class Answer:
    """What was sent. `chunks` are the bodies that were not empty."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    is_complete: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)


async def ask(
    application: MediaApplication,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    *,
    leaves_after_chunks: int | None = None,
    at_first_chunk: Callable[[], None] = lambda: None,
) -> Answer:
    """One request. The client goes away after `leaves_after_chunks` pieces of body, if given;
    `at_first_chunk` is called when one arrives. As every server does, it sends no body to HEAD."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "extensions": {},
    }
    answer, gone = Answer(), asyncio.Event()
    requests = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> ASGIReceiveEvent:
        for message in requests:
            return cast("ASGIReceiveEvent", message)
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(event: ASGISendEvent) -> None:
        message = cast("dict[str, Any]", event)
        if gone.is_set():
            return
        if message["type"] == "http.response.start":
            assert not answer.status, "a second start"
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            assert not answer.is_complete, "a body after the end"
            answer.is_complete = not message["more_body"]
            if message["body"] and method != "HEAD":
                if not answer.chunks:
                    at_first_chunk()
                answer.chunks.append(message["body"])
            if leaves_after_chunks is not None and len(answer.chunks) >= leaves_after_chunks:
                gone.set()
                await asyncio.sleep(0)

    await application(cast("HTTPScope", scope), receive, send)
    return answer
