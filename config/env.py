"""Typed readers for environment variables. A value that cannot be read stops the start with its name and what was
expected.

Owns no setting: config/settings.py names them all. Standard library only.
"""

from __future__ import annotations

import os
from pathlib import Path

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})


class SettingError(Exception):
    """An environment variable holds something that cannot be used."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r} cannot be used: expected {expected}")


def text(name: str, default: str = "") -> str:
    """The variable's value without surrounding blanks; `default` when unset or empty."""
    return os.environ.get(name, "").strip() or default


def boolean(name: str, *, default: bool = False) -> bool:
    """1/true/yes/on or 0/false/no/off."""
    raw = text(name).lower()
    if not raw:
        return default
    if raw in TRUE:
        return True
    if raw in FALSE:
        return False
    raise SettingError(name, raw, "yes or no")


def integer(name: str, default: int, *, minimum: int | None = None, maximum: int | None = None) -> int:
    """A whole number within the bounds."""
    raw = text(name)
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise SettingError(name, raw, "a whole number") from None
    if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
        raise SettingError(name, raw, f"a whole number from {minimum} to {maximum if maximum is not None else 'any'}")
    return value


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """One of `choices`."""
    value = text(name, default).lower()
    if value not in choices:
        raise SettingError(name, value, " or ".join(choices))
    return value


def items(name: str) -> list[str]:
    """A comma-separated list; blanks and empty entries are dropped."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def numbers(name: str, choices: tuple[int, ...]) -> list[int]:
    """A comma-separated list of some of `choices`; all of them when unset."""
    try:
        values = [int(part) for part in items(name)]
    except ValueError:
        values = [0]
    if not set(values) <= set(choices):
        raise SettingError(name, text(name), f"some of {', '.join(map(str, choices))}")
    return values or list(choices)


def path(name: str, default: Path) -> Path:
    """An absolute path; `~` is expanded and a relative one is taken from the working directory."""
    raw = text(name)
    return Path(raw).expanduser().resolve() if raw else default
