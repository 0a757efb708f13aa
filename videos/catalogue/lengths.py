"""How long a film is, as people read it: the same for cards, pages and the admin. Pure."""

from __future__ import annotations

import math


def whole_seconds(seconds: float) -> int:
    """Seconds that have passed, after rounding to the hundredth: as static/js/lib/clock.js and the player's clock do,
    so that a card and the player tell the same length."""
    return max(0, math.floor(math.floor(seconds * 100 + 0.5) / 100))


def clock_text(seconds: float | None) -> str:
    """`m:ss`, or `h:mm:ss` from one hour on; empty while nobody knows."""
    if seconds is None:
        return ""
    minutes, rest = divmod(whole_seconds(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
