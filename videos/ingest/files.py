"""What a received file is called on screen. Names from outside are shown, never used as paths. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from videos.models.content import TITLE_LIMIT

FILENAME_LIMIT: Final = 255
NAMELESS: Final = "original"
# Controls, formats (bidirectional overrides among them), lone surrogates, line and paragraph separators: what
# can forge or break a line of text. The two joiners are letters' business in Persian and in emoji.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS: Final = "\u200c\u200d"
_EXTENSION = re.compile(r"\.(?=[0-9]*[a-z])[a-z0-9]{1,5}$", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A complete file that lies alone in a folder of INCOMING_DIR, and what its sender called it. The upload receiver
    hands it to Django in the request's scope."""

    SCOPE_KEY: ClassVar = "matinee.received"

    path: Path
    filename: str
    bytes: int


def _visible(text: str) -> str:
    """`text` on one line, composed, without what cannot be seen."""
    spaced = re.sub(r"\s", " ", text)
    kept = "".join(c for c in spaced if c in _JOINERS or unicodedata.category(c) not in _INVISIBLE)
    return re.sub(" +", " ", unicodedata.normalize("NFC", kept)).strip(f" {_JOINERS}")


def _parts(sent: str) -> tuple[str, str]:
    """Stem and extension (with its point, or empty) of the last part of a path of any system."""
    name = _visible(re.split(r"[/\\]", sent)[-1])
    extension = match.group() if (match := _EXTENSION.search(name)) else ""
    return name.removesuffix(extension), extension


def shown_filename(sent: str) -> str:
    """The last part of what a client called its file, fit to be shown: at most 255 characters, never empty.
    The extension survives the cut."""
    stem, extension = _parts(sent)
    if not (stem + extension).strip("."):
        return NAMELESS
    return stem[: FILENAME_LIMIT - len(extension)] + extension


def title_from_filename(filename: str) -> str:
    """A title made of a file name: no extension, blanks for underscores, at most 200 characters; or empty."""
    stem, _extension = _parts(filename)
    return _visible(stem.replace("_", " ").strip(" ."))[:TITLE_LIMIT].strip()
