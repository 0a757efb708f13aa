"""Can this MP4 be played as it is, and how is it cut? Decides which samples of which tracks make which segment, so that
a player can begin at once and jump anywhere, without one frame being encoded. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import compress, count, pairwise
from operator import sub
from typing import Literal

from videos.pipeline.bandwidth import total
from videos.pipeline.facts import SourceFacts
from videos.pipeline.mp4boxes import Mp4Error
from videos.pipeline.playable import NotInstant, PlayLimits, check_facts
from videos.pipeline.progressive import Edit, SourceTrack
from videos.pipeline.sampleentry import audio_entry, video_entry
from videos.pipeline.samples import SampleTable

SEGMENT_SECONDS = 4
_MOST_GOP_SECONDS = 10
_MOST_SHIFT_TICKS = (1 << 31) - 1  # what a fragment can say
_MOST_SAMPLES = 20_000  # of a segment; sixty frames and a hundred packets a second are some 2,000
_MOST_LATE_SOUND_SECONDS = 0.1
_MOST_MISSING_SOUND_SECONDS = 1.0
_MOST_CUT_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class CutTrack:
    """A track as it will be served. A sample's decode time there is its own minus `zero`; `lift` is added to every
    composition offset, so that none is negative; the edit list takes `edit` off again, so that the film begins at 0."""

    kind: Literal["video", "audio"]
    timescale: int
    entry: bytes
    codec: str
    matrix: bytes
    width: int  # 16.16
    height: int
    zero: int
    lift: int
    edit: int
    samples: SampleTable


@dataclass(frozen=True, slots=True)
class CutSegment:
    """One segment: its exact length, and for each track the first sample, the one after the last, and the bytes of all
    of them."""

    duration_seconds: Fraction
    ranges: tuple[tuple[int, int], ...]
    track_bytes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CutPlan:
    """The whole film; tracks in the order of the ranges, the picture first."""

    tracks: tuple[CutTrack, ...]
    segments: tuple[CutSegment, ...]

    @property
    def duration_seconds(self) -> Fraction:
        return total([segment.duration_seconds for segment in self.segments])


def plan_cuts(tracks: Sequence[SourceTrack], facts: SourceFacts, limits: PlayLimits | None = None) -> CutPlan:
    """How a file of those tracks is cut. Raises NotInstant for one that browsers cannot play as it is, Mp4Error for one
    that contradicts itself."""
    limits = limits or PlayLimits()
    check_facts(facts, limits)
    picture = _only(tracks, b"vide")
    cut_picture, began = _picture(picture)
    borders = _borders(cut_picture)
    cut = [cut_picture]
    edges = [borders]
    sound = _chosen_sound(tracks, facts)
    if sound is not None:
        cut_sound = _sound(sound, began)
        cut.append(cut_sound)
        edges.append(_sound_edges(cut_picture, borders, cut_sound))
    ranges = zip(*map(pairwise, edges), strict=True)
    lengths = _lengths(cut_picture, borders)
    segments = tuple(_segment(cut, part, length) for part, length in zip(ranges, lengths, strict=True))
    plan = CutPlan(tuple(cut), segments)
    _check_rate(plan, limits)
    return plan


def _segment(tracks: Sequence[CutTrack], ranges: tuple[tuple[int, int], ...], duration_seconds: Fraction) -> CutSegment:
    sizes = tuple(sum(track.samples.sizes[first:last]) for track, (first, last) in zip(tracks, ranges, strict=True))
    return CutSegment(duration_seconds, ranges, sizes)


def _only(tracks: Sequence[SourceTrack], handler: bytes) -> SourceTrack:
    """Attached pictures are tracks of their own kind in other containers; in MP4 one video track is the rule."""
    found = [track for track in tracks if track.handler == handler and track.kind == b"avc1"]
    if len(found) != 1 or sum(track.handler == handler for track in tracks) != 1:
        raise NotInstant(f"{len(found)} H.264 tracks")
    return found[0]


def _chosen_sound(tracks: Sequence[SourceTrack], facts: SourceFacts) -> SourceTrack | None:
    """The track that the ladder takes too. Their order is the same in the file and in its facts."""
    if facts.main_audio is None:
        return None
    sounds = [track for track in tracks if track.handler == b"soun"]
    place = [audio.index for audio in facts.audio].index(facts.main_audio.index)
    if place >= len(sounds) or len(sounds) != len(facts.audio):
        raise NotInstant("sound tracks that the probe did not see alike")
    return sounds[place]


# --- Picture --------------------------------------------------------------------------------------------------------


def _picture(track: SourceTrack) -> tuple[CutTrack, Fraction]:
    """The picture with its first displayed frame at 0, and when the movie's clock shows that frame, in seconds."""
    table = track.samples
    delay, media = _edit(track)
    first = min(table.pts)
    if not table.keyframes[0]:
        raise NotInstant("the film does not begin with a keyframe")
    if table.pts[0] != first or media - first > max(table.durations[0], 1):
        raise NotInstant("the edit list begins inside a group of pictures")
    _check_groups(table, track.timescale)
    entry, codec = video_entry(track.entry)
    shifts = list(map(sub, table.pts, table.dts))
    lift = max(0, -min(shifts))
    if max(shifts) + lift > _MOST_SHIFT_TICKS:
        raise NotInstant("frames shown long after they are decoded")
    began = Fraction(first - media, track.timescale) + delay
    zero = table.dts[0]
    return (
        CutTrack(
            kind="video",
            timescale=track.timescale,
            entry=entry,
            codec=codec,
            matrix=track.matrix,
            width=track.width,
            height=track.height,
            zero=zero,
            lift=lift,
            edit=first - zero + lift,
            samples=table,
        ),
        began,
    )


