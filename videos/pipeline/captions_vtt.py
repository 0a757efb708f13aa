"""WebVTT as others write it: NOTE, STYLE and REGION blocks, classes and voices are left out, valid cue settings stay
(W3C WebVTT §6). Pure."""

from __future__ import annotations

import re
from html import unescape

from videos.pipeline.captions_cues import Cue, MarkedText
from videos.pipeline.captions_srt import TIMING, milliseconds

_HEADER = re.compile(r"\ufeff?WEBVTT(?:[ \t][^\n]*)?(?:\n|$)")
_BLOCKS = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)*")
_TOKEN = re.compile(r"<(/?)([a-z]{1,4})((?:[.\s][^<>]{0,300})?)>|<[\d:.]{5,16}>")
_STYLES = frozenset("biu")
_LEFT_OUT = frozenset({"c", "v", "lang", "ruby", "rt"})
_PERCENT = r"(?:100(?:\.0{1,6})?|\d{1,2}(?:\.\d{1,6})?)%"
_SETTINGS = {
    "vertical": re.compile(r"rl|lr"),
    "line": re.compile(rf"(?:-?\d{{1,4}}|{_PERCENT})(?:,(?:start|center|end))?"),
    "position": re.compile(rf"{_PERCENT}(?:,(?:line-left|center|line-right))?"),
    "size": re.compile(_PERCENT),
    "align": re.compile(r"start|center|end|left|right"),
}


def is_one(text: str) -> bool:
    """Whether it says so in its first line."""
    return _HEADER.match(text) is not None


def cues(text: str) -> list[Cue]:
    """Those of all blocks that are cues."""
    return [cue for block in _BLOCKS.split(text) if (cue := _cue(block)) is not None]


def _cue(block: str) -> Cue | None:
    lines = block.strip("\n").split("\n")
    for place, line in enumerate(lines[:2]):  # the first may be the cue's name
        times = TIMING.fullmatch(line) if "-->" in line else None
        if times is not None:
            start, end = milliseconds(*times.group(1, 2, 3, 4)), milliseconds(*times.group(5, 6, 7, 8))
            return Cue(start, end, marked("\n".join(_payload(lines[place + 1 :]))), valid_settings(times[9] or ""))
    return None


def _payload(lines: list[str]) -> list[str]:
    """Up to a line that looks like the time of another cue, which no text may contain."""
    end = next((number for number, line in enumerate(lines) if "-->" in line), len(lines))
    return lines[:end]


def valid_settings(text: str) -> str:
    """Those that the standard knows, each once; regions are not among them, because we keep none."""
    kept: dict[str, str] = {}
    for word in text.split():
        name, _, value = word.partition(":")
        if name in _SETTINGS and _SETTINGS[name].fullmatch(value):
            kept[name] = value
    return " ".join(f"{name}:{value}" for name, value in kept.items())


def marked(text: str) -> str:
    """Cue text with italic, bold and underlined only; a tag that WebVTT does not know is text."""
    words = MarkedText()
    done = 0
    for token in _TOKEN.finditer(text):
        closing, tag = token[1], token[2]
        if tag is not None and tag not in _STYLES and tag not in _LEFT_OUT:
            continue
        words.add(unescape(text[done : token.start()]))
        done = token.end()
        if tag in _STYLES:
            words.turn(tag, on=not closing)
    words.add(unescape(text[done:]))
    return words.cue_text()
