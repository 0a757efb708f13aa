"""How long and how large a film is, as people read it: the same for cards, pages and the admin. Pure."""

from __future__ import annotations

import math
from typing import Final

_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


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


def bytes_text(size: int | None) -> str:
    """Decimal units, three figures: "734 MB", "1.52 GB"; as static/js/lib/clock.js. Empty while nobody knows."""
    if size is None:
        return ""
    value, unit = float(max(0, size)), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    digits = 0 if unit == 0 or value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:.{digits}f} {_UNITS[unit]}"
