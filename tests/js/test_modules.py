"""The scripts of the pages: their own tests, their types, and the rules of the house for them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "static" / "js").rglob("*.js"))
IMPORT = re.compile(r"""^(?:import|export)\b(?:[^;"']*\bfrom)?\s*["']([^"']+)["']""", re.MULTILINE)
TYPESCRIPT = ROOT / "node_modules" / "typescript" / "bin" / "tsc"


def _node() -> str:
    """From PATH, else the one that set-up installed."""
    found = shutil.which("node", path=f"{ROOT / '.venv' / 'bin'}:{os.environ.get('PATH', '')}")
    if found is None:
        pytest.skip("no node: `python3 run.py test` installs one")
    return found


def test_the_pure_modules_do_what_their_tests_say() -> None:
    done = subprocess.run([_node(), "--test", "tests/js"], cwd=ROOT, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stdout[-4000:]


def test_types_agree() -> None:
    if not TYPESCRIPT.exists():
        pytest.skip("no TypeScript in node_modules: `python3 run.py test` installs it")
    done = subprocess.run(
        [_node(), str(TYPESCRIPT), "-p", "jsconfig.json"], cwd=ROOT, capture_output=True, text=True, timeout=150
    )
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_can_be_seen_whole_and_says_what_it_is(module: Path) -> None:
    text = module.read_text("utf-8")
    assert text.count("\n") <= 250
    assert text.startswith(("/**", "//"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_are_relative_and_lead_somewhere(module: Path) -> None:
    for place in IMPORT.findall(module.read_text("utf-8")):
        assert place.startswith(("./", "../")), place
        target = (module.parent / place).resolve()
        assert "vendor" in target.parts or target.is_file(), place


def _closure(module: Path, found: set[Path]) -> set[Path]:
    """Everything a module imports at once, itself included."""
    if module not in found:
        found.add(module)
        for place in IMPORT.findall(module.read_text("utf-8")):
            _closure((module.parent / place).resolve(), found)
    return found


def test_the_page_announces_exactly_what_the_player_imports() -> None:
    template = (ROOT / "templates" / "videos" / "_player_scripts.html").read_text("utf-8")
    announced = set(re.findall(r"static '(js/[^']+)'", template))
    needed = _closure(ROOT / "static" / "js" / "player" / "element.js", set())
    assert announced == {module.relative_to(ROOT / "static").as_posix() for module in needed}
