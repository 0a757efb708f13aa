"""Captions that somebody wrote become ours: cues of plain marked text, in order, within the film, and WebVTT that
holds nothing else (W3C WebVTT §4). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from videos.pipeline import captions_ass, captions_srt, captions_vtt
from videos.pipeline.captions_charset import UndecodableText, decoded
from videos.pipeline.captions_cues import Cue

MOST_BYTES: Final = 2 << 20  # of a file that somebody sends
MOST_CUES: Final = 20_000
MOST_WRITTEN_BYTES: Final = 4 << 20  # escaping makes text longer
_MILLISECONDS: Final = 1000
_NEWLINE = re.compile(r"\r\n?|\f")
_EMPTY_LINES = re.compile(r"\n{3,}")
_FORMS: Final[tuple[tuple[Callable[[str], bool], Callable[[str], list[Cue]]], ...]] = (
    (captions_vtt.is_one, captions_vtt.cues),
    (captions_ass.is_one, captions_ass.cues),
    (captions_srt.is_one, captions_srt.cues),
)


class CaptionsRefused(Exception):
    """`code` is captions_unreadable, captions_too_large or captions_empty; the text tells the operator more."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code


@dataclass(frozen=True, slots=True)
class WrittenCaptions:
    """A WebVTT file, and how many cues it has."""

    content: bytes
    cues: int


def converted(content: bytes, *, duration_seconds: float | None) -> WrittenCaptions:
    """SRT, WebVTT, ASS or SSA in any usual charset, as our WebVTT. Cues after the film's end are left out; None where
    its length is not known. Raises CaptionsRefused."""
    if len(content) > MOST_BYTES:
        raise CaptionsRefused("captions_too_large", f"{len(content)} bytes")
    return written(read(content), duration_seconds=duration_seconds)


def read(content: bytes) -> list[Cue]:
    """The cues of a file as they stand in it. Raises CaptionsRefused(captions_unreadable, captions_empty)."""
    try:
        text = _EMPTY_LINES.sub("\n\n", _NEWLINE.sub("\n", decoded(content)))
    except UndecodableText as error:
        raise CaptionsRefused("captions_unreadable", str(error)) from error
    if not text.strip():
        raise CaptionsRefused("captions_empty", "no text")
    for is_one, cues in _FORMS:
        if is_one(text):
            return cues(text)
    raise CaptionsRefused("captions_unreadable", "neither SRT nor WebVTT nor ASS")


def written(cues: Iterable[Cue], *, duration_seconds: float | None) -> WrittenCaptions:
    """Our WebVTT of these cues. Raises CaptionsRefused(captions_empty, captions_too_large)."""
    kept = _in_order(cues, duration_seconds)
    if not kept:
        raise CaptionsRefused("captions_empty", "no cue within the film")
    if len(kept) > MOST_CUES:
        raise CaptionsRefused("captions_too_large", f"{len(kept)} cues")
    content = "\n\n".join(["WEBVTT", *map(_block, kept)]).encode() + b"\n"
    if len(content) > MOST_WRITTEN_BYTES:
        raise CaptionsRefused("captions_too_large", f"{len(content)} bytes written")
    return WrittenCaptions(content, len(kept))


def _in_order(cues: Iterable[Cue], duration_seconds: float | None) -> list[Cue]:
    """By time, cut to the film, without what is said twice (ASS draws one line in several layers)."""
    limit = None if duration_seconds is None else round(duration_seconds * _MILLISECONDS)
    kept: dict[Cue, None] = {}
    for cue in cues:
        start, end = max(0, cue.start_ms), cue.end_ms if limit is None else min(cue.end_ms, limit)
        if cue.text and start < end:
            kept[replace(cue, start_ms=start, end_ms=end)] = None
    return sorted(kept, key=lambda cue: (cue.start_ms, cue.end_ms))


def _block(cue: Cue) -> str:
    settings = f" {cue.settings}" if cue.settings else ""
    return f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}{settings}\n{cue.text}"


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, _MILLISECONDS)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
