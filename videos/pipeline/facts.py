"""What is known about a source file: plain frozen values, with JSON in both directions. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from typing import Any, Literal, Self  # JSON values


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The picture. `width` and `height` are what is coded; the displayed size is upright and has square
    pixels. `start_seconds` is the first displayed frame on the file's own clock; durations count from it."""

    index: int
    codec: str
    profile: str
    pix_fmt: str
    bit_depth: int
    width: int
    height: int
    display_width: int
    display_height: int
    rotation: int  # degrees clockwise the picture is turned to stand upright: 0, 90, 180, 270
    frame_rate: Fraction  # mean
    peak_frame_rate: Fraction  # where its frames lie closest; the same as the mean for a constant rate
    is_variable_rate: bool
    is_interlaced: bool
    matrix: str
    transfer: str
    primaries: str
    is_full_range: bool
    is_hdr: bool
    start_seconds: float
    duration_seconds: float
    bit_rate: int | None

    @property
    def short_side(self) -> int:
        """The smaller side of the displayed picture."""
        return min(self.display_width, self.display_height)


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """One sound track; times are on the file's own clock."""

    index: int
    codec: str
    channels: int
    sample_rate: int
    language: str
    title: str
    is_default: bool
    start_seconds: float
    duration_seconds: float
    bit_rate: int | None
    purpose: Literal["", "commentary", "description"] = ""  # what else it is for; a description tells what is seen


@dataclass(frozen=True, slots=True)
class SubtitleFacts:
    """One subtitle track."""

    index: int
    codec: str
    language: str
    title: str
    is_default: bool
    is_forced: bool


@dataclass(frozen=True, slots=True)
class ChapterFacts:
    """A chapter, in seconds of presentation."""

    start_seconds: float
    end_seconds: float
    title: str


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A file that can be used. `duration_seconds` is from the first displayed frame (or sample of a file
    without picture) to the end of the longer of picture and chosen sound."""

    kind: Literal["video", "audio"]
    container: str
    bytes: int
    duration_seconds: float
    container_start_seconds: float
    video: VideoFacts | None
    audio: tuple[AudioFacts, ...]
    subtitles: tuple[SubtitleFacts, ...]
    chapters: tuple[ChapterFacts, ...]
    tags: dict[str, str]

    @property
    def main_audio(self) -> AudioFacts | None:
        """The track to play: the one marked as default, else the first that is the film's own sound, else the
        first."""
        plain = [track for track in self.audio if not track.purpose] or list(self.audio)
        return next((track for track in self.audio if track.is_default), plain[0] if plain else None)

    @property
    def start_seconds(self) -> float:
        """Where presentation begins on the file's own clock."""
        if self.video is not None:
            return self.video.start_seconds
        return self.main_audio.start_seconds if self.main_audio is not None else 0.0

    def to_json(self) -> dict[str, Any]:
        """Plain values, as a JSON column holds them."""
        values = asdict(self)
        if self.video is not None:
            for name in ("frame_rate", "peak_frame_rate"):
                values["video"][name] = str(values["video"][name])
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Reads what `to_json` gave. Raises KeyError or TypeError for anything else."""
        video = values["video"]
        return cls(
            kind=values["kind"],
            container=values["container"],
            bytes=values["bytes"],
            duration_seconds=values["duration_seconds"],
            container_start_seconds=values["container_start_seconds"],
            video=None if video is None else _video(video),
            audio=tuple(AudioFacts(**_known(AudioFacts, track)) for track in values["audio"]),
            subtitles=tuple(SubtitleFacts(**_known(SubtitleFacts, track)) for track in values["subtitles"]),
            chapters=tuple(ChapterFacts(**_known(ChapterFacts, chapter)) for chapter in values["chapters"]),
            tags=dict(values["tags"]),
        )


def _video(values: Mapping[str, Any]) -> VideoFacts:
    rates = {name: Fraction(values[name]) for name in ("frame_rate", "peak_frame_rate")}
    return VideoFacts(**{**_known(VideoFacts, values), **rates})


def _known(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields a later version added are left out, so that it can be rolled back."""
    return {field.name: values[field.name] for field in fields(kind) if field.name in values}
