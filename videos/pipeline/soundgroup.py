"""Sound tracks of their own in a master playlist (RFC 8216 §4.3.4.1): one group, which every rung names. Pure text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from videos.pipeline.bandwidth import average_bps, peak_bps
from videos.pipeline.fmp4 import FragmentedMp4
from videos.pipeline.languages import own_name
from videos.pipeline.mpegts import ts_bytes_at_most

GROUP = "sound"


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """One track with a playlist of its own at `uri`. Bit rates are measured, in bits a second."""

    uri: str
    language: str  # BCP 47; empty while nobody knows
    title: str  # as its file calls it
    is_default: bool
    codecs: str
    peak_bps: int
    average_bps: int
    channels: int = 2


def sound_track(uri: str, indexed: FragmentedMp4, *, language: str, title: str, is_default: bool) -> SoundTrack:
    """The track whose byte-range playlist stands at `uri`."""
    return SoundTrack(uri, language, title, is_default, indexed.codecs, indexed.peak_bps, indexed.average_bps)


def ts_sound_track(uri: str, indexed: FragmentedMp4, *, language: str, title: str, is_default: bool) -> SoundTrack:
    """The same as transport stream; larger by the packets' headers."""
    weighed = [
        (ts_bytes_at_most(segment.samples, indexed.tracks), segment.duration_seconds) for segment in indexed.segments
    ]
    return SoundTrack(uri, language, title, is_default, indexed.codecs, peak_bps(weighed), average_bps(weighed))


def media_lines(sounds: Sequence[SoundTrack]) -> list[str]:
    """An EXT-X-MEDIA line a track. A player may take by itself the default, and the first of each language."""
    lines = []
    told: set[str] = set()
    for sound, name in zip(sounds, names(sounds), strict=True):
        is_choice = sound.is_default or bool(sound.language and sound.language not in told)
        told.add(sound.language)
        attributes = [
            "TYPE=AUDIO",
            f'GROUP-ID="{GROUP}"',
            f'NAME="{name}"',
            *([f'LANGUAGE="{sound.language}"'] if sound.language else []),
            f"DEFAULT={_yes(sound.is_default)}",
            f"AUTOSELECT={_yes(is_choice)}",
            f'CHANNELS="{sound.channels}"',
            f'URI="{sound.uri}"',
        ]
        lines.append(f"#EXT-X-MEDIA:{','.join(attributes)}")
    return lines


def names(sounds: Sequence[SoundTrack]) -> list[str]:
    """What players without a page of ours show, each another: the language as its speakers call it, and the title."""
    found: list[str] = []
    for number, sound in enumerate(sounds, start=1):
        language, title = own_name(sound.language), _quotable(sound.title)
        parts = [part for part in (language, title) if part]
        name = title if language and language.casefold() in title.casefold() else " – ".join(parts)
        name = name or f"Sound {number}"
        found.append(name if name not in found else f"{name} ({number})")
    return found


def _quotable(text: str) -> str:
    """A quoted string holds neither quotes nor ends of lines."""
    return " ".join(text.replace('"', "'").split())


def _yes(is_so: bool) -> str:
    return "YES" if is_so else "NO"
