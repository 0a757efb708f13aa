"""Status and header fields of media answers, and the refusals. No input or output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Fields = Sequence[tuple[bytes, bytes]]

# By the extension of a name that we gave: the system's tables differ, and browsers must not guess.
CONTENT_TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "mp4": "video/mp4",
    "m4s": "video/mp4",
    "ts": "video/mp2t",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "vtt": "text/vtt; charset=utf-8",
}
_YEAR_SECONDS = 31_536_000
METHODS = b"GET, HEAD, OPTIONS"

# Whoever holds a grant may fetch from anywhere: televisions, other players. Nothing here depends on a cookie.
_OPEN_TO_PLAYERS = (
    (b"access-control-allow-origin", b"*"),
    (b"timing-allow-origin", b"*"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
)
_EXPOSED = (
    b"access-control-expose-headers",
    b"Content-Length, Content-Range, Accept-Ranges, ETag, Last-Modified, Date",
)
_PREFLIGHT = (
    (b"allow", METHODS),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"Range, If-Range, If-None-Match, If-Modified-Since"),
    (b"access-control-max-age", b"86400"),
    *_OPEN_TO_PLAYERS,
)


_ALWAYS = (*_OPEN_TO_PLAYERS, _EXPOSED)
_ALWAYS_WITH_TYPE = {
    extension: (*_ALWAYS, (b"content-type", kind.encode())) for extension, kind in CONTENT_TYPES.items()
}
_WITH_CONTENT = frozenset({HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT})


@dataclass(frozen=True, slots=True)
class Head:
    """Status and header fields of an answer."""

    status: int
    fields: Fields


@dataclass(frozen=True, slots=True)
class Refusal:
    """A problem to be told: status, stable code, a sentence for people, header fields beside those of every
    problem."""

    status: int
    code: str
    detail: StrOrPromise
    fields: Fields = _OPEN_TO_PLAYERS


def media_head(status: int, fields: Iterable[tuple[str, str]], *, extension: str, fresh_seconds: int | None) -> Head:
    """The head of an answer about a media file: `fields` as decided for this request, and those that are
    always there. The file never changes under its address, so what came once is fresh as long as the grant in
    that address lives; None for a playlist that grows."""
    fresh = b"private, no-cache"
    if fresh_seconds is not None:
        fresh = b"private, max-age=%d, immutable" % max(0, min(fresh_seconds, _YEAR_SECONDS))
    told = [(name.encode(), value.encode("latin-1")) for name, value in fields]
    always = _ALWAYS_WITH_TYPE[extension] if status in _WITH_CONTENT else _ALWAYS
    return Head(status, [*told, (b"cache-control", fresh), *always])


def redirect(location: str) -> Head:
    """To the bucket. Not to be kept: the address dies within a minute."""
    fields = [
        (b"location", location.encode("ascii")),
        (b"cache-control", b"private, no-store"),
        (b"content-length", b"0"),
        *_OPEN_TO_PLAYERS,
    ]
    return Head(HTTPStatus.FOUND, fields)


def refused_by_condition(status: int, fields: Iterable[tuple[str, str]]) -> Refusal:
    """412 and 416."""
    code, detail = _CONDITIONS[HTTPStatus(status)]
    extra = ((name.encode(), value.encode("latin-1")) for name, value in fields)
    return Refusal(status, code, detail, (*_OPEN_TO_PLAYERS, _EXPOSED, *extra))


def unavailable(code: str) -> Refusal:
    """The database or the storage does not answer; a player tries again."""
    busy = _("The site is busy. Please try again in a moment.")
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, code, busy, (*_OPEN_TO_PLAYERS, (b"retry-after", b"2")))


PREFLIGHT = Head(HTTPStatus.NO_CONTENT, _PREFLIGHT)
# For what is not there, and for what was never an address of ours, alike.
NOT_FOUND = Refusal(HTTPStatus.NOT_FOUND, "not_found", _("There is nothing here, or it is not for you."))
METHOD_NOT_ALLOWED = Refusal(
    HTTPStatus.METHOD_NOT_ALLOWED,
    "method_not_allowed",
    _("This address can only be read."),
    (*_OPEN_TO_PLAYERS, (b"allow", METHODS)),
)
GRANT_EXPIRED = Refusal(
    HTTPStatus.FORBIDDEN, "grant_expired", _("This address has expired. Ask for a new one and go on.")
)
GRANT_INVALID = Refusal(HTTPStatus.FORBIDDEN, "grant_invalid", _("This address was not given out by this site."))
NOT_PERMITTED = Refusal(HTTPStatus.FORBIDDEN, "not_permitted", _("This video may not be watched any more."))
_CONDITIONS = {
    HTTPStatus.PRECONDITION_FAILED: ("precondition_failed", _("The file is not the one you asked for.")),
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: ("range_not_satisfiable", _("The file ends before that.")),
}