def _edit(track: SourceTrack) -> tuple[Fraction, int]:
    """Seconds of emptiness before the track, and the media time at which it begins."""
    delay = Fraction(0)
    shown: list[Edit] = []
    for edit in track.edits:
        if edit.media_ticks < 0 and not shown:
            delay += Fraction(edit.seconds).limit_denominator(1_000_000)
        else:
            shown.append(edit)
    if not shown:
        return delay, min(track.samples.pts)
    if len(shown) > 1 or not shown[0].is_normal_speed or shown[0].media_ticks < 0:
        raise NotInstant("an edit list of several parts")
    media = shown[0].media_ticks
    length = (track.samples.end - media) / track.timescale
    if shown[0].seconds and shown[0].seconds < length - _MOST_CUT_SECONDS:
        raise NotInstant("an edit list that leaves out the end")
    return delay, media


def _check_groups(table: SampleTable, timescale: int) -> None:
    """Every group of pictures closed and at most 10 s long; no frame shown twice at a time."""
    keys = _keys(table)
    edges = [*keys, len(table)]
    longest = _MOST_GOP_SECONDS * timescale
    end = table.pts[keys[0]]
    for first, last in pairwise(edges):
        if table.pts[first] < end:
            raise NotInstant("open groups of pictures")
        shown = table.pts[first:last]
        if min(shown) < table.pts[first]:
            raise NotInstant("open groups of pictures")
        end = max(shown) + 1
        if end - table.pts[first] > longest + table.durations[first]:
            raise NotInstant("keyframes more than 10 s apart")


def _borders(picture: CutTrack) -> list[int]:
    """The first sample of each segment, and the number of samples at the end: keyframes at least 4 s apart."""
    table = picture.samples
    least = SEGMENT_SECONDS * picture.timescale
    borders = [0]
    for number in _keys(table):
        if table.pts[number] - table.pts[borders[-1]] >= least - table.durations[number] // 2:
            borders.append(number)
    return [*borders, len(table)]


def _keys(table: SampleTable) -> list[int]:
    return list(compress(count(), table.keyframes))


def _lengths(picture: CutTrack, borders: Sequence[int]) -> Iterator[Fraction]:
    table = picture.samples
    shown = [*(table.pts[border] for border in borders[:-1]), table.end]
    for border, (begin, end) in zip(borders, pairwise(shown), strict=False):
        if end <= begin:
            raise Mp4Error("time does not advance from one segment to the next", table.offsets[border])
        yield Fraction(end - begin, picture.timescale)


# --- Sound ----------------------------------------------------------------------------------------------------------


def _sound(track: SourceTrack, began: Fraction) -> CutTrack:
    """The sound on the picture's timeline, without what would be heard before the first frame."""
    entry, codec = audio_entry(track.entry)
    delay, media = _edit(track)
    # A sample's decode time in what is served is its presentation time: sound is not reordered.
    zero = media - round((delay - began) * track.timescale)
    if track.samples.pts != track.samples.dts:
        raise NotInstant("reordered sound")
    return CutTrack(
        kind="audio",
        timescale=track.timescale,
        entry=entry,
        codec=codec,
        matrix=track.matrix,
        width=0,
        height=0,
        zero=zero,
        lift=0,
        edit=0,
        samples=track.samples,
    )


def _sound_edges(picture: CutTrack, borders: Sequence[int], sound: CutTrack) -> list[int]:
    """A segment's sound begins with or after its picture: hls.js takes the earlier of the two as the segment's."""
    frames, packets = picture.samples, sound.samples
    edges = []
    for border in borders[:-1]:
        shown = Fraction(frames.pts[border] - frames.pts[0], picture.timescale)
        edges.append(bisect_left(packets.dts, _ceil(shown * sound.timescale) + sound.zero))
    edges.append(len(packets))
    end = Fraction(frames.end - frames.pts[0], picture.timescale)
    first = edges[0]
    begins = (packets.dts[first] - sound.zero) / sound.timescale if first < len(packets) else float("inf")
    ends = (packets.end - sound.zero) / sound.timescale
    if begins > _MOST_LATE_SOUND_SECONDS or ends < float(end) - _MOST_MISSING_SOUND_SECONDS:
        raise NotInstant("sound that begins later or ends earlier than the picture")
    if any(later <= earlier for earlier, later in pairwise(edges)):
        raise NotInstant("a segment without sound")
    return edges


def _ceil(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def _check_rate(plan: CutPlan, limits: PlayLimits) -> None:
    for segment in plan.segments:
        size = sum(segment.track_bytes)
        # A short segment gets the bytes of a second: whoever cuts it holds it in memory.
        if 8 * size > limits.peak_bps * max(segment.duration_seconds, Fraction(1)):
            raise NotInstant(f"more than {limits.peak_bps} bits a second")
        if sum(last - first for first, last in segment.ranges) > _MOST_SAMPLES:
            raise NotInstant(f"more than {_MOST_SAMPLES} samples in a segment")
