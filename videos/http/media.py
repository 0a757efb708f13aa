"""The ASGI application of `/media/…`: address, grant, permission, file, range, bytes (RFC 9110). It stands
before Django, without middleware, and asks the database only through streaming.permission."""

from __future__ import annotations

import asyncio
import time
from functools import lru_cache

import structlog
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.db import DatabaseError
from django.utils import translation

from accounts.asgi_identity import language_of
from videos.errors import FileGone, StorageError
from videos.http.problems import send_problem
from videos.streaming import responses
from videos.streaming.address import MediaAddress, MediaKind, parse_media_path
from videos.streaming.byterange import Span, decide
from videos.streaming.files import Readable
from videos.streaming.grants import Grant, GrantRefusal, Purpose, unseal
from videos.streaming.hls import signing_keys
from videos.streaming.permission import Permissions, Watch
from videos.streaming.resolve import Elsewhere, Found, Resolver
from videos.streaming.responses import Head, Refusal
from videos.streaming.segments import SegmentCache

log = structlog.get_logger(__name__)

WHOLE_BYTES = 512 << 10  # a body up to this size is read and sent at once
CHUNK_BYTES = 256 << 10  # of a longer one: what a viewer who reads slowly holds in memory
_DECIDING = {
    name.encode(): name
    for name in ("range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since")
}
_LISTS = frozenset({"if-match", "if-none-match", "range"})  # may come in several fields


