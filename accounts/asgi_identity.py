"""Who is asking, known from an ASGI scope alone: before a byte of the body is read and before Django runs.

Uses Django's sessions and the API's own authenticators, so that it can never disagree with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any  # an ASGI scope is a dict of mixed values

from asgiref.sync import ThreadSensitiveContext
from channels.db import database_sync_to_async
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.utils import translation
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.views import APIView

from accounts.models import User

if TYPE_CHECKING:
    from collections.abc import Mapping

# The body belongs to whoever reads it later: without these headers the request is complete and has an empty body.
_BODY_HEADERS = frozenset({b"content-type", b"content-length", b"transfer-encoding"})


@dataclass(frozen=True)
class Identity:
    """Either a signed-in user, or why there is none: a stable code, its HTTP status and a sentence for the person."""

    user: User | None
    refusal: str | None = None
    status: int = 200
    detail: str = ""


async def identify(scope: dict[str, Any]) -> Identity:
    """The signed-in user of an HTTP scope, by Bearer token or by session cookie.

    Refusals: `not_authenticated` 401 (neither), `authentication_failed` 401 (unknown or expired token), `csrf_failed`
    403 (session cookie on a writing method without a right X-CSRFToken header, or from a foreign Origin). The token
    has to come in the header: a form field would be in the body.
    """
    async with ThreadSensitiveContext():  # a thread of its own, as Django gives each request
        found: Identity = await database_sync_to_async(_identify)(scope)
        return found


def language_of(scope: Mapping[str, Any]) -> str:
    """The language that Django's pages have for whoever sent this: by its cookie, else by what the browser asks for."""
    fields = dict(reversed(list(scope["headers"])))  # of a field that came twice, the first counts
    request = HttpRequest()
    request.COOKIES = parse_cookie(fields.get(b"cookie", b"").decode("latin-1"))
    request.META["HTTP_ACCEPT_LANGUAGE"] = fields.get(b"accept-language", b"").decode("latin-1")
    return translation.get_language_from_request(request)


def _no_response(_request: HttpRequest) -> HttpResponse:
    """Middleware wants something to call; only its request side is used here."""
    return HttpResponse()


def _identify(scope: dict[str, Any]) -> Identity:
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in _BODY_HEADERS]
    # The query says nothing about identity, and its bytes need not be text.
    request = ASGIRequest({**scope, "headers": headers, "query_string": b""}, BytesIO())
    SessionMiddleware(_no_response).process_request(request)
    AuthenticationMiddleware(_no_response).process_request(request)
    with translation.override(translation.get_language_from_request(request)):
        asked = APIView().initialize_request(request)
        try:
            if not asked.user.is_authenticated:
                raise NotAuthenticated
        except APIException as error:
            return Identity(
                user=None, refusal=str(error.get_codes()), status=error.status_code, detail=str(error.detail)
            )
    return Identity(user=asked.user)
