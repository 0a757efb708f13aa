"""Captions that a film brings along: its text tracks, read in a sandboxed child. Pictures of text are left alone, and
so is everything in an AVI, whose subtitles are files inside a file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from videos.pipeline import children
from videos.pipeline.facts import SourceFacts, SubtitleFacts
from videos.pipeline.sandbox import Limits, StopQuestion

TEXT_CODECS = frozenset({"subrip", "text", "ass", "ssa", "webvtt", "mov_text"})
_UNREAD_CONTAINERS = frozenset({"avi"})


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Reading stops after `seconds`, however much of the file is left; `process` ends it where it does not."""

    seconds: float = 7.0
    process: Limits = field(
        default_factory=lambda: Limits(
            wall_seconds=20, cpu_seconds=20, memory_bytes=2 << 30, file_bytes=8 << 20, open_files=64
        )
    )


@dataclass(frozen=True, slots=True)
class FoundCaptions:
    """A track of the film's file that has words, as WebVTT on the film's own timeline."""

    track: SubtitleFacts
    path: Path
    cues: int
    bytes: int


@dataclass(frozen=True, slots=True)
class FoundWords:
    """`stopped_at_seconds` is where reading ended before the film did; None when all of it was read."""

    captions: tuple[FoundCaptions, ...] = ()
    stopped_at_seconds: float | None = None


def text_tracks(facts: SourceFacts) -> tuple[SubtitleFacts, ...]:
    """Those that can be read as text. Pure."""
    if facts.container in _UNREAD_CONTAINERS:
        return ()
    return tuple(track for track in facts.subtitles if track.codec in TEXT_CODECS)


def find_captions(
    source: Path,
    facts: SourceFacts,
    folder: Path,
    *,
    limits: ReadingLimits | None = None,
    should_stop: StopQuestion | None = None,
) -> FoundWords:
    """Writes a WebVTT file into `folder` for each text track that says something within the film.

    Raises SourceError, LimitError, MachineError, Cancelled."""
    tracks = {track.index: track for track in text_tracks(facts)}
    if not tracks:
        return FoundWords()
    limits = limits or ReadingLimits()
    request = {
        "path": str(source.absolute()),
        "folder": str(folder.absolute()),
        "tracks": list(tracks),
        "start_seconds": facts.start_seconds,
        "duration_seconds": facts.duration_seconds,
        "seconds": limits.seconds,
    }
    process = replace(limits.process, wall_seconds=limits.process.wall_seconds + limits.seconds)
    answer = children.ask("captions", request, limits=process, cwd=folder.absolute(), should_stop=should_stop)
    found = tuple(
        FoundCaptions(tracks[made["index"]], folder / f"{made['index']}.vtt", made["cues"], made["bytes"])
        for made in answer["tracks"]
    )
    return FoundWords(found, answer["stopped_at_seconds"])
