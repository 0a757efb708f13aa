"""Into which parts a film is divided, so that several workers may encode it, and one that dies loses little.
A part is a range of the output frame grid that begins with a segment; sources are never split. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Final, Self  # JSON values

from videos.pipeline.facts import SourceFacts
from videos.pipeline.ladder import Ladder

PART_SECONDS: Final = 30
"""Of film in 1080 lines at 30 frames a second. A small machine takes less than a minute for it, and others wait."""

_REFERENCE_LOAD = 1920 * 1080 * 30
_MOST_PARTS = 400
_LONGEST = 4  # times PART_SECONDS, however small the picture
# What a processor decodes, scales and encodes in a second, all rungs together; a guess that errs on the slow side.
_PIXELS_A_SECOND = 20_000_000
# Where a seek lands at a keyframe that is before the time asked for, and times are those of a reading from the begin.
_SEEKABLE = frozenset({"mov", "mp4", "matroska", "webm"})


@dataclass(frozen=True, slots=True)
class Part:
    """Frames and segments are counted on the film's own grid, from 0."""

    number: int
    first_segment: int
    first_frame: int
    frames: int
    is_last: bool

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        return cls(**values)


def plan_parts(
    ladder: Ladder, facts: SourceFacts, *, part_seconds: float = PART_SECONDS, is_awaited: bool = False
) -> tuple[Part, ...]:
    """The parts of a film with a picture, in order; one where the source cannot be read from the middle, or
    `part_seconds` is 0.

    `is_awaited`: nothing of the film can be played yet, so the first parts are short: one segment, two, four, …"""
    assert facts.video is not None, "sound alone is encoded whole"
    shown = round(Fraction(facts.video.duration_seconds).limit_denominator(1_000_000) * ladder.frame_rate)
    segments = max(1, min(ladder.frames, shown) // ladder.segment_frames)
    if facts.container not in _SEEKABLE or not part_seconds:
        return (Part(0, 0, 0, ladder.frames, is_last=True),)
    usual = _usual_segments(ladder, part_seconds, segments)
    borders = [0]
    length = 1 if is_awaited else usual
    # The last part takes what is left, and where sound goes on after the picture its last frame's repetitions too.
    while borders[-1] + length + length // 2 < segments:
        borders.append(borders[-1] + length)
        length = min(2 * length, usual)
    edges = [border * ladder.segment_frames for border in borders] + [ladder.frames]
    return tuple(
        Part(number, border, edges[number], edges[number + 1] - edges[number], is_last=number == len(borders) - 1)
        for number, border in enumerate(borders)
    )


def seconds_to_make(ladder: Ladder, *, processors: int) -> float:
    """About how long a second of film takes where nothing else is encoded. Rather too long than too short."""
    pixels = sum(rung.width * rung.height for rung in ladder.rungs) * float(ladder.frame_rate)
    return pixels / (_PIXELS_A_SECOND * processors)


def _usual_segments(ladder: Ladder, part_seconds: float, segments: int) -> int:
    top = ladder.rungs[0]
    load = Fraction(top.width * top.height) * ladder.frame_rate / _REFERENCE_LOAD
    seconds = min(Fraction(part_seconds) / load, Fraction(part_seconds) * _LONGEST)
    return max(1, round(seconds / ladder.segment_seconds), -(-segments // _MOST_PARTS))
