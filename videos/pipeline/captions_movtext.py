"""A sample of timed text as MP4 and MOV hold it: length, text, and boxes, of which `styl` says what is italic, bold or
underlined (3GPP TS 26.245 §5.17). Pure."""

from __future__ import annotations

import struct

from videos.pipeline.captions_cues import MarkedText

_LENGTH = struct.Struct(">H")
_BOX = struct.Struct(">I4s")
_STYLE = struct.Struct(">HHHBBI")
_FACES = {1: "b", 2: "i", 4: "u"}
_UTF_16_MARK = b"\xfe\xff"


def marked(sample: bytes) -> str:
    """Cue text; empty where nothing is to be shown."""
    if len(sample) < _LENGTH.size:
        return ""
    (length,) = _LENGTH.unpack_from(sample)
    content = sample[_LENGTH.size : _LENGTH.size + length]
    charset = "utf-16" if content.startswith(_UTF_16_MARK) else "utf-8"
    text = content.decode(charset, "replace").replace("\r\n", "\n").replace("\r", "\n")
    words = MarkedText()
    done = 0
    for first, end, faces in _styles(sample[_LENGTH.size + length :]):
        if not done <= first <= end <= len(text):
            continue
        words.add(text[done:first])
        for bit, style in _FACES.items():
            words.turn(style, on=bool(faces & bit))
        words.add(text[first:end])
        for style in _FACES.values():
            words.turn(style, on=False)
        done = end
    words.add(text[done:])
    return words.cue_text()


def _styles(boxes: bytes) -> list[tuple[int, int, int]]:
    """First character, the one after the last, and faces as bits."""
    place = 0
    while place + _BOX.size <= len(boxes):
        size, kind = _BOX.unpack_from(boxes, place)
        if kind == b"styl":
            records = boxes[place + _BOX.size + _LENGTH.size : place + size]
            whole = len(records) - len(records) % _STYLE.size
            return [(first, end, faces) for first, end, _, faces, _, _ in _STYLE.iter_unpack(records[:whole])]
        if size < _BOX.size:
            break
        place += size
    return []
