"""From what ffmpeg wrote to what players get, without touching one coded byte: pictures and sound are cut into segments
on the film's own grid, parts are joined, both are put into one file.

ffmpeg writes each part as if it were a film, with negative composition offsets. Readers disagree about those: Media
Source Extensions take them as they are, libav (so Chromium's own MP4 player too) shows everything two frames late.
Positive offsets with an edit list that takes them off again are understood alike by all. Without a length and an index
in its head Chromium reads a whole fragmented file before it shows the first frame."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

from videos.pipeline.command import AAC_FRAME, REORDERED_FRAMES, video_timescale
from videos.pipeline.errors import VerificationFailed
from videos.pipeline.filmfile import FinishedFile, Fragment, SegmentPlan, reading, write_film
from videos.pipeline.fmp4 import FragmentedMp4
from videos.pipeline.ladder import AudioPlan, Ladder
from videos.pipeline.mp4boxes import Mp4Error
from videos.pipeline.mp4tracks import Track
from videos.pipeline.mp4writer import (
    Run,
    TrackHeader,
    write_init,
)
from videos.pipeline.parts import Part
from videos.pipeline.sampleentry import audio_entry, video_entry
from videos.pipeline.samples import SampleTable

PICTURE_ID: Final = 1
SOUND_ID: Final = 2


def picture_init(found: FragmentedMp4, ladder: Ladder) -> bytes:
    """An init segment for who fetches the pictures of one of our files alone. Raises Mp4Error."""
    if found.video is None:
        raise Mp4Error("no picture", 0)
    return write_init([_picture_header(found.video, ladder)], ladder.duration_seconds)


# --- One part, one sound --------------------------------------------------------------------------------------------


def finish_picture(raw: Path, out: Path, *, ladder: Ladder, part: Part) -> FinishedFile:
    """Puts a part at its place in the film. Raises VerificationFailed for a file that is not one fragment for each of
    the part's segments, every one beginning with a keyframe, with as many frames as planned (the last part: about)."""
    with reading(raw) as (file, found):
        track = found.video
        if track is None:
            raise Mp4Error("no picture", 0)
        frame_ticks = track.timescale / ladder.frame_rate
        header = _picture_header(track, ladder)
        segments = []
        for number, segment in enumerate(found.segments):
            table = segment.samples[track.id]
            begins = number * ladder.segment_frames * frame_ticks
            if table.dts[0] != begins or not table.keyframes[0]:
                raise Mp4Error(f"fragment {number} begins at {table.dts[0]} ticks", segment.offset)
            at = (part.first_segment + number) * ladder.segment_frames * frame_ticks
            segments.append(SegmentPlan(sum(table.durations), ((_fragment(file, table, int(at), header),),)))
        frames = sum(len(segment.samples[track.id]) for segment in found.segments)
        if not part.is_last and frames != part.frames:
            raise Mp4Error(f"{frames} frames instead of {part.frames}", 0)
        return write_film(out, [header], segments, ladder.duration_seconds)


def finish_sound(
    raw: Path, out: Path, *, ladder: Ladder, audio: AudioPlan, part: Part | None = None, skipped: int = 0
) -> FinishedFile:
    """Cuts sound where the picture's segments begin, never before them: players take the earlier of both as the
    segment's begin. Of a film without picture it makes segments of the same length.

    Without `part` the whole film's sound is in `raw`; with it the sound of that part, after `skipped` packets that
    only warmed the encoder up. Raises VerificationFailed."""
    with reading(raw) as (file, found):
        track = found.audio
        if track is None:
            raise Mp4Error("no sound", 0)
        table = _whole_table(found, track)
        first = packets_before(ladder, audio, part) if part else 0
        edges = [edge - first + skipped for edge in _sound_edges(ladder, audio, part)]
        edges[-1] = min(edges[-1], len(table))
        if any(later - earlier != AAC_FRAME for earlier, later in pairwise(table.dts)):
            raise Mp4Error("sound with gaps", 0)
        header = _sound_header(track)
        segments = []
        for begin, end in pairwise(edges):
            if end <= begin:
                raise Mp4Error(f"sound ends after {len(table)} packets", 0)
            run = _columns(table, begin, end, (first + begin - skipped) * AAC_FRAME, [0] * (end - begin), SOUND_ID)
            segments.append(SegmentPlan(sum(run.durations), ((Fragment(run, file, _ranges(table, begin, end)),),)))
        return write_film(out, [header], segments, ladder.duration_seconds)


