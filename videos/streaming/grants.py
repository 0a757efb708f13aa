"""Grants: signed, expiring permissions to fetch the bytes of one item. They are part of the address, so that
a television or another player needs no cookie. Pure: keys and the time are given.

A grant is base64url without padding over `payload ‖ HMAC-SHA256(key, payload)`. The payload is: format (1
byte), purpose (1), expiry in Unix seconds (5), version (4, 0 for any), length of the item's id (1), id, kind
of subject (1), subject."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

LONGEST_GRANT = 400
_FORMAT = 1
_HEAD = struct.Struct(">BBBIIB")
_SIGNATURE_BYTES = hashlib.sha256().digest_size
LEAST_LIFE_SECONDS = 6 * 3600
_SHARED_PARTS = 4


class Purpose(IntEnum):
    """What may be fetched: everything of a version, or pictures only."""

    PLAY = 1
    ARTWORK = 2


class SubjectKind(IntEnum):
    """On whose behalf permission is asked again at every use. Session and room membership will join these."""

    PUBLIC = 0
    ACCOUNT = 1


class GrantRefusal(Enum):
    """Why a grant is not accepted."""

    MALFORMED = "malformed"
    FORGED = "forged"
    EXPIRED = "expired"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind and, except for PUBLIC, a public id."""

    kind: SubjectKind
    id: str = ""


PUBLIC = Subject(SubjectKind.PUBLIC)


@dataclass(frozen=True, slots=True)
class Grant:
    """What was signed. `expires_at` is in Unix seconds; `version` 0 means any."""

    item: str
    version: int
    purpose: Purpose
    expires_at: int
    subject: Subject


def sign(grant: Grant, key: bytes) -> str:
    """The grant as a path segment."""
    item, subject = grant.item.encode(), grant.subject.id.encode()
    payload = (
        _HEAD.pack(
            _FORMAT,
            grant.purpose,
            grant.expires_at >> 32,
            grant.expires_at & 0xFFFFFFFF,
            grant.version,
            len(item),
        )
        + item
        + bytes((grant.subject.kind,))
        + subject
    )
    return _encode(payload + hmac.digest(key, payload, hashlib.sha256))


def verify(text: str, *, now: int, keys: Sequence[bytes], item: str) -> Grant | GrantRefusal:
    """Reads a grant that came with a request for `item` at `now` (Unix seconds)."""
    grant = unseal(text, keys=keys, item=item)
    return GrantRefusal.EXPIRED if isinstance(grant, Grant) and grant.expires_at <= now else grant


def unseal(text: str, *, keys: Sequence[bytes], item: str) -> Grant | GrantRefusal:
    """All of verify() but the time, which makes the answer one that may be remembered. The first of `keys`
    signs, the others are those it replaced. Nothing of a grant is believed before its signature is."""
    signed = _decode(text)
    if signed is None or len(signed) < _HEAD.size + 1 + _SIGNATURE_BYTES:
        return GrantRefusal.MALFORMED
    payload, signature = signed[:-_SIGNATURE_BYTES], signed[-_SIGNATURE_BYTES:]
    if not any(hmac.compare_digest(hmac.digest(key, payload, hashlib.sha256), signature) for key in keys):
        return GrantRefusal.FORGED
    grant = _read(payload)
    if grant is None:
        return GrantRefusal.MALFORMED
    if grant.item != item:
        return GrantRefusal.FOREIGN
    return grant


def expiry(*, now: int, life_seconds: int, is_shared: bool) -> int:
    """When a grant that is to live `life_seconds` ends. A shared one ends at the next quarter of its life
    after that, so that everybody who asks within the same quarter gets the same address, and a cache keeps
    one copy."""
    end = now + life_seconds
    if not is_shared:
        return end
    step = max(1, life_seconds // _SHARED_PARTS)
    return -(-end // step) * step


def life_seconds(duration_seconds: float) -> int:
    """How long a grant for a film lives: long enough to watch it with pauses."""
    return max(LEAST_LIFE_SECONDS, int(2 * duration_seconds))


def longest_life_seconds(life_seconds: int) -> int:
    """How long a grant may live that is shared, and ends at the end of a quarter."""
    return life_seconds + max(1, life_seconds // _SHARED_PARTS)


def derive_key(secret: str) -> bytes:
    """The signing key that belongs to a site's secret; no other use of the secret gives the same key."""
    return hmac.digest(secret.encode(), b"matinee.media.grant.v1", hashlib.sha256)


def _read(payload: bytes) -> Grant | None:
    form, purpose, high, low, version, item_length = _HEAD.unpack_from(payload)
    item_end = _HEAD.size + item_length
    if form != _FORMAT or item_end >= len(payload):
        return None
    try:
        subject = Subject(SubjectKind(payload[item_end]), payload[item_end + 1 :].decode())
        item = payload[_HEAD.size : item_end].decode()
        return Grant(item, version, Purpose(purpose), high << 32 | low, subject)
    except ValueError:
        return None


def _encode(signed: bytes) -> str:
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()


def _decode(text: str) -> bytes | None:
    """Only the one spelling that _encode() gives: other spellings of the same bytes would be other
    addresses."""
    if len(text) > LONGEST_GRANT:
        return None
    try:
        signed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return signed if _encode(signed) == text else None
