"""A strict reader of the WebVTT that we write: what is not exactly of our form fails the test."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

TIMING = re.compile(r"(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})(?: (.+))?")
TAG = re.compile(r"<(/?)([biu])>")
SETTING = re.compile(r"(vertical:(rl|lr)|line:-?[\d.]+%?(,\w+)?|position:[\d.]+%(,[\w-]+)?|size:[\d.]+%|align:\w+)")
LONGEST_LINE = 500


@dataclass(frozen=True)
class ReadCue:
    """In milliseconds, with its text as it is displayed, and as it stands there."""

    start_ms: int
    end_ms: int
    settings: str
    lines: tuple[str, ...]
    marked: str


def read_strictly(content: bytes) -> list[ReadCue]:
    """The cues, in order; asserts everything that holds for a file of ours."""
    text = content.decode()
    assert text.startswith("WEBVTT\n\n")
    assert text.endswith("\n")
    assert "\r" not in text
    assert "\x00" not in text
    blocks = text.removesuffix("\n").split("\n\n")[1:]
    found = [_cue(block) for block in blocks]
    times = [(cue.start_ms, cue.end_ms) for cue in found]
    assert times == sorted(times)
    return found


def _cue(block: str) -> ReadCue:
    first, *lines = block.split("\n")
    timing = TIMING.fullmatch(first)
    assert timing is not None, first
    numbers = [int(number) for number in timing.groups()[:8]]
    start, end = (((h * 60 + m) * 60 + s) * 1000 + ms for h, m, s, ms in (numbers[:4], numbers[4:]))
    assert start < end
    for setting in (timing[9] or "").split():
        assert SETTING.fullmatch(setting), setting
    assert lines, "a cue without text"
    return ReadCue(start, end, timing[9] or "", tuple(map(_displayed, lines)), "\n".join(lines))


def _displayed(line: str) -> str:
    open_tags: list[str] = []
    for closing, tag in TAG.findall(line):
        if closing:
            assert open_tags.pop() == tag
        else:
            assert tag not in open_tags
            open_tags.append(tag)
    assert open_tags == []
    text = TAG.sub("", line)
    assert text.strip(), "an empty line would end the cue"
    assert "<" not in text
    assert ">" not in text
    assert all(re.match(r"&(amp|lt|gt);", text[place.start() :]) for place in re.finditer("&", text))
    displayed = unescape(text)
    assert len(displayed) <= LONGEST_LINE
    return displayed
