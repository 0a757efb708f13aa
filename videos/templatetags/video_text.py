"""How pages write numbers and times of films. Pure: value in, text in the reader's language out."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime

from django import template
from django.utils.formats import number_format
from django.utils.timesince import timesince
from django.utils.translation import get_language, gettext, ngettext

from videos.catalogue import lengths
from videos.reasons import sentence

register = template.Library()

HUES = 8
SECONDS_MATTER_BELOW = 600
STEPS = ((1_000_000_000, "bn"), (1_000_000, "m"), (1_000, "k"))
CHINESE_STEPS = ((100_000_000, "亿"), (10_000, "万"))


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


register.filter("duration", lengths.clock_text)
register.filter("bytes_text", lengths.bytes_text)


@register.filter
def duration_words(seconds: float | None) -> str:
    """In words and as exact as anybody cares: "1 hour 2 minutes", "42 minutes", "4 minutes 10 seconds"."""
    if seconds is None:
        return ""
    whole = lengths.whole_seconds(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours})
    if minutes:
        parts.append(ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes})
    if whole < SECONDS_MATTER_BELOW and (rest or not parts):
        parts.append(ngettext("%(count)d second", "%(count)d seconds", rest) % {"count": rest})
    return ("" if _is_chinese() else " ").join(parts)


def _shortened(number: float, unit: str) -> str:
    """At most one decimal, cut and not rounded up: 9,999 is never told as 10k."""
    tenths = int(number * 10)
    return number_format(tenths / 10, decimal_pos=0 if tenths % 10 == 0 or number >= 100 else 1) + unit


@register.filter
def compact_count(number: int) -> str:
    """41208 as "41.2k"; in Chinese by ten thousands, as "4.1万"."""
    for size, unit in CHINESE_STEPS if _is_chinese() else STEPS:
        if number >= size:
            return _shortened(number / size, unit)
    return str(number)


@register.filter
def views(count: int) -> str:
    """ "1 view", "41.2k views"."""
    return ngettext("%(count)s view", "%(count)s views", count) % {"count": compact_count(count)}


@register.filter
def views_exact(count: int) -> str:
    """ "41,208 views"."""
    shown = f"{count:,}"  # as the page's script writes it in both languages; Django's Chinese format groups nothing
    return ngettext("%(count)s view", "%(count)s views", count) % {"count": shown}


@register.filter
def ago(moment: datetime | None) -> str:
    """The largest unit only: "3 days ago", "just now"."""
    if moment is None:
        return ""
    if (datetime.now(UTC) - moment).total_seconds() < 60:
        return gettext("just now")
    return gettext("%(time)s ago") % {"time": timesince(moment, depth=1)}


@register.filter
def hue(public_id: str) -> int:
    """One of the eight calm grounds behind a person's first letter; the same for ever."""
    return zlib.crc32(str(public_id).encode()) % HUES


@register.filter
def failure_reason(code: str) -> str:
    """The sentence for a failure code of an item."""
    return sentence(code)
