"""The capability to report for one playback session: signed, so that nobody reports for another's."""

from __future__ import annotations

from django.core import signing

from analytics.errors import SessionEnded, SessionInvalid

SESSION_SECONDS = 24 * 3600  # afterwards a player opens a new session
_SALT = "analytics.playback-session"


def token_for(public_id: str) -> str:
    """An opaque, URL-safe token for the session with this public id."""
    return signing.TimestampSigner(salt=_SALT).sign(public_id)


def session_id_in(token: str) -> str:
    """The public id of the token's session. Raises SessionEnded for an old one, SessionInvalid for a foreign
    one."""
    try:
        return signing.TimestampSigner(salt=_SALT).unsign(token, max_age=SESSION_SECONDS)
    except signing.SignatureExpired as expired:
        raise SessionEnded("older than a day") from expired
    except signing.BadSignature as forged:
        raise SessionInvalid from forged
