"""Removing what no row names any more. What the storage does not let go now is logged, and found by the sweep."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from videos.errors import StorageError
from videos.storage import media

log = structlog.get_logger(__name__)


def discard_file(name: str) -> None:
    """Never raises StorageError."""
    _discard(name, media.delete_file)


def discard_folder(name: str) -> None:
    """With all in it. Never raises StorageError."""
    _discard(name, media.delete_folder)


def discard_item(public_id: str) -> None:
    """Every file of an item. Never raises StorageError."""
    _discard(public_id, media.delete_item)


def _discard(name: str, delete: Callable[[str], None]) -> None:
    try:
        delete(name)
    except StorageError as error:
        log.warning("what nobody needs any more is still there", name=name, error=str(error))
