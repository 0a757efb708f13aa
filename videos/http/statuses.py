"""The HTTP statuses of what can go wrong with an upload: the same that config/errors.py gives, which may not be
imported here; a contract test compares them."""

from __future__ import annotations

from typing import Final

from videos.errors import FileGone, InsufficientStorage, NotPermitted, StorageError, TooLarge, VideoError
from videos.ingest import refusals

# Everything else is a mistake in the request. The first that fits counts.
_STATUS: Final[dict[type[VideoError], int]] = {
    NotPermitted: 403,
    refusals.TooManyUploads: 403,
    refusals.UploadUnknown: 404,
    refusals.ReplacedUnknown: 404,
    refusals.UploadStalled: 408,
    refusals.WrongOffset: 409,
    refusals.UploadExpired: 410,
    refusals.WrongTusVersion: 412,
    TooLarge: 413,
    refusals.QuotaExceeded: 413,
    refusals.UnsupportedForm: 415,
    refusals.UnsupportedPart: 415,
    refusals.UploadLocked: 423,
    refusals.ChecksumMismatch: 460,
    refusals.SiteBusy: 503,
    FileGone: 404,
    InsufficientStorage: 507,
    StorageError: 503,
}


def status_of(error: VideoError) -> int:
    """What to answer."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)
