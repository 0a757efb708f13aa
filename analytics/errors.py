"""What can go wrong while playback is measured. config/errors.py turns these into HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class AnalyticsError(Exception):
    """Base: a stable `code`, a sentence for the person, and detail for the operator."""

    code: ClassVar[str] = "analytics_error"
    message: StrOrPromise = _("That did not work.")
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail


class SessionInvalid(AnalyticsError):
    """The token was not made here."""

    code = "session_invalid"
    message = _("This playback session is not known here.")


class SessionEnded(AnalyticsError):
    """The session is too old, or its video is gone; the player opens a new one."""

    code = "session_ended"
    message = _("This playback session has ended. Start the video again to open a new one.")


class TooManyBeats(AnalyticsError):
    """More heartbeats than any player sends."""

    code = "too_many_requests"
    message = _("This playback session reports too often.")
    retryable = True
    retry_after_seconds = 5


class MessageTooLong(AnalyticsError):
    """The body is longer than any player's report."""

    code = "too_large"
    message = _("This message is longer than a report of playback can be.")
