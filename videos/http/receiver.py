"""The upload receiver: an ASGI application before Django, whose own handler would read a whole film before
any view runs.

It refuses before reading a byte where it can, streams the film to the disk, and then gives Django the same
request with the form's text fields as JSON and `scope["matinee.received"]`, a ReceivedFile. docs/uploads.md.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any, Final, cast  # identify and Django take a scope as a dict of mixed values

import structlog
from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    HTTPRequestEvent,
    HTTPScope,
    Scope,
)
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from multipart import parse_options_header

from accounts.asgi_identity import Identity, identify, language_of
from accounts.models import User
from videos.errors import InsufficientStorage, StorageError, TooLarge, VideoError
from videos.http.background_writer import BackgroundWriter
from videos.http.lingering import CLOSE, BodyReader, ClientGone, lingering
from videos.http.multipart_stream import OVERHEAD_BYTES_LIMIT, FormStream
from videos.http.problems import header_of, send_problem
from videos.ingest import space
from videos.ingest.files import ReceivedFile
from videos.ingest.incoming import IncomingFile

logger = structlog.get_logger(__name__)

FORM_PATH: Final = "/api/videos/"
RECEIVED: Final = "matinee.received"
IDLE_SECONDS: Final = 60.0  # a client that sends nothing for so long has gone without saying so
_OF_THE_BODY: Final = frozenset(
    {b"content-type", b"content-length", b"transfer-encoding", b"content-encoding", b"expect", b"trailer"}
)


class UnsupportedForm(VideoError):
    """Something else than an upload form."""

    code = "unsupported_media_type"
    message = _("Send the film as multipart/form-data.")


class UploadStalled(VideoError):
    """Nothing came any more."""

    code = "upload_stalled"
    message = _("Nothing more of the film arrived. Please try again.")
    retryable = True


# Everything else that can go wrong here is a mistake in the request.
_STATUS: Final[dict[type[VideoError], int]] = {
    TooLarge: 413,
    UnsupportedForm: 415,
    UploadStalled: 408,
    InsufficientStorage: 507,
    StorageError: 503,
}


class NotAdmitted(Exception):
    """Nobody is signed in who may upload."""

    def __init__(self, identity: Identity) -> None:
        self.status, self.code, self.detail = identity.status, identity.refusal or "", identity.detail
        super().__init__(self.code)


def receives(scope: Scope) -> bool:
    """Whether this application answers the request instead of Django."""
    return scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == FORM_PATH


async def upload_application(
    scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable, application: ASGI3Application
) -> None:
    """Receives one upload and hands the rest to `application`, which is Django."""
    assert scope["type"] == "http"
    body = BodyReader(receive, idle_seconds=IDLE_SECONDS)
    # Bound to this logger, not to the context: uvicorn's readers carry a request's context on to the next
    # request of the connection, which behind a proxy is somebody else's.
    log = logger
    with override(language_of(scope)):
        try:
            log = logger.bind(user=(await _admit(scope)).public_id)
            form = FormStream(_boundary_of(scope))
            await asyncio.to_thread(space.refuse_early, _declared_file_bytes(scope))
            writer = BackgroundWriter(file := await asyncio.to_thread(IncomingFile))
            try:
                await _stream(body, form, writer)
                log.info("upload received", bytes=file.bytes)
                received = ReceivedFile(file.path, form.filename or "", file.bytes)
                await _hand_over(scope, send, application, received=received, fields=form.fields)
            finally:
                await writer.discard()  # once accepted, the film has left the folder
        except ClientGone:
            log.info("upload broke off")
        except NotAdmitted as error:
            await _refuse(body, send, status=error.status, code=error.code, detail=error.detail)
        except VideoError as error:
            status = status_of(error)
            log.info("upload refused", status=status, code=error.code, detail=error.detail)
            await _refuse(body, send, status=status, code=error.code, detail=str(error.message))


async def _admit(scope: HTTPScope) -> User:
    """Who asks. Raises NotAdmitted where nobody is signed in."""
    identity = await identify(cast("dict[str, Any]", scope))
    if identity.user is None:
        raise NotAdmitted(identity)
    return identity.user


def _boundary_of(scope: HTTPScope) -> str:
    """Raises UnsupportedForm where the body is no upload form."""
    kind, options = parse_options_header(header_of(scope, b"content-type"))
    encoding = header_of(scope, b"content-encoding")
    if kind != "multipart/form-data" or encoding not in {"", "identity"}:
        raise UnsupportedForm(f"content type {kind!r}, encoding {encoding!r}")
    boundary: str = options.get("boundary", "")
    return boundary


def _declared_file_bytes(scope: HTTPScope) -> int | None:
    """The least that the film has, by the declared length of the body; None where it is not declared."""
    declared = header_of(scope, b"content-length")
    return max(0, int(declared) - OVERHEAD_BYTES_LIMIT) if declared.isdecimal() else None


async def _stream(body: BodyReader, form: FormStream, writer: BackgroundWriter) -> None:
    """Raises what reading the form, or writing the film, raises; ClientGone; UploadStalled."""
    while not body.has_ended:
        try:
            chunk = await body.next()
        except TimeoutError as error:
            raise UploadStalled from error
        for piece in form.feed(chunk):
            await writer.write(piece)
    form.finish()
    await writer.finish()


async def _hand_over(
    scope: HTTPScope,
    send: ASGISendCallable,
    application: ASGI3Application,
    *,
    received: ReceivedFile,
    fields: dict[str, str],
) -> None:
    """Lets Django answer. It sees the sender's own headers, but a small JSON body; and it is not told when
    the sender leaves: what has arrived whole is taken in."""
    content = json.dumps(fields, ensure_ascii=False).encode()
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in _OF_THE_BODY]
    headers += [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    whole_body: list[HTTPRequestEvent] = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive_fields() -> ASGIReceiveEvent:
        if whole_body:
            return whole_body.pop()
        never: asyncio.Future[ASGIReceiveEvent] = asyncio.get_running_loop().create_future()
        return await never  # Django listens for a disconnect beside its view

    handed_over = cast("HTTPScope", {**scope, "headers": headers, RECEIVED: received})
    await application(handed_over, receive_fields, send)


def status_of(error: VideoError) -> int:
    """The status that config/errors.py gives the same error; a contract test compares them."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)


async def _refuse(body: BodyReader, send: ASGISendCallable, *, status: int, code: str, detail: str) -> None:
    """Tells why, and gives the answer time to arrive."""
    challenge = [(b"www-authenticate", b"Bearer")] if status == HTTPStatus.UNAUTHORIZED else []
    await send_problem(lingering(send, body), status=status, code=code, detail=detail, headers=[CLOSE, *challenge])
