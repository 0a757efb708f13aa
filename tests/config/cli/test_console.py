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


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_long_step_counts_its_seconds_on_a_terminal_and_only_there() -> None:
    terminal, file = _Terminal(), io.StringIO()
    for out in (terminal, file):
        console = Console(out)
        console.tick()  # no step runs
        with console.step("Python packages"):
            console.tick()
    assert re.fullmatch(
        r"  Python packages … \r  Python packages … \d+ s\r  Python packages … \d+\.\d s\x1b\[K\n", terminal.getvalue()
    )
    assert re.fullmatch(r"  Python packages … \d+\.\d s\n", file.getvalue())


def test_lines_that_are_data_stay_as_they_came() -> None:
    out = io.StringIO()
    Console(out, has_heads=False).line("web", '{"event": "up"}')
    assert out.getvalue() == '{"event": "up"}\n'
