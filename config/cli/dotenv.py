"""Reads a `.env` file: KEY=VALUE lines, comments, optional quotes. No expansion, no multi-line values."""

from __future__ import annotations

import re
from pathlib import Path

from config.cli.faults import SetUpError

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


def read(file: Path) -> dict[str, str]:
    """The file's variables; empty without the file. Raises SetUpError with the line's number for anything else."""
    if not file.is_file():
        return {}
    variables: dict[str, str] = {}
    for number, raw in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise SetUpError(
                f"{file.name}, line {number}: this is not KEY=VALUE", advice="Correct the line or remove it."
            )
        variables[match[1]] = _value(match[2])
    return variables


def _value(text: str) -> str:
    quote = text[:1]
    if quote in {'"', "'"} and len(text) > 1 and text.endswith(quote):
        return text[1:-1]
    return re.split(r"\s+#", text, maxsplit=1)[0].strip()
