"""Small JSON bodies, read to a bound; `navigator.sendBeacon` sends its strings as text/plain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any  # JSON is what it is until a serializer has seen it

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from analytics.errors import MessageTooLong

LIMIT_BYTES = 16_384


def _no_constant(_name: str) -> float:
    """NaN and Infinity are no JSON."""
    raise ValueError


class ShortJSONParser(BaseParser):
    """JSON of at most LIMIT_BYTES, whatever the request's headers say about its length."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(LIMIT_BYTES + 1)
        if len(body) > LIMIT_BYTES:
            raise MessageTooLong
        try:
            return json.loads(body, parse_constant=_no_constant)
        except (ValueError, RecursionError) as broken:
            raise ParseError(_("The body is no JSON.")) from broken


class BeaconParser(ShortJSONParser):
    """The same, named text/plain so that a page which is being left may send it without asking first."""

    media_type = "text/plain"