class MediaApplication:
    """One a process: it owns what the process remembers of permissions, and its segment cutter."""

    def __init__(self, permissions: Permissions | None = None) -> None:
        self._permissions = permissions or Permissions()
        self._resolver = Resolver(SegmentCache())

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answers one HTTP request."""
        opening = _opening(_path(scope), signing_keys())
        if opening is None:
            await _refuse(scope, send, responses.NOT_FOUND)
        elif scope["method"] == "OPTIONS":
            await _send_head(send, responses.PREFLIGHT)
        elif scope["method"] not in {"GET", "HEAD"}:
            await _refuse(scope, send, responses.METHOD_NOT_ALLOWED)
        else:
            await self._serve(*opening, scope, receive, send)

    async def _serve(
        self,
        address: MediaAddress,
        grant: Grant | None,
        scope: HTTPScope,
        receive: ASGIReceiveCallable,
        send: ASGISendCallable,
    ) -> None:
        if grant is None:
            await _refuse(scope, send, responses.GRANT_INVALID)
            return
        fresh_seconds = grant.expires_at - int(time.time())
        if fresh_seconds <= 0:
            await _refuse(scope, send, responses.GRANT_EXPIRED)
            return
        found = await self._find(address, grant, scope["method"])
        if isinstance(found, Refusal):
            await _refuse(scope, send, found)
        elif isinstance(found, Elsewhere):
            await _send_head(send, responses.redirect(found.location))
        else:
            try:
                watch = self._permissions.watch(address.item, grant.subject)
                await _answer(found, address, fresh_seconds, watch, scope, receive, send)
            finally:
                found.file.close()

    async def _find(self, address: MediaAddress, grant: Grant, method: str) -> Found | Elsewhere | Refusal:
        """The bytes, or why there are none."""
        try:
            permitted = self._permissions.remembered(address.item, grant.subject)
            if permitted is None:
                permitted = await self._permissions.ask(address.item, grant.subject)
            return await self._resolver.find(address, method) if permitted else responses.NOT_PERMITTED
        except FileGone:
            return responses.NOT_FOUND
        except (StorageError, DatabaseError) as error:
            log.warning("media does not answer", item=address.item, file=address.filename, error=str(error))
            return responses.unavailable(getattr(error, "code", "unavailable"))


def _path(scope: HTTPScope) -> str:
    """As it came, undecoded: parse_media_path() says why."""
    raw: bytes | None = scope.get("raw_path")
    return scope["path"] if raw is None else raw.partition(b"?")[0].decode("latin-1")


@lru_cache(maxsize=4096)
def _opening(path: str, keys: tuple[bytes, ...]) -> tuple[MediaAddress, Grant | None] | None:
    """What a path names, and the grant in it unless that is not for it; None for what is no address of ours.
    Players come back to the same path hundreds of times, and nothing of this changes but the time, which is
    not asked here."""
    address = parse_media_path(path)
    if address is None:
        return None
    grant = unseal(address.grant, keys=keys, item=address.item)
    if isinstance(grant, GrantRefusal):
        return address, None
    is_picture = address.kind is MediaKind.PICTURE
    # Words belong to the item, not to one version of it, but are not shown in lists as pictures are.
    is_of_version = address.kind is MediaKind.WORDS or grant.version in {0, address.version}
    covers = is_picture or (grant.purpose is Purpose.PLAY and is_of_version)
    return address, grant if covers else None


def _fields(scope: HTTPScope) -> dict[str, str]:
    """The header fields that decide about an answer. Of one that may not be repeated, the first counts."""
    fields: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name = _DECIDING.get(raw_name)
        if name is None:
            continue
        if name not in fields:
            fields[name] = raw_value.decode("latin-1")
        elif name in _LISTS:
            fields[name] += f", {raw_value.decode('latin-1')}"
    return fields


async def _refuse(scope: HTTPScope, send: ASGISendCallable, refusal: Refusal) -> None:
    with translation.override(language_of(scope)):
        detail = str(refusal.detail)
    await send_problem(send, status=refusal.status, code=refusal.code, detail=detail, headers=refusal.fields)


async def _answer(
    found: Found,
    address: MediaAddress,
    fresh_seconds: int,
    watch: Watch,
    scope: HTTPScope,
    receive: ASGIReceiveCallable,
    send: ASGISendCallable,
) -> None:
    """Decides about conditions and ranges, and sends what was decided."""
    method = scope["method"]
    decision = decide(method, _fields(scope), found.representation)
    if decision.status in {412, 416}:
        await _refuse(scope, send, responses.refused_by_condition(decision.status, decision.headers))
        return
    head = responses.media_head(
        decision.status,
        decision.headers,
        extension=address.extension,
        fresh_seconds=None if found.is_growing else fresh_seconds,
    )
    span = decision.spans[0] if decision.spans and method == "GET" else Span(0, 0)
    length = span.stop - span.start
    if length > WHOLE_BYTES:
        await _send_head(send, head, more_body=True)
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            await _send_chunks(found.file, span, gone, watch, send)
        finally:
            gone.cancel()
        return
    body = await found.file.read(span.start, length) if length else b""
    if len(body) < length:
        await _refuse(scope, send, responses.NOT_FOUND)
    else:
        await _send_head(send, head, body)


async def _send_head(send: ASGISendCallable, head: Head, body: bytes = b"", *, more_body: bool = False) -> None:
    """An answer's head and the first, or only, part of its body."""
    fields = list(head.fields)
    await send({"type": "http.response.start", "status": head.status, "headers": fields, "trailers": False})
    if body or not more_body:
        await _send_body(send, body, more_body=more_body)


async def _send_body(send: ASGISendCallable, body: bytes, *, more_body: bool) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more_body})


async def _send_chunks(
    file: Readable, span: Span, gone: asyncio.Future[None], watch: Watch, send: ASGISendCallable
) -> None:
    """Leaves the body unfinished where it cannot or may not go on: the server then closes the connection, and the
    client knows that something is missing."""
    offset = span.start
    while not gone.done():
        if await _is_cut_off(watch):
            return
        chunk = await file.read(offset, min(CHUNK_BYTES, span.stop - offset))
        if not chunk:
            log.error("a media file became shorter while it was sent", offset=offset)
            return
        offset += len(chunk)
        await _send_body(send, chunk, more_body=offset < span.stop)
        if offset >= span.stop:
            return
        # The server waits for the client at the next message, not at this one: an empty one makes it wait
        # before the next chunk is read, which halves what a slow viewer holds.
        await _send_body(send, b"", more_body=True)


async def _is_cut_off(watch: Watch) -> bool:
    """Whether permission ended while the body was on its way. Unknown counts as ended: the player comes back."""
    try:
        return await watch.is_over()
    except DatabaseError as error:
        log.warning("permission could not be asked again", error=str(error))
        return True


async def _until_gone(receive: ASGIReceiveCallable) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


media_application = MediaApplication()
