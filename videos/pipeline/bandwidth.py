"""Bit rates of a sequence of segments as HLS wants them told (RFC 8216 §4.1, §4.3.4.2). Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

Weighed = tuple[int, Fraction]  # bytes and seconds of one segment


def in_ticks(durations: Sequence[Fraction]) -> tuple[list[int], int]:
    """Exact whole ticks of a clock that fits them all, and its ticks a second, an even number: a long film has
    thousands of segments, and sums of fractions are slow."""
    scale = math.lcm(2, *{duration.denominator for duration in durations})
    return [duration.numerator * (scale // duration.denominator) for duration in durations], scale


def total(durations: Sequence[Fraction]) -> Fraction:
    """Their exact sum."""
    ticks, scale = in_ticks(durations)
    return Fraction(sum(ticks), scale)


def target_duration(durations: Sequence[Fraction]) -> int:
    """EXT-X-TARGETDURATION: no duration, rounded to whole seconds, is above it."""
    return max(1, math.floor(max(durations) + Fraction(1, 2)))


def average_bps(segments: Sequence[Weighed]) -> int:
    """All bits over all seconds, rounded up."""
    return math.ceil(8 * sum(size for size, _ in segments) / total([duration for _, duration in segments]))


def peak_bps(segments: Sequence[Weighed]) -> int:
    """The largest bit rate of any run of segments that lasts 0.5 to 1.5 target durations, rounded up; the
    average where no run does (a film of one short segment)."""
    sizes = [size for size, _ in segments]
    durations = [duration for _, duration in segments]
    lengths, scale = in_ticks(durations)
    target = target_duration(durations) * scale
    least, most = target // 2, 3 * target // 2
    peak = 0
    for first in range(len(segments)):
        size = ticks = 0
        for index in range(first, len(segments)):
            size, ticks = size + sizes[index], ticks + lengths[index]
            if ticks > most:
                break
            if ticks >= least:
                peak = max(peak, -(-8 * size * scale // ticks))
    return peak or average_bps(segments)
