"""The one constant frame rate of all renditions of a source. Pure."""

from __future__ import annotations

import math
from fractions import Fraction

from videos.pipeline.facts import VideoFacts

_USUAL_RATES = tuple(
    Fraction(rate)
    for rate in (
        "10", "12", "25/2", "15", "20", "24000/1001", "24", "25", "30000/1001", "30", "48", "50",
        "60000/1001", "60",
    )
)  # fmt: skip
_SAME_RATE = Fraction(5, 1000)
_ABOUT_THE_SAME_RATE = Fraction(2, 100)  # measured from the gaps of a variable rate
_LEAST_RATE = 5
_MOST_DENOMINATOR = 1001


def output_frame_rate(video: VideoFacts, *, most: int = 60) -> Fraction:
    """A constant rate that keeps the source's motion: its own (exact, as 30000/1001) up to `most`; a whole
    part of it above; for a variable rate the usual one that reaches its densest frames."""
    rate = video.peak_frame_rate if video.is_variable_rate else video.frame_rate
    tolerance = _ABOUT_THE_SAME_RATE if video.is_variable_rate else _SAME_RATE
    rate = _usual(rate / math.ceil(rate / (most * (1 + _SAME_RATE))), tolerance, round_up=video.is_variable_rate)
    if rate < _LEAST_RATE:
        rate *= math.ceil(_LEAST_RATE / rate)
    return min(rate, Fraction(most)).limit_denominator(_MOST_DENOMINATOR)


def _usual(rate: Fraction, tolerance: Fraction, *, round_up: bool) -> Fraction:
    nearest = min(_USUAL_RATES, key=lambda usual: abs(usual - rate))
    if abs(nearest - rate) <= tolerance * rate:
        return nearest
    if round_up:
        return next((usual for usual in _USUAL_RATES if usual >= rate), rate)
    return rate
