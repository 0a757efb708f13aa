"""Which renditions a source gets: sizes, rates, keyframe distance. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Self

from videos.pipeline.facts import AudioFacts, SourceFacts, VideoFacts
from videos.pipeline.framerate import output_frame_rate
from videos.pipeline.languages import bcp47

_SAME_SIZE = Fraction(95, 100)
_WORTH_KEEPING = Fraction(9, 10)
_A_STEP_BELOW = Fraction(8, 10)
_MOST_SOUNDS = 8
_TITLES = {"": "", "commentary": "Commentary", "description": "Audio description"}
_STARTING_SIDE = 720  # players that do not measure begin here
_WELL_BELOW = Fraction(8, 10)
_FINE_ABOVE = 1080
_WEAK_LINE_SIDE = 300
_WEAK_LINE_COST = Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class LadderSettings:
    """The house's ladder. Bit rates are for up to 30 frames a second."""

    rungs: tuple[tuple[int, int], ...] = (
        (2160, 18_000_000),
        (1440, 9_000_000),
        (1080, 5_000_000),
        (720, 2_800_000),
        (480, 1_400_000),
        (360, 800_000),
        (240, 400_000),
    )
    crf: int = 23
    fine_crf: int = 21  # above 1080 lines: whoever watches those looks closely
    most_frame_rate: int = 60
    fast_factor: Fraction = Fraction(3, 2)  # bit rates above 30 frames a second
    gop_seconds: int = 2
    gops_per_segment: int = 2
    audio_bps: int = 128_000
    audio_rate: int = 48_000
    audio_channels: int = 2
    most_long_side: int = 4096  # with 2160 lines and 60 frames a second just what H.264 level 5.2 allows

    def leaving(self, sides: Collection[int]) -> Self:
        """The same with only those rungs of it; all of it where none is named."""
        return replace(self, rungs=tuple(rung for rung in self.rungs if rung[0] in sides) or self.rungs)


@dataclass(frozen=True, slots=True)
class Rung:
    """One size of the picture. `label` names its file and its place in the menu, e.g. "720p"."""

    label: str
    width: int
    height: int
    crf: int
    maxrate_bps: int
    bufsize_bits: int

    @property
    def short_side(self) -> int:
        """What the label counts."""
        return min(self.width, self.height)


@dataclass(frozen=True, slots=True)
class AudioPlan:
    """How one sound track is encoded, once for all rungs; `index` is the track in the source. `label` names its file
    where it has one of its own."""

    index: int
    bit_rate_bps: int
    sample_rate: int
    channels: int
    language: str  # BCP 47; empty while nobody knows
    title: str  # as the file calls it, or what it says the track is for; one line of plain text
    is_default: bool  # the one that plays unless the viewer chooses; exactly one of a ladder's
    label: str  # "sound-1", …


@dataclass(frozen=True, slots=True)
class MeasuredRung:
    """What became of a rung: its short side, and the bit rate of the whole, sound included."""

    label: str
    short_side: int
    average_bps: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """All renditions of one source, largest first. Without picture there is no rung, only sound."""

    rungs: tuple[Rung, ...]
    frame_rate: Fraction
    gop_frames: int
    segment_frames: int
    frames: int
    segment_seconds: Fraction
    duration_seconds: Fraction  # of every rendition; a whole number of frames where there is a picture
    audio: AudioPlan | None  # the main track
    sounds: tuple[AudioPlan, ...]  # every track worth offering, the main one first


def plan_ladder(facts: SourceFacts, *, settings: LadderSettings | None = None) -> Ladder:
    """Rungs by the short side, never larger than the source. A source gets a rung of its own size where the largest
    that fits would take a tenth or more of its lines away, and where none fits. All share one constant frame rate and
    one keyframe grid."""
    settings = settings or LadderSettings()
    sounds = plan_sounds(facts, settings)
    audio = sounds[0] if sounds else None
    if facts.video is None:
        seconds = Fraction(settings.gop_seconds * settings.gops_per_segment)
        duration = Fraction(facts.duration_seconds).limit_denominator(1_000_000)
        return Ladder((), Fraction(0), 0, 0, 0, seconds, duration, audio, sounds)
    rate = output_frame_rate(facts.video, most=settings.most_frame_rate)
    gop = max(1, round(settings.gop_seconds * rate))
    segment = gop * settings.gops_per_segment
    frames = max(1, round(Fraction(facts.duration_seconds).limit_denominator(1_000_000) * rate))
    rungs = _rungs(facts.video, rate, settings)
    return Ladder(rungs, rate, gop, segment, frames, segment / rate, frames / rate, audio, sounds)


