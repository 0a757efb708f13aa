"""run.py itself: starts under a bare Python, and says what is wrong with an old one."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OLD_PYTHON = """
import runpy, sys
sys.version_info = (3, 8, 10, "final", 0)
sys.argv = ["run.py"]
runpy.run_path("run.py", run_name="__main__")
"""


def _bare(*words: str) -> subprocess.CompletedProcess[str]:
    """A Python without any installed package."""
    return subprocess.run([sys.executable, "-I", "-S", *words], cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_it_needs_no_package() -> None:
    told = subprocess.run(
        [sys.executable, "-S", "run.py", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 0
    assert "--data-dir" in told.stdout


def test_an_old_python_is_told_what_is_missing() -> None:
    told = _bare("-c", OLD_PYTHON)
    assert told.returncode == 1
    assert "needs Python 3.11 or newer; this is Python 3.8" in told.stderr
    assert "Traceback" not in told.stderr


def test_it_parses_under_the_oldest_syntax_that_the_parser_knows() -> None:
    ast.parse((ROOT / "run.py").read_text(), feature_version=(3, 4))


def test_a_fault_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = subprocess.run(
        [sys.executable, "run.py", "--data-dir", str(tmp_path / "file" / "data")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 1
    assert "cannot be written" in told.stderr
    assert "Traceback" not in told.stderr


def test_an_unknown_figure_is_answered_with_those_that_exist() -> None:
    told = subprocess.run(
        [sys.executable, "run.py", "bench", "weather"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 1
    assert "There is no 'weather'" in told.stderr
