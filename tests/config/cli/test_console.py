"""Steps tell their time; what a process says meanwhile stands on lines of its own."""

from __future__ import annotations

import io
import re

import pytest

from config.cli.console import Console


def test_a_step_is_named_and_timed_on_one_line() -> None:
    out = io.StringIO()
    with Console(out).step("Database"):
        assert out.getvalue() == "  Database … "
    assert re.fullmatch(r"  Database … \d+\.\d s\n", out.getvalue())


def test_a_failed_step_says_so() -> None:
    out = io.StringIO()
    with pytest.raises(ZeroDivisionError), Console(out).step("Database"):
        _ = 1 / 0
    assert re.fullmatch(r"  Database … failed after \d+\.\d s\n", out.getvalue())


def test_a_line_of_a_process_does_not_run_into_a_step() -> None:
    out = io.StringIO()
    console = Console(out)
    with console.step("Processes"):
        console.line("web", "up")
    assert re.fullmatch(r"  Processes … \nweb     \| up\n  Processes: \d+\.\d s\n", out.getvalue())


def test_there_are_no_colours_outside_a_terminal() -> None:
    out = io.StringIO()
    Console(out).line("web", "up")
    assert out.getvalue() == "web     | up\n"
