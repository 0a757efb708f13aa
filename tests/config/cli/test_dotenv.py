"""`.env`: plain KEY=VALUE lines; anything else is told by its number."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.cli import dotenv
from config.cli.faults import SetUpError


def test_comments_quotes_and_exports_are_understood(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# a comment\n\nPLAIN=film\nexport NAMED = night  # why\nQUOTED=\"a # b\"\nSINGLE=' x '\nEMPTY=\nURL=postgres://u:p#w@h/n\n"
    )
    assert dotenv.read(file) == {
        "PLAIN": "film",
        "NAMED": "night",
        "QUOTED": "a # b",
        "SINGLE": " x ",
        "EMPTY": "",
        "URL": "postgres://u:p#w@h/n",
    }


def test_without_a_file_there_are_no_variables(tmp_path: Path) -> None:
    assert dotenv.read(tmp_path / ".env") == {}


def test_a_line_that_is_no_setting_is_told_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\nthis is prose\n")
    with pytest.raises(SetUpError, match="line 2"):
        dotenv.read(file)
