"""Whether there is room for what somebody wants to send, asked before the first byte and again while it
comes."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from videos import storage
from videos.errors import InsufficientStorage, TooLarge


def refuse_too_large(file_bytes: int) -> None:
    """Raises TooLarge where a file of at least `file_bytes` is more than this site takes."""
    if settings.UPLOAD_MAX_BYTES and file_bytes > settings.UPLOAD_MAX_BYTES:
        raise TooLarge(f"{file_bytes} bytes, the limit is {settings.UPLOAD_MAX_BYTES}")


def refuse_early(declared_bytes: int | None) -> None:
    """Before a byte was read: the site's limit, and room for the whole file beside the reserve that the
    operator keeps. None: the client does not say how much comes.

    Raises:
        TooLarge, InsufficientStorage.
    """
    refuse_too_large(declared_bytes or 0)
    needed = (declared_bytes or 0) + settings.DISK_RESERVE_BYTES
    free = storage.free_bytes(Path(settings.INCOMING_DIR))
    if free < needed:
        raise InsufficientStorage(f"{free} bytes free, {needed} needed with the reserve")


def refuse_growth(received_bytes: int) -> None:
    """While bytes come: the limit again, and the reserve, which others may be eating into as well.

    Raises:
        TooLarge, InsufficientStorage.
    """
    refuse_too_large(received_bytes)
    refuse_early(None)
