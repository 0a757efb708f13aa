"""Resumable uploads before Django: the fields that every answer of the tus protocol has, and the two requests that
bring bytes (PATCH, and POST with a first part). They are streamed to the disk under the upload's lock; then Django
answers the same request without its body, with `scope["matinee.part"]`, a ReceivedPart. A PATCH of JSON, which changes
an upload's words, is no request of the protocol and Django's alone. docs/uploads.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

import structlog
from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    HTTPResponseStartEvent,
    HTTPScope,
    Scope,
)
from django.db import OperationalError
from django.utils.translation import override

from accounts.asgi_identity import language_of
from accounts.models import User
from videos.errors import StorageError, VideoError
from videos.http.admission import NotAdmitted, admit, in_database, refuse
from videos.http.hand_over import hand_over
from videos.http.lingering import BodyReader, ClientGone
from videos.http.part_stream import held_part, receive_part
from videos.http.problems import header_of
from videos.ingest import tus, uploads
from videos.ingest.refusals import (
    ChecksumMismatch,
    PartTooLong,
    SiteBusy,
    UnsupportedPart,
    WrongOffset,
    WrongTusVersion,
)
from videos.models import Upload

logger = structlog.get_logger(__name__)

PATH: Final = "/api/uploads/"
IDLE_SECONDS: Final = 60.0
_EXPOSED: Final = (
    "Location, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, Upload-Offset, "
    "Upload-Length, Upload-Expires, Upload-Metadata, Matinee-Video, Matinee-Part-Bytes"
)
_ONE: Final = re.compile(re.escape(PATH) + r"([-\w]+)/", re.ASCII)
# Other sites' pages may use this with a token of their own; no cookie goes with a request that `*` allows.
_EVERY_ANSWER: Final = [
    (b"tus-resumable", tus.VERSION.encode()),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", _EXPOSED.encode()),
]


def is_about_uploads(scope: Scope) -> bool:
    """Whether this application answers the request, or at least completes Django's answer."""
    return scope["type"] == "http" and scope["path"].startswith(PATH)


@dataclass(frozen=True, slots=True)
class PartRequest:
    """What the fields of a request say about the bytes that follow."""

    offset: int
    declared_bytes: int | None
    checksum: tus.Checksum | None

    @classmethod
    def read(cls, scope: HTTPScope, *, is_first: bool) -> PartRequest:
        """Raises UnsupportedPart, MalformedUpload."""
        kind, encoding = header_of(scope, b"content-type"), header_of(scope, b"content-encoding")
        if kind != tus.PART_TYPE or encoding not in {"", "identity"}:
            raise UnsupportedPart(f"content type {kind!r}, encoding {encoding!r}")
        declared = header_of(scope, b"content-length")
        return cls(
            offset=0 if is_first else tus.number("Upload-Offset", header_of(scope, b"upload-offset")),
            declared_bytes=tus.number("Content-Length", declared) if declared else None,
            checksum=tus.checksum(header_of(scope, b"upload-checksum")),
        )


async def resumable_application(
    scope: Scope,
    receive: ASGIReceiveCallable,
    send: ASGISendCallable,
    *,
    django: ASGI3Application,
    capped_django: ASGI3Application,
) -> None:
    """Answers one request below `/api/uploads/`. `django` is given requests without their bodies."""
    assert scope["type"] == "http"
    send = _completing(send)
    if scope["method"] == "POST" and (meant := header_of(scope, b"x-http-method-override")) in {"PATCH", "DELETE"}:
        scope = cast("HTTPScope", {**scope, "method": meant})
    method, one = scope["method"], _ONE.fullmatch(scope["path"])
    with override(language_of(scope)):
        if method == "PATCH" and _is_json(scope):
            await capped_django(scope, receive, send)
        elif method not in {"GET", "OPTIONS"} and header_of(scope, b"tus-resumable") != tus.VERSION:
            versions = [(b"tus-version", tus.VERSION.encode())]
            body = BodyReader(receive, idle_seconds=IDLE_SECONDS)
            await refuse(body, send, WrongTusVersion(header_of(scope, b"tus-resumable")), headers=versions)
        elif method == "PATCH" and one:
            await _receive(scope, receive, send, django, public_id=one[1])
        elif method == "POST" and scope["path"] == PATH and header_of(scope, b"content-type") == tus.PART_TYPE:
            await _receive(scope, receive, send, django, public_id=None)
        else:
            await capped_django(scope, receive, send)


async def _receive(
    scope: HTTPScope,
    receive: ASGIReceiveCallable,
    send: ASGISendCallable,
    django: ASGI3Application,
    *,
    public_id: str | None,
) -> None:
    """One part; `public_id` None: the first of an upload that this very request announces."""
    body = BodyReader(receive, idle_seconds=IDLE_SECONDS)
    log = logger
    headers: list[tuple[bytes, bytes]] = []
    try:
        user = await admit(scope)
        log = logger.bind(user=user.public_id, upload=public_id)
        request = PartRequest.read(scope, is_first=public_id is None)
        if public_id is None:
            upload = await _announce(scope, user)
            headers.append((b"location", f"{PATH}{upload.public_id}/".encode()))
        else:
            upload = await in_database(lambda: uploads.upload_of(user, public_id))
        async with held_part(upload) as (held, lock):
            try:
                if request.offset != held.offset:
                    raise WrongOffset(sent=request.offset, offset=held.offset)
                offset = await receive_part(
                    body, lock, held, declared_bytes=request.declared_bytes, checksum=request.checksum
                )
            except (ChecksumMismatch, PartTooLong):
                if public_id is None:  # whoever sent this will announce it again
                    await in_database(lambda: uploads.terminate(held.upload))
                    headers.clear()
                raise
            log.info("a part was received", offset=offset, total=held.upload.bytes)
            part = uploads.ReceivedPart(held.upload, offset)
            await hand_over(scope, send, django, received={part.SCOPE_KEY: part})
    except ClientGone:
        log.info("a part broke off")
    except WrongOffset as error:
        headers.append((b"upload-offset", str(error.offset).encode()))
        await refuse(body, send, error, headers=headers)
    except OperationalError as error:
        log.warning("the database did not answer", error=str(error))
        await refuse(body, send, SiteBusy(), headers=headers)
    except (NotAdmitted, VideoError) as error:
        level = log.warning if isinstance(error, StorageError) else log.info
        level("a part was refused", code=error.code, detail=error.detail)
        await refuse(body, send, error, headers=headers)


def _is_json(scope: HTTPScope) -> bool:
    kind, _semicolon, _charset = header_of(scope, b"content-type").partition(";")
    return kind.strip().lower() == "application/json"


async def _announce(scope: HTTPScope, user: User) -> Upload:
    total_bytes = tus.number("Upload-Length", header_of(scope, b"upload-length"))
    metadata = header_of(scope, b"upload-metadata")
    return await in_database(lambda: uploads.create_upload(owner=user, total_bytes=total_bytes, metadata=metadata))


def _completing(send: ASGISendCallable) -> ASGISendCallable:
    """`send`, with the fields that every answer has."""

    async def send_completed(event: ASGISendEvent) -> None:
        if event["type"] == "http.response.start":
            headers: Iterable[tuple[bytes, bytes]] = [*event["headers"], *_EVERY_ANSWER]
            event = cast("HTTPResponseStartEvent", {**event, "headers": headers})
        await send(event)

    return send_completed
