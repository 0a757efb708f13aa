"""SubRip: numbers, times and text, as forgivingly as players read it. Pure."""

from __future__ import annotations

import re
from html import unescape

from videos.pipeline.captions_cues import Cue, MarkedText, placed

_CLOCK = r"(?:(\d{1,4})\s*:\s*)?(\d{1,3})\s*:\s*(\d{1,2})(?:\s*[.,:]\s*(\d{1,6}))?"
TIMING = re.compile(rf"[ \t]*{_CLOCK}[ \t]*--?>[ \t]*{_CLOCK}(?:[ \t]+(.*))?")
_NUMBER = re.compile(r"[ \t]*\d{1,9}[ \t]*")
_TOKEN = re.compile(r"<(/?)([A-Za-z]{1,6})((?:[ \t][^<>\n]{0,300})?)/?>|\{\\([^{}\n]{0,100})\}|(&[a-z]{2,4};)")
_TAGS = {"i": "i", "em": "i", "b": "b", "strong": "b", "u": "u", "font": "", "s": "", "span": ""}
_PLACE = re.compile(r"an([1-9])")
_ENTITIES = {"&amp;", "&lt;", "&gt;", "&quot;", "&nbsp;"}


def is_one(text: str) -> bool:
    """Whether a line of it is a cue's time."""
    return any("->" in line and TIMING.fullmatch(line) for line in text.split("\n"))


def cues(text: str) -> list[Cue]:
    """Everything between one line of time and the next; numbers may be missing, and so may empty lines."""
    found: list[Cue] = []
    times: re.Match[str] | None = None
    lines: list[str] = []
    for line in text.split("\n"):
        timing = TIMING.fullmatch(line) if "->" in line else None
        if timing is None:
            lines.append(line)
            continue
        if lines and _NUMBER.fullmatch(lines[-1]):
            lines.pop()
        if times is not None:
            found.append(_cue(times, lines))
        times, lines = timing, []
    if times is not None:
        found.append(_cue(times, lines))
    return found


def _cue(times: re.Match[str], lines: list[str]) -> Cue:
    words, settings = marked("\n".join(lines))
    return Cue(milliseconds(*times.group(1, 2, 3, 4)), milliseconds(*times.group(5, 6, 7, 8)), words, settings)


def milliseconds(hours: str | None, minutes: str, seconds: str, fraction: str | None) -> int:
    """Of the parts of a clock."""
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "").ljust(3, "0")[:3])


def marked(text: str) -> tuple[str, str]:
    """Cue text and cue settings of SubRip's text: its few tags and `{\\an8}`; any other tag is text."""
    words = MarkedText()
    settings = ""
    done = 0
    for token in _TOKEN.finditer(text):
        closing, tag, _, codes, entity = token.groups()
        if tag is not None and tag.lower() not in _TAGS:
            continue
        if entity is not None and entity not in _ENTITIES:
            continue
        words.add(text[done : token.start()])
        done = token.end()
        if tag is not None:
            if style := _TAGS[tag.lower()]:
                words.turn(style, on=not closing)
        elif entity is not None:
            words.add(unescape(entity))
        elif place := _PLACE.search(codes):
            settings = placed(int(place[1]))
    words.add(text[done:])
    return words.cue_text(), settings
