"""What browsers play as it is, as far as the facts of a file tell; what its sample tables add is for instant.py to say.
Pure."""

from __future__ import annotations

from dataclasses import dataclass

from videos.pipeline.facts import SourceFacts

_RATE_SLACK = 0.5  # 59.94 and 60 are told in many ways
_CONTAINERS = frozenset({"mov", "mp4"})
_COPIED_CONTAINERS = frozenset({"matroska", "mpegts", "flv"})
_PIXEL_FORMATS = frozenset({"yuv420p", "yuvj420p"})


class NotInstant(Exception):
    """The file has to be encoded before it can be played. `reason` is for the operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OnlyContainer(NotInstant):
    """Its streams would do: copied into a plain MP4 they may be played as they are."""


@dataclass(frozen=True, slots=True)
class PlayLimits:
    """What browsers play without effort; above it people wait for a rung instead of watching a stutter."""

    short_side: int = 1080
    frame_rate: int = 60
    peak_bps: int = 20_000_000


def check_facts(facts: SourceFacts, limits: PlayLimits) -> None:
    """What can be told before the tables are read. Raises NotInstant."""
    video = facts.video
    if video is None:
        raise NotInstant("no picture")
    if video.codec != "h264" or video.pix_fmt not in _PIXEL_FORMATS or video.is_interlaced:
        raise NotInstant(f"{video.codec} {video.pix_fmt}{' interlaced' if video.is_interlaced else ''}")
    if video.short_side > limits.short_side or video.peak_frame_rate > limits.frame_rate + _RATE_SLACK:
        raise NotInstant(f"{video.display_width}x{video.display_height} at {float(video.peak_frame_rate):.1f} a second")
    if facts.container not in _CONTAINERS:
        can_be_copied = facts.container in _COPIED_CONTAINERS and video.rotation == 0 and is_sound_plain(facts)
        raise (OnlyContainer if can_be_copied else NotInstant)(f"a {facts.container} file")


def is_sound_plain(facts: SourceFacts) -> bool:
    """No sound, or AAC of some kind."""
    return facts.main_audio is None or facts.main_audio.codec == "aac"
