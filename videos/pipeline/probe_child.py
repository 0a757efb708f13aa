"""Reads the facts of a source file; the body of the sandboxed child behind probe.py."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal  # JSON values

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videos.pipeline import containers, reader, timing
from videos.pipeline.errors import SourceError
from videos.pipeline.facts import AudioFacts, ChapterFacts, SourceFacts, SubtitleFacts, VideoFacts
from videos.pipeline.timing import Opening, Pace

_LONGEST_TEXT = 200
_MOST_CHAPTERS = 500
_KEPT_TAGS = ("title", "artist", "album", "date", "comment", "description", "language")
_MATRICES = {
    0: "rgb",
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    9: "bt2020nc",
    10: "bt2020c",
}
_TRANSFERS = {1: "bt709", 6: "smpte170m", 8: "linear", 13: "iec61966-2-1", 14: "bt2020-10", 16: "smpte2084", 18: "arib-std-b67"}  # fmt: skip  # noqa: E501
_PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020", 11: "smpte431", 12: "smpte432"}
_HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})
_FULL_RANGE = 2
_TOLERATED_LOSS = Fraction(2, 100)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """`request` is the path and the limits of probe.ProbeLimits; the answer is SourceFacts as JSON."""
    return facts_of(Path(request["path"]), request["limits"]).to_json()


def facts_of(path: Path, limits: dict[str, Any]) -> SourceFacts:
    """Raises SourceError, LimitError."""
    with reader.open_source(path) as container:
        if len(container.streams) > limits["max_streams"]:
            raise SourceError("too_many_streams", detail=str(len(container.streams)))
        facts = _facts(container, path.stat().st_size, limits)
        _require_whole(path, facts, container)
    if facts.duration_seconds > limits["max_duration_seconds"]:
        raise SourceError("duration_too_long", detail=f"{facts.duration_seconds:.0f} s")
    return facts


def _facts(container: InputContainer, size: int, limits: dict[str, Any]) -> SourceFacts:
    film = reader.choose_video(container)
    tracks = reader.choose_audio(container)
    if container.streams.audio and not tracks:
        reader.require_decoder(container.streams.audio[0], ())
    if film is None and not tracks:
        raise SourceError("no_streams")
    opening = _see(container, film, limits) if film else None
    told = timing.heard(container, tracks)
    streams: list[Stream] = [*([film] if film else []), *tracks]
    ends = timing.ends_of(container, streams, scan_seconds=limits["scan_seconds"])
    # Empty tracks are common (a recorder without microphone), and one that does not decode must not cost the film.
    sounds = [track for track in tracks if told.get(track.index, track.index in ends)]
    if film is None and not sounds:
        raise SourceError("corrupt", detail="no sound could be decoded")
    container_start = (container.start_time or 0) / reader.MICROSECONDS
    video = _video(film, opening, ends.get(film.index, 0.0)) if film and opening else None
    audio = tuple(_audio(stream, container_start, ends) for stream in sounds)
    if video is not None and video.peak_frame_rate > limits["max_frame_rate"]:
        raise SourceError("frame_rate_unsupported", detail=str(video.peak_frame_rate))
    facts = SourceFacts(
        kind="video" if video else "audio",
        container=container.format.name.split(",")[0],
        bytes=size,
        duration_seconds=0.0,
        container_start_seconds=container_start,
        video=video,
        audio=audio,
        subtitles=tuple(map(_subtitle, container.streams.subtitles)),
        chapters=(),
        tags={name: text for name in _KEPT_TAGS if (text := _tag(container.metadata, name))},
    )
    return _timed(facts, _chapters(container, facts.start_seconds))


def _see(container: InputContainer, film: VideoStream, limits: dict[str, Any]) -> Opening:
    context = film.codec_context
    reader.require_pixels(context.width, context.height, limits["max_pixels"])
    reader.limit_decoder(film, limits["max_pixels"])
    opening = timing.see_opening(container, film)
    first = opening.frames[0]
    reader.require_pixels(first.width, first.height, limits["max_pixels"])
    return opening


def _timed(facts: SourceFacts, chapters: tuple[ChapterFacts, ...]) -> SourceFacts:
    """Adds what is counted from the first displayed frame."""
    main = facts.main_audio
    ends = [track.start_seconds + track.duration_seconds for track in (facts.video, main) if track is not None]
    duration = max(ends) - facts.start_seconds
    if duration <= 0:
        raise SourceError("corrupt", detail="no duration")
    values = {name: getattr(facts, name) for name in SourceFacts.__slots__}
    return SourceFacts(**{**values, "duration_seconds": round(duration, 6), "chapters": chapters})


def _video(stream: VideoStream, opening: Opening, end: float) -> VideoFacts:
    first, context = opening.frames[0], stream.codec_context
    pace = timing.pace_of(opening.times_seconds)
    duration = max(end - opening.start_seconds, 0.0)
    mean = _mean_rate(stream, pace, opening.times_seconds, duration)
    rotation = -round(first.rotation / 90) * 90 % 360
    width, height = _displayed(first, stream, rotation)
    pix_fmt = first.format.name
    transfer = _TRANSFERS.get(int(first.color_trc), "")
    return VideoFacts(
        index=stream.index,
        codec=reader.codec_of(stream),
        profile=str(context.profile or ""),
        pix_fmt=pix_fmt,
        bit_depth=max(component.bits for component in first.format.components),
        width=first.width,
        height=first.height,
        display_width=width,
        display_height=height,
        rotation=rotation,
        frame_rate=mean,
        peak_frame_rate=_peak_rate(mean, pace),
        is_variable_rate=pace.is_variable,
        is_interlaced=any(frame.interlaced_frame for frame in opening.frames),
        matrix=_MATRICES.get(int(first.colorspace), ""),
        transfer=transfer,
        primaries=_PRIMARIES.get(int(first.color_primaries), ""),
        is_full_range=int(first.color_range) == _FULL_RANGE or pix_fmt.startswith("yuvj"),
        is_hdr=transfer in _HDR_TRANSFERS,
        start_seconds=opening.start_seconds,
        duration_seconds=round(duration, 6),
        bit_rate=stream.bit_rate or None,
    )


def _mean_rate(stream: VideoStream, pace: Pace, times: Sequence[float], duration: float) -> Fraction:
    """The container's rate where what was measured agrees with it; else what was measured."""
    measured = pace.peak_rate
    if pace.is_variable:
        counted = bool(stream.frames and duration)
        measured = stream.frames / duration if counted else (len(times) - 1) / (times[-1] - times[0])
    told = stream.average_rate
    if told and (measured is None or abs(float(told) - measured) <= 0.02 * measured):
        return told
    return Fraction(measured or 25).limit_denominator(1001)


