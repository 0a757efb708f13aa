"""A cue and its words: lines of text that may be italic, bold or underlined, escaped as WebVTT wants it (W3C WebVTT
§4.2.2). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Final

LONGEST_LINE: Final = 500  # characters
MOST_LINES: Final = 20
STYLES: Final = ("b", "i", "u")
# Control characters, what browsers take for the end of a line, and the byte order mark.
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_NOTHING = re.compile("[\ufeff\ud800-\udfff]")
_SPACES = re.compile(r"[ \u3000]{2,}")
# Where a number pad's key stands on the screen, as subtitle programs count; the foot's middle is everybody's own.
_ROWS = {7: "line:0", 8: "line:0", 9: "line:0", 4: "line:45%", 5: "line:45%", 6: "line:45%"}
_COLUMNS = {1: "align:left", 4: "align:left", 7: "align:left", 3: "align:right", 6: "align:right", 9: "align:right"}


@dataclass(frozen=True, slots=True)
class Cue:
    """`text` is WebVTT cue text, never with an empty line; `settings` are valid WebVTT cue settings, or nothing."""

    start_ms: int
    end_ms: int
    text: str
    settings: str = ""


def placed(key: int) -> str:
    """Cue settings for a place on the number pad: 7 is the upper left."""
    return " ".join(filter(None, (_ROWS.get(key), _COLUMNS.get(key))))


class MarkedText:
    """Words as they are read, with the styles that are on. What is not a style that we know never gets in here but as
    text."""

    def __init__(self, *styles: str) -> None:
        self._on = set(styles)
        self._lines: list[list[tuple[str, str]]] = [[]]
        self._room = LONGEST_LINE

    def turn(self, style: str, *, on: bool) -> None:
        """Puts one of STYLES on or off."""
        (self._on.add if on else self._on.discard)(style)

    def add(self, text: str) -> None:
        """Plain text. A line ends at each newline; what does not fit into a line or a cue is left out."""
        first, *others = _NOTHING.sub("", _UNSEEN.sub(" ", text)).split("\n")
        self._append(first)
        for line in others:
            self._lines.append([])
            self._room = LONGEST_LINE
            self._append(line)

    def _append(self, text: str) -> None:
        kept = text[: self._room]
        if kept:
            self._room -= len(kept)
            self._lines[-1].append(("".join(style for style in STYLES if style in self._on), kept))

    def cue_text(self) -> str:
        """Lines that say something, each with its styles opened and closed."""
        rendered = (_rendered(line) for line in self._lines if any(text.strip() for _, text in line))
        return "\n".join(line for _, line in zip(range(MOST_LINES), rendered, strict=False))


def _rendered(line: list[tuple[str, str]]) -> str:
    merged: list[tuple[str, str]] = []
    for styles, text in line:
        if merged and merged[-1][0] == styles:
            merged[-1] = (styles, merged[-1][1] + text)
        else:
            merged.append((styles, text))
    merged[0] = (merged[0][0], merged[0][1].lstrip())
    merged[-1] = (merged[-1][0], merged[-1][1].rstrip())
    return "".join(
        "".join(f"<{style}>" for style in styles)
        + escape(_SPACES.sub(" ", text), quote=False)
        + "".join(f"</{style}>" for style in reversed(styles))
        for styles, text in merged
        if text
    )