def worth_keeping(rungs: Sequence[MeasuredRung]) -> tuple[str, ...]:
    """Labels of the rungs that viewers should get, of `rungs` from large to small. Slides and talking heads take about
    as little with many lines as with few: a rung that saves less than a fifth beside the one above it helps nobody.
    The smallest stays, for weak lines, and so does the one that players begin with."""
    if not rungs:
        return ()
    start = next((rung for rung in rungs if rung.short_side <= _STARTING_SIDE), rungs[-1])
    kept = [rungs[0]]
    for rung in rungs[1:]:
        is_needed = rung is start or rung is rungs[-1]
        if is_needed or rung.average_bps <= _WELL_BELOW * kept[-1].average_bps:
            kept.append(rung)
    return tuple(rung.label for rung in kept)


def _rungs(video: VideoFacts, rate: Fraction, settings: LadderSettings) -> tuple[Rung, ...]:
    most = settings.most_long_side
    own = video.short_side * most // max(most, video.display_width, video.display_height)
    fitting = [(side, bps) for side, bps in settings.rungs if own >= _SAME_SIZE * side]
    if not fitting:
        fitting = [(max(2, own // 2 * 2), settings.rungs[-1][1])]
    elif len(fitting) < len(settings.rungs) and fitting[0][0] <= _WORTH_KEEPING * own:
        fitting = _with_own_size(own // 2 * 2, fitting, above=settings.rungs[-len(fitting) - 1])
    factor = settings.fast_factor if rate > 30 else Fraction(1)
    return tuple(_rung(video, side, int(bps * factor), settings) for side, bps in _where_cheap(fitting))


def _with_own_size(own: int, fitting: list[tuple[int, int]], *, above: tuple[int, int]) -> list[tuple[int, int]]:
    """A film of 1920x800 keeps its 800 lines; the rung below goes where it is too near to help anybody. The bit
    rate lies between its neighbours' as its area does."""
    (side, bps), (more_side, more_bps) = fitting[0], above
    share = Fraction(own**2 - side**2, more_side**2 - side**2)
    lower = fitting if side <= _A_STEP_BELOW * own else fitting[1:]
    return [(own, int(bps + (more_bps - bps) * min(share, Fraction(1)))), *lower]


def _where_cheap(fitting: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A last rung for weak lines only below a ladder of which it is less than a tenth of the work."""
    *larger, (least, _) = fitting
    is_dear = least**2 > _WEAK_LINE_COST * sum(side**2 for side, _ in larger)
    return fitting[:-1] if larger and least < _WEAK_LINE_SIDE and is_dear else fitting


def _rung(video: VideoFacts, side: int, maxrate_bps: int, settings: LadderSettings) -> Rung:
    width, height = size_within(video.display_width, video.display_height, side, settings.most_long_side)
    crf = settings.fine_crf if side > _FINE_ABOVE else settings.crf
    return Rung(f"{side}p", width, height, crf, maxrate_bps, 2 * maxrate_bps)


def size_within(width: int, height: int, short_side: int, long_side: int) -> tuple[int, int]:
    """The size in even numbers, of the same shape, with sides of at most those given and the source's."""
    share = min(Fraction(1), Fraction(short_side, min(width, height)), Fraction(long_side, max(width, height)))
    return _even(width * share), _even(height * share)


def _even(length: Fraction) -> int:
    return max(2, 2 * math.floor(length / 2 + Fraction(1, 2)) if length > 2 else 2)


def plan_sounds(facts: SourceFacts, settings: LadderSettings) -> tuple[AudioPlan, ...]:
    """The tracks worth offering: the main one, then one of each language and title, in the file's order. Of two that
    call themselves the same, as a film's 5.1 beside its stereo, the main one stands, else the first: both end as
    stereo."""
    main = facts.main_audio
    if main is None:
        return ()
    chosen: dict[tuple[str, str], AudioFacts] = {}
    for track in (main, *facts.audio):
        chosen.setdefault((bcp47(track.language), track.title or _TITLES[track.purpose]), track)
    return tuple(
        AudioPlan(
            index=track.index,
            bit_rate_bps=settings.audio_bps,
            sample_rate=settings.audio_rate,
            channels=settings.audio_channels,
            language=language,
            title=title,
            is_default=track is main,
            label=f"sound-{number}",
        )
        for number, ((language, title), track) in enumerate([*chosen.items()][:_MOST_SOUNDS], start=1)
    )
