"""Who may send something, and how one who may not is told: before a byte of the body is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeVar, cast  # identify takes a scope as a dict of mixed values

from asgiref.sync import ThreadSensitiveContext
from asgiref.typing import ASGISendCallable, HTTPScope
from channels.db import database_sync_to_async

from accounts.asgi_identity import Identity, identify
from accounts.models import User
from videos.errors import VideoError
from videos.http.lingering import CLOSE, BodyReader, lingering
from videos.http.problems import send_problem
from videos.http.statuses import status_of

T = TypeVar("T")


class NotAdmitted(Exception):
    """Nobody is signed in who may upload."""

    def __init__(self, identity: Identity) -> None:
        self.status, self.code, self.detail = identity.status, identity.refusal or "", identity.detail
        super().__init__(self.code)


async def admit(scope: HTTPScope) -> User:
    """Who asks. Raises NotAdmitted where nobody is signed in."""
    identity = await identify(cast("dict[str, Any]", scope))
    if identity.user is None:
        raise NotAdmitted(identity)
    return identity.user


async def in_database(ask: Callable[[], T]) -> T:
    """Calls a service in a thread of its own, as Django gives each request one."""
    async with ThreadSensitiveContext():
        answer: T = await database_sync_to_async(ask)()
        return answer


async def refuse(
    body: BodyReader,
    send: ASGISendCallable,
    error: NotAdmitted | VideoError,
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Tells why, and gives the answer time to arrive."""
    if isinstance(error, NotAdmitted):
        status, detail, extra = error.status, error.detail, None
    else:
        status, detail, extra = status_of(error), str(error.message), error.extra
    challenge = [(b"www-authenticate", b"Bearer")] if status == HTTPStatus.UNAUTHORIZED else []
    await send_problem(
        lingering(send, body),
        status=status,
        code=error.code,
        detail=detail,
        headers=[CLOSE, *challenge, *headers],
        extra=extra,
    )
