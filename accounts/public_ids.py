"""Random public identifiers. Primary keys never leave the database; these do."""

from __future__ import annotations

import secrets
import string

ALPHABET = (
    string.ascii_letters + string.digits
)  # no - or _: an id never looks like an option or breaks on a double click
LENGTH = 11  # 62**11 is more than 2**65 ids


def new_public_id() -> str:
    """Eleven letters and digits from the system's random source."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
