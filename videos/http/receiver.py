"""The upload receiver: an ASGI application before Django, whose own handler would read a whole film before
any view runs.

It refuses before reading a byte where it can, streams the film to the disk, and then gives Django the same
request with the form's text fields as JSON and `scope["matinee.received"]`, a ReceivedFile. docs/uploads.md.
"""

from __future__ import annotations

import asyncio
import json
from typing import Final

import structlog
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope
from django.db import OperationalError
from django.utils.translation import override
from multipart import parse_options_header

from accounts.asgi_identity import language_of
from videos.errors import VideoError
from videos.http.admission import NotAdmitted, admit, in_database, refuse
from videos.http.background_writer import BackgroundWriter
from videos.http.hand_over import hand_over
from videos.http.lingering import BodyReader, ClientGone
from videos.http.multipart_stream import OVERHEAD_BYTES_LIMIT, FormStream
from videos.http.problems import header_of
from videos.ingest import quota, space
from videos.ingest.files import ReceivedFile
from videos.ingest.incoming import IncomingFile
from videos.ingest.refusals import SiteBusy, UnsupportedForm, UploadStalled

logger = structlog.get_logger(__name__)

FORM_PATH: Final = "/api/videos/"
IDLE_SECONDS: Final = 60.0  # a client that sends nothing for so long has gone without saying so


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
            user = await admit(scope)
            log = logger.bind(user=user.public_id)
            form = FormStream(_boundary_of(scope))
            declared_bytes = _declared_file_bytes(scope)
            await asyncio.to_thread(space.refuse_early, declared_bytes)
            allowance = await in_database(lambda: quota.Allowance.of(user))
            allowance.refuse_beyond(declared_bytes or 0)
            writer = BackgroundWriter(file := await asyncio.to_thread(IncomingFile, allowance.refuse_beyond))
            try:
                await _stream(body, form, writer)
                log.info("upload received", bytes=file.bytes)
                received = ReceivedFile(file.path, form.filename or "", file.bytes)
                words = json.dumps(form.fields, ensure_ascii=False).encode()
                await hand_over(scope, send, application, received={ReceivedFile.SCOPE_KEY: received}, content=words)
            finally:
                await writer.discard()  # once accepted, the film has left the folder
        except ClientGone:
            log.info("upload broke off")
        except OperationalError as error:
            log.warning("the database did not answer", error=str(error))
            await refuse(body, send, SiteBusy())
        except NotAdmitted as error:
            await refuse(body, send, error)
        except VideoError as error:
            log.info("upload refused", code=error.code, detail=error.detail)
            await refuse(body, send, error)


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
