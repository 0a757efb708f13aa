"""The pages for people are found, point at what exists, and name every proof, benchmark and command there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.cli import options
from config.cli.figures import listed

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [*DOCS.rglob("*.md"), *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md"))],
)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)")
# `videos/http/receiver.py`, `config/cli/`, `tests/e2e/`: what looks like a place in the tree.
PLACE = re.compile(r"`((?:accounts|analytics|benchmarks|config|docs|static|templates|tests|videos)/[\w./-]*)`")
# Made by set-up, or an example in words.
NOT_IN_GIT = ("static/vendor",)


def _targets(page: Path) -> set[Path]:
    return {
        (page.parent / link).resolve()
        for link in LINK.findall(page.read_text("utf-8"))
        if not re.match(r"[a-z]+:", link)
    }


def test_every_page_is_linked_from_where_a_newcomer_begins() -> None:
    seen: set[Path] = set()
    to_read = [ROOT / "README.md"]
    while to_read:
        page = to_read.pop()
        if page not in seen and page.suffix == ".md":
            seen.add(page)
            to_read += _targets(page)
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in seen] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_leads_nowhere(page: Path) -> None:
    assert [str(target) for target in _targets(page) if not target.exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_calls_by_its_place_is_there(page: Path) -> None:
    if page.parent.name == "decisions":
        return  # tells what was so on its day
    named = {place for place in PLACE.findall(page.read_text("utf-8")) if not place.startswith(NOT_IN_GIT)}
    assert sorted(place for place in named if not (ROOT / place).exists()) == []


def test_every_command_and_option_of_run_py_is_described() -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    assert [name for name in options.COMMANDS if f"`python3 run.py {name}" not in page] == []
    flags = {flag for action in options.parser()._actions for flag in action.option_strings if flag.startswith("--")}
    assert sorted(flag for flag in flags if f"`{flag}" not in page) == []


def test_every_proof_has_its_figures() -> None:
    page = (DOCS / "proofs.md").read_text("utf-8")
    proofs = listed(ROOT / "benchmarks" / "proofs")
    assert proofs
    assert [name for name in proofs if f"\n## {name}\n" not in page] == []


def test_every_benchmark_has_its_figures() -> None:
    page = (DOCS / "performance.md").read_text("utf-8")
    benchmarks = listed(ROOT / "benchmarks")
    assert benchmarks
    assert [name for name in benchmarks if f"`python3 run.py bench {name}" not in page] == []
