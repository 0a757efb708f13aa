"""What an operator can set or run is written down, and what is written down exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
READERS = re.compile(r'env\.(?:text|boolean|integer|numbers|choice|items|path)\(\s*"([A-Z0-9_]+)"')
OWN_APPS = {"accounts", "videos", "analytics", "rooms"}
# Read by set-up and the supervisor rather than by Django.
OF_THE_SUPERVISOR = {"NO_DEMO", "ADMIN_PASSWORD"}


def _settings() -> set[str]:
    found: set[str] = set()
    for file in (ROOT / "config").glob("*.py"):
        found |= set(READERS.findall(file.read_text("utf-8")))
    return found | OF_THE_SUPERVISOR


def test_every_setting_stands_in_the_settings_page() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert sorted(name for name in _settings() if f"`{name}`" not in page) == []


def test_the_settings_page_names_nothing_that_is_not_read() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert sorted(set(re.findall(r"^\| `([A-Z0-9_]+)`", page, re.MULTILINE)) - _settings()) == []


def test_the_sample_environment_has_every_setting() -> None:
    sample = (ROOT / ".env.example").read_text("utf-8")
    named = set(re.findall(r"^#?\s*([A-Z][A-Z0-9_]+)=", sample, re.MULTILINE))
    assert sorted(_settings() - named) == []
    assert sorted(named - _settings()) == []


@pytest.mark.parametrize("command", sorted(name for name, app in get_commands().items() if app in OWN_APPS))
def test_every_command_is_described(command: str) -> None:
    assert f"`{command}" in (ROOT / "docs" / "commands.md").read_text("utf-8")
