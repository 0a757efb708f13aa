"""Bit rates of a sequence of segments as HLS wants them told (RFC 8216 §4.1, §4.3.4.2). Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

Weighed = tuple[int, Fraction]  # bytes and seconds of one segment


def target_duration(durations: Sequence[Fraction]) -> int:
    """EXT-X-TARGETDURATION: no duration, rounded to whole seconds, is above it."""
    return max(1, math.floor(max(durations) + Fraction(1, 2)))


def average_bps(segments: Sequence[Weighed]) -> int:
    """All bits over all seconds, rounded up."""
    seconds = sum((duration for _, duration in segments), Fraction(0))
    return math.ceil(Fraction(8 * sum(size for size, _ in segments)) / seconds)


def peak_bps(segments: Sequence[Weighed]) -> int:
    """The largest bit rate of any run of segments that lasts 0.5 to 1.5 target durations, rounded up; the
    average where no run does (a film of one short segment)."""
    target = target_duration([duration for _, duration in segments])
    least, most = Fraction(target, 2), Fraction(3 * target, 2)
    peak = Fraction(0)
    for first in range(len(segments)):
        size, seconds = 0, Fraction(0)
        for weight, duration in segments[first:]:
            size, seconds = size + weight, seconds + duration
            if seconds > most:
                break
            if seconds >= least:
                peak = max(peak, 8 * size / seconds)
    return math.ceil(peak) or average_bps(segments)