def packets_before(ladder: Ladder, audio: AudioPlan, part: Part) -> int:
    """The first packet of a part's sound, counted from the film's begin."""
    return _first_packet(audio, part.first_frame / ladder.frame_rate)


def packets_until(ladder: Ladder, audio: AudioPlan, part: Part) -> int:
    """The packet after a part's last."""
    if part.is_last:
        return math.ceil(ladder.duration_seconds * audio.sample_rate / AAC_FRAME)
    return _first_packet(audio, (part.first_frame + part.frames) / ladder.frame_rate)


def _first_packet(audio: AudioPlan, seconds: Fraction) -> int:
    return math.ceil(seconds * audio.sample_rate / AAC_FRAME)


def _sound_edges(ladder: Ladder, audio: AudioPlan, part: Part | None) -> list[int]:
    """The first packet of each segment, and the one after the last."""
    if part is not None:
        count = -(-part.frames // ladder.segment_frames)
        borders = [(part.first_segment + number) * ladder.segment_seconds for number in range(count)]
        return [*(_first_packet(audio, seconds) for seconds in borders), packets_until(ladder, audio, part)]
    count = max(1, math.ceil(ladder.duration_seconds / ladder.segment_seconds))
    if ladder.rungs:
        count = -(-ladder.frames // ladder.segment_frames)
    borders = [number * ladder.segment_seconds for number in range(count)]
    return [
        *(_first_packet(audio, seconds) for seconds in borders),
        math.ceil(ladder.duration_seconds * audio.sample_rate / AAC_FRAME) + 1,
    ]


# --- The whole film -------------------------------------------------------------------------------------------------


def join(parts: Sequence[Path], sound: Path | None, out: Path, *, ladder: Ladder, is_split: bool) -> FinishedFile:
    """One rung of the whole film from its finished parts, in order, and the finished sound. A segment is one fragment
    with both tracks; split, a fragment of pictures and one of sound after it, so that a playlist may name the
    pictures' bytes alone. Raises VerificationFailed for parts that do not follow one another, or were not encoded
    alike."""
    try:
        with ExitStack() as opened:
            pictures = list(_joined_pictures(parts, opened, ladder))
            headers = [pictures[0][0]]
            sounds: list[Fragment] = []
            if sound is not None:
                header, sounds = _sound_fragments(sound, opened)
                headers.append(header)
            segments = []
            for number, (_, ticks, fragment) in enumerate(pictures):
                heard = sounds[number : number + 1]
                groups = ((fragment,), tuple(heard)) if is_split and heard else ((fragment, *heard),)
                segments.append(SegmentPlan(ticks, groups))
            return write_film(out, headers, segments, ladder.duration_seconds)
    except (Mp4Error, struct.error) as error:
        raise VerificationFailed(f"{out.name}: {error}") from error


def _joined_pictures(
    parts: Sequence[Path], opened: ExitStack, ladder: Ladder
) -> Iterator[tuple[TrackHeader, int, Fragment]]:
    number, first = 0, None
    for path in parts:
        file, found = opened.enter_context(reading(path))
        track = found.video
        if track is None:
            raise Mp4Error("no picture", 0)
        header = _picture_header(track, ladder)
        first = first or header
        if header.entry != first.entry:
            raise Mp4Error(f"{path.name} was encoded otherwise than the part before it", 0)
        for segment in found.segments:
            table = segment.samples[track.id]
            expected = number * ladder.segment_frames * track.timescale / ladder.frame_rate
            if table.dts[0] + track.shift_ticks != expected:
                raise Mp4Error(f"segment {number} is at {table.dts[0]} ticks in {path.name}", segment.offset)
            yield header, sum(table.durations), _fragment(file, table, int(expected), header, placed=True)
            number += 1


def _sound_fragments(sound: Path, opened: ExitStack) -> tuple[TrackHeader, list[Fragment]]:
    file, found = opened.enter_context(reading(sound))
    track = found.audio
    if track is None:
        raise Mp4Error("no sound", 0)
    tables = [segment.samples[track.id] for segment in found.segments]
    runs = [_columns(table, 0, len(table), table.dts[0], [0] * len(table), SOUND_ID) for table in tables]
    fragments = [Fragment(run, file, _ranges(table, 0, len(table))) for run, table in zip(runs, tables, strict=True)]
    return _sound_header(track), fragments


# --- Reading --------------------------------------------------------------------------------------------------------


def _picture_header(track: Track, ladder: Ladder) -> TrackHeader:
    edit = int(REORDERED_FRAMES * video_timescale(ladder.frame_rate) / ladder.frame_rate)
    entry, codec = video_entry(track.entry)  # without the bit rates that ffmpeg notes there: they differ between parts
    return TrackHeader(
        id=PICTURE_ID,
        kind="video",
        timescale=track.timescale,
        entry=entry,
        codec=codec,
        width=track.width << 16,
        height=track.height << 16,
        edit=edit,
    )


def _sound_header(track: Track) -> TrackHeader:
    entry, codec = audio_entry(track.entry)
    return TrackHeader(id=SOUND_ID, kind="audio", timescale=track.timescale, entry=entry, codec=codec)


def _fragment(file: BinaryIO, table: SampleTable, at: int, header: TrackHeader, *, placed: bool = False) -> Fragment:
    """A fragment of pictures at `at` ticks of decode time. Samples of a file of our own (`placed`) are shown at the
    times that its edit list has taken the shift off."""
    lift = 0 if placed else header.edit
    shifts = [shown - decoded + lift for shown, decoded in zip(table.pts, table.dts, strict=True)]
    if min(shifts) < 0:
        raise Mp4Error(f"frames are reordered by more than {REORDERED_FRAMES}", table.offsets[0])
    run = _columns(table, 0, len(table), at, shifts, PICTURE_ID)
    return Fragment(run, file, _ranges(table, 0, len(table)))


def _columns(table: SampleTable, begin: int, end: int, at: int, shifts: Sequence[int], track_id: int) -> Run:
    columns = (table.sizes[begin:end], table.durations[begin:end], shifts, table.keyframes[begin:end])
    return Run(track_id, at, *columns)


def _ranges(table: SampleTable, begin: int, end: int) -> tuple[tuple[int, int], ...]:
    """Few: samples lie one after the other, but for the heads of fragments between them."""
    ranges: list[tuple[int, int]] = []
    for offset, size in zip(table.offsets[begin:end], table.sizes[begin:end], strict=True):
        if ranges and ranges[-1][1] == offset:
            ranges[-1] = (ranges[-1][0], offset + size)
        else:
            ranges.append((offset, offset + size))
    return tuple(ranges)


def _whole_table(found: FragmentedMp4, track: Track) -> SampleTable:
    """All fragments' samples in one table."""
    tables = [segment.samples[track.id] for segment in found.segments]
    whole = tables[0]
    for table in tables[1:]:
        for column in ("offsets", "sizes", "dts", "pts", "durations"):
            getattr(whole, column).extend(getattr(table, column))
    keyframes = b"".join(table.keyframes for table in tables)
    return SampleTable(whole.offsets, whole.sizes, whole.dts, whole.pts, whole.durations, keyframes)
