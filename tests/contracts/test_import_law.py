"""The import law stands in pyproject.toml: it names every module, the page about it says the same, it can be broken."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any  # a contract of the linter is a table of mixed values

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
CONTRACTS: list[dict[str, Any]] = LINTER["contracts"]
# Started in the environment by the supervisor, as a program of its own.
NEEDS_PACKAGES = {"fake_redis.py"}


def test_every_app_is_laid_out_in_full() -> None:
    laid_out = {name for contract in CONTRACTS if contract.get("exhaustive") for name in contract["containers"]}
    assert laid_out == set(LINTER["root_packages"]) - {"config"}


def test_the_page_shows_the_layers_as_they_are_checked() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for contract in CONTRACTS:
        if contract.get("exhaustive"):
            assert "\n".join(contract["layers"]) in page, contract["name"]


# What no contract may let pass: module, line, and how the linter tells of it.
CRIMES = (
    ("videos/models/film.py", "from analytics import sessions", "videos.models.film -> analytics.sessions"),
    ("accounts/models/user.py", "from accounts import forms", "accounts.models.user -> accounts.forms"),
    ("videos/streaming/hls.py", "from videos.engagement import history", "streaming.hls -> videos.engagement.history"),
    ("videos/leftovers.py", "", "videos.leftovers"),
    ("analytics/visitors.py", "from analytics import ingest", "analytics.visitors -> analytics.ingest"),
    ("videos/streaming/byterange.py", "import time", "videos.streaming.byterange -> time"),
    ("videos/streaming/files.py", "import av", "videos.streaming.files -> av"),
    ("videos/streaming/playback.py", "import subprocess", "videos.streaming.playback -> subprocess"),
    ("config/cli/supervisor.py", "import redis", "config.cli.supervisor -> redis"),
)


def test_whoever_breaks_it_is_told(tmp_path: Path) -> None:
    """All at once in a copy of the product's Python, because reading it is what takes time."""
    for package in LINTER["root_packages"]:
        for file in (ROOT / package).rglob("*.py"):
            target = tmp_path / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    for module, line, _told in CRIMES:
        with (tmp_path / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert linted.returncode == 1
    assert [told for _module, _line, told in CRIMES if told not in linted.stdout] == [], linted.stdout


def _packages_of(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("name", ["run.py", "config/env.py", "config/cli"])
def test_what_runs_before_anything_is_installed_imports_the_standard_library(name: str) -> None:
    place = ROOT / name
    files = [file for file in (place.rglob("*.py") if place.is_dir() else [place]) if file.name not in NEEDS_PACKAGES]
    assert files
    foreign = {file.name: _packages_of(file) - sys.stdlib_module_names - {"config"} for file in files}
    assert {file: names for file, names in foreign.items() if names} == {}
