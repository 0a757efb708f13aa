"""Advanced SubStation Alpha and its elder SSA: the dialogue's words; of all that is drawn around them, italic, bold,
underlined and the place on the screen. Pure."""

from __future__ import annotations

import re

from videos.pipeline.captions_cues import STYLES, Cue, MarkedText, placed

_SECTION = re.compile(r"[ \t]*\[([^\]\n]{1,40})\][ \t]*")
_CLOCK = re.compile(r"\s*(\d{1,3}):(\d{1,2}):(\d{1,2})[.,:](\d{1,3})\s*")
_EVENT = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_OVERRIDE = re.compile(r"\{([^{}]*)\}")
_CODE = re.compile(r"\\(an|[biupr])(\d{0,3})(?![A-Za-z0-9])|\\(r)[^\\]*")
_PLACES = range(1, 10)
_BOLD = 1  # a weight may stand in its place: 700


def is_one(text: str) -> bool:
    """Whether one of its sections is there."""
    return any(section[1].lower() in {"script info", "events"} for section in _SECTION.finditer(text[:4000]))


def cues(text: str) -> list[Cue]:
    """Every line of dialogue; comments are none."""
    italics = italic_styles(text)
    found: list[Cue] = []
    section, order = "", list(_EVENT)
    for line in text.split("\n"):
        if header := _SECTION.fullmatch(line):
            section = header[1].lower()
            continue
        kind, _, rest = line.partition(":")
        kind = kind.strip().lower()
        if section == "events" and kind == "format":
            order = _names(rest)
        elif section == "events" and kind == "dialogue":
            cue = _cue(_fields(rest, order), italics)
            if cue is not None:
                found.append(cue)
    return found


def italic_styles(text: str) -> frozenset[str]:
    """The names of the styles that are italic, in the header of a script."""
    order: list[str] = []
    italics: set[str] = set()
    for line in text.split("\n"):
        kind, _, rest = line.partition(":")
        kind = kind.strip().lower()
        if kind == "format" and "italic" in rest.lower():
            order = _names(rest)
        elif kind == "style":
            fields = _fields(rest, order)
            if fields.get("italic", "0").strip() not in {"", "0"}:
                italics.add(fields.get("name", "").strip())
    return frozenset(italics)


def packet(text: str, italics: frozenset[str]) -> tuple[str, str]:
    """Cue text and settings of a line as Matroska stores it: its number and its fields without times."""
    fields = _fields(text, ["number", *(name for name in _EVENT if name not in {"start", "end"})])
    return marked(fields.get("text", ""), is_italic=fields.get("style", "").strip() in italics)


def marked(text: str, *, is_italic: bool) -> tuple[str, str]:
    """Cue text and settings of a line's own text."""
    base = ("i",) if is_italic else ()
    words = MarkedText(*base)
    settings = ""
    is_drawing = False
    for place, part in enumerate(_OVERRIDE.split(text)):
        if place % 2 == 0:
            if not is_drawing:
                words.add(part.replace(r"\N", "\n").replace(r"\n", " ").replace(r"\h", "\u00a0"))
            continue
        for code in _CODE.finditer(part):
            name, value = code[1] or code[3], int(code[2] or 0)
            if name == "an" and value in _PLACES:
                settings = settings or placed(value)
            elif name == "p":
                is_drawing = value > 0
            elif name == "r":
                for style in STYLES:
                    words.turn(style, on=style in base)
            elif name in STYLES:
                words.turn(name, on=value >= _BOLD)
    return words.cue_text(), settings


def _cue(fields: dict[str, str], italics: frozenset[str]) -> Cue | None:
    start, end = (_CLOCK.fullmatch(fields.get(name, "")) for name in ("start", "end"))
    if start is None or end is None:
        return None
    style = fields.get("style", "").strip().lstrip("*")
    words, settings = marked(fields.get("text", ""), is_italic=style in italics)
    return Cue(_milliseconds(start), _milliseconds(end), words, settings)


def _milliseconds(clock: re.Match[str]) -> int:
    hours, minutes, seconds, fraction = clock.groups()
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def _names(text: str) -> list[str]:
    return [name.strip().lower() for name in text.split(",")]


def _fields(text: str, order: list[str]) -> dict[str, str]:
    """By their names; the last one takes the rest, commas and all."""
    return dict(zip(order, text.split(",", max(0, len(order) - 1)), strict=False))
