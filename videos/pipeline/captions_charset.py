"""Bytes of text whose charset nobody has told: by its mark, UTF-8, or the old charset in which it looks most like
something that people write. Pure."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the next one
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_CHARACTERS: Final = 50_000
_PLAUSIBLE: Final = 0.75
_TWO_BYTES: Final = 2
_BROKEN_SHARE: Final = 0.05  # of a UTF-8 file's characters beyond ASCII, where something was cut through


class UndecodableText(ValueError):
    """Not text."""


def decoded(content: bytes) -> str:
    """The text. Raises UndecodableText."""
    for mark, charset in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(charset)
            except UnicodeDecodeError as error:
                raise UndecodableText(str(error)) from error
    if b"\x00" in content:
        raise UndecodableText("zero bytes, and no mark of UTF-16")
    text = content.decode("utf-8", "replace")
    foreign = sum(character > "\x7f" for character in text)
    if text.count("\ufffd") <= _BROKEN_SHARE * foreign:
        return text
    return _old(content)


def _old(content: bytes) -> str:
    """By plausibility; Western European where nothing else is plausible."""
    found: list[tuple[float, str]] = []
    for charset, share in _SHARES.items():
        try:
            text = content.decode(charset)
        except UnicodeDecodeError:
            continue
        sample = text[:_SAMPLE_CHARACTERS]
        found.append((share(sample), text))
    best = max(found, default=(0.0, ""), key=lambda candidate: candidate[0])
    return best[1] if best[0] >= _PLAUSIBLE else content.decode("cp1252", "replace")


def _of_foreign(text: str, is_usual: Callable[[str], bool]) -> float:
    """How many of the characters beyond ASCII are usual ones."""
    foreign = [character for character in text if character > "\x7f"]
    return sum(map(is_usual, foreign)) / len(foreign) if foreign else 0.0


def _leads(character: str, charset: str) -> int:
    """The first byte of a character in a two-byte charset; 0 where it has none of two bytes."""
    try:
        encoded = character.encode(charset)
    except UnicodeEncodeError:
        return 0
    return encoded[0] if len(encoded) == _TWO_BYTES else 0


def _chinese_simplified(text: str) -> float:
    """GB 2312: signs, and the 3,755 characters of every day."""
    return _of_foreign(text, lambda one: 0xA1 <= _leads(one, "gb2312") <= 0xA3 or 0xB0 <= _leads(one, "gb2312") <= 0xD7)


def _chinese_traditional(text: str) -> float:
    """Big5: signs, and the 5,401 characters of every day."""
    return _of_foreign(text, lambda one: 0xA1 <= _leads(one, "big5") <= 0xA3 or 0xA4 <= _leads(one, "big5") <= 0xC6)


def _japanese(text: str) -> float:
    """Shift JIS: signs, kana and the kanji of the first level; without kana it is no Japanese."""
    has_kana = any("\u3041" <= character <= "\u30fe" for character in text)
    return _of_foreign(text, lambda one: 0x81 <= _leads(one, "shift_jis") <= 0x97) if has_kana else 0.0


def _russian(text: str) -> float:
    """Nearly all letters are Cyrillic: a few of them among Latin ones are another charset's accents."""
    letters = [character for character in text if character.isalpha()]
    cyrillic = sum("А" <= character <= "я" or character in "Ёё" for character in letters)
    return cyrillic / len(letters) if letters else 0.0


_SHARES: Final[dict[str, Callable[[str], float]]] = {
    "gb18030": _chinese_simplified,
    "big5": _chinese_traditional,
    "shift_jis": _japanese,
    "cp1251": _russian,
}
