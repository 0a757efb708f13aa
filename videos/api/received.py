"""What the receivers before Django have put into a request's scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar  # an ASGI scope holds mixed values

from rest_framework.request import Request

from videos.ingest.files import ReceivedFile
from videos.ingest.uploads import ReceivedPart

Received = TypeVar("Received", ReceivedFile, ReceivedPart)


def received(request: Request, kind: type[Received]) -> Received | None:
    """The file or the part that came with the request; None where none did."""
    # DRF offers no other way to the request it wraps.
    scope: Mapping[str, Any] = getattr(request._request, "scope", {})  # noqa: SLF001
    found = scope.get(kind.SCOPE_KEY)
    return found if isinstance(found, kind) else None