def _peak_rate(mean: Fraction, pace: Pace) -> Fraction:
    if not pace.is_variable or pace.peak_rate is None:
        return mean
    return max(mean, Fraction(pace.peak_rate).limit_denominator(1001))


def _displayed(frame: VideoFrame, stream: VideoStream, rotation: int) -> tuple[int, int]:
    """Upright and with square pixels: the width carries the sample aspect ratio."""
    ratio = stream.sample_aspect_ratio or Fraction(1)
    width, height = max(1, round(frame.width * ratio)), frame.height
    return (height, width) if rotation in {90, 270} else (width, height)


def _audio(stream: AudioStream, container_start: float, ends: dict[int, float]) -> AudioFacts:
    end = ends.get(stream.index, max(ends.values(), default=0.0))  # ended early: how early does not matter
    unit = stream.time_base or Fraction(0)
    start = container_start if stream.start_time is None else float(stream.start_time * unit)
    return AudioFacts(
        index=stream.index,
        codec=reader.codec_of(stream),
        channels=stream.codec_context.channels,
        sample_rate=stream.codec_context.sample_rate,
        language=_language(stream),
        title=_tag(stream.metadata, "title"),
        is_default=bool(stream.disposition & Disposition.default),
        start_seconds=start,
        duration_seconds=round(max(end - start, 0.0), 6),
        bit_rate=stream.codec_context.bit_rate or None,
        purpose=_purpose(stream),
    )


def _purpose(stream: Stream) -> Literal["", "commentary", "description"]:
    if stream.disposition & Disposition.comment:
        return "commentary"
    return "description" if stream.disposition & Disposition.visual_impaired else ""


def _subtitle(stream: Stream) -> SubtitleFacts:
    return SubtitleFacts(
        index=stream.index,
        codec=reader.codec_of(stream),
        language=_language(stream),
        title=_tag(stream.metadata, "title"),
        is_default=bool(stream.disposition & Disposition.default),
        is_forced=bool(stream.disposition & Disposition.forced),
    )


def _chapters(container: InputContainer, start: float) -> tuple[ChapterFacts, ...]:
    found = []
    for chapter in container.chapters()[:_MOST_CHAPTERS]:
        unit = float(chapter["time_base"] or 0)
        begins, ends = max(0.0, chapter["start"] * unit - start), chapter["end"] * unit - start
        if ends > begins:
            found.append(ChapterFacts(round(begins, 3), round(ends, 3), _tag(chapter["metadata"], "title")))
    return tuple(found)


def _language(stream: Stream) -> str:
    code = _tag(stream.metadata, "language")
    return "" if code == "und" else code[:16]


def _tag(metadata: dict[str, str], name: str) -> str:
    """One line of plain text: no control, bidirectional or broken characters, at most 200."""
    text = next((value for key, value in metadata.items() if key.lower() == name), "")
    kept = (character if unicodedata.category(character)[0] != "C" else " " for character in text[:2000])
    return " ".join("".join(kept).split())[:_LONGEST_TEXT]


def _require_whole(path: Path, facts: SourceFacts, container: InputContainer) -> None:
    """Raises SourceError(truncated) for a file cut short: by its structure, or (FLV, Ogg) by its clock."""
    with path.open("rb") as file:
        missing = containers.missing_bytes(reader.reader_of(file), facts.bytes)
    if missing > _TOLERATED_LOSS * (facts.bytes + missing):
        raise SourceError("truncated", detail=f"{missing} bytes are missing")
    told = (container.duration or 0) / reader.MICROSECONDS
    lost = told - facts.duration_seconds - max(0.0, facts.start_seconds - facts.container_start_seconds)
    if facts.container == "flv" and lost > max(1.0, _TOLERATED_LOSS * told):
        raise SourceError("truncated", detail=f"{lost:.1f} of {told:.1f} seconds are missing")
