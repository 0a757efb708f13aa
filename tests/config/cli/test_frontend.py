"""Front-end files come from the lock by npm, and only those that are listed are served."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path

import pytest

from config.cli import frontend
from config.cli.checkout import Checkout
from config.cli.console import Console
from config.cli.faults import SetUpError

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm comes with set-up where it is missing")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout with one package that lies beside it; its install script would leave a trace."""
    package = tmp_path / "player"
    (package / "dist" / "menu").mkdir(parents=True)
    (package / "package.json").write_text(
        json.dumps({"name": "player", "version": "1.0.0", "scripts": {"install": "touch ran-a-script"}})
    )
    (package / "LICENSE").write_text("free")
    (package / "dist" / "player.js").write_text("export {};")
    (package / "dist" / "menu" / "menu.js").write_text("export {};")
    (package / "dist" / "player.js.map").write_text("large")
    root = tmp_path / "checkout"
    (root / "static").mkdir(parents=True)
    (root / "package.json").write_text(json.dumps({"name": "site", "dependencies": {"player": "file:../player"}}))
    (root / "package-lock.json").write_text(
        json.dumps(
            {
                "name": "site",
                "lockfileVersion": 3,
                "requires": True,
                "packages": {
                    "": {"name": "site", "dependencies": {"player": "file:../player"}},
                    "../player": {"version": "1.0.0", "hasInstallScript": True},
                    "node_modules/player": {"resolved": "../player", "link": True},
                },
            }
        )
    )
    (root / "package-files.json").write_text(json.dumps({"player": ["dist/*.js", "dist/menu/*.js", "LICENSE"]}))
    return Checkout(root)


def _served(checkout: Checkout) -> set[str]:
    return {str(file.relative_to(checkout.vendor)) for file in checkout.vendor.rglob("*.*") if file.name != ".stamp"}


@needs_npm
def test_listed_files_and_licences_are_served_and_a_second_start_does_nothing(
    checkout: Checkout, tmp_path: Path
) -> None:
    printed = io.StringIO()
    frontend.ensure(checkout, with_tools=False, variables=os.environ, console=Console(printed))
    assert _served(checkout) == {"player/dist/player.js", "player/dist/menu/menu.js"}
    assert (checkout.vendor / "player" / "LICENSE").read_text() == "free"
    assert not (tmp_path / "player" / "ran-a-script").exists()
    said = printed.getvalue()
    frontend.ensure(checkout, with_tools=False, variables={"PATH": ""}, console=Console(printed))
    assert printed.getvalue() == said


@needs_npm
def test_what_is_listed_no_more_is_served_no_more(checkout: Checkout) -> None:
    console = Console(io.StringIO())
    frontend.ensure(checkout, with_tools=False, variables=os.environ, console=console)
    (checkout.root / "package-files.json").write_text(json.dumps({"player": ["dist/player.js"]}))
    frontend.ensure(checkout, with_tools=False, variables=os.environ, console=console)
    assert _served(checkout) == {"player/dist/player.js"}


@needs_npm
def test_a_listed_file_that_does_not_exist_is_told_by_name(checkout: Checkout) -> None:
    (checkout.root / "package-files.json").write_text(json.dumps({"player": ["dist/gone.js"]}))
    with pytest.raises(SetUpError, match=r"player has no file dist/gone\.js"):
        frontend.ensure(checkout, with_tools=False, variables=os.environ, console=Console(io.StringIO()))


@needs_npm
def test_a_lock_that_does_not_fit_is_told_with_npms_own_words(checkout: Checkout) -> None:
    (checkout.root / "package.json").write_text(
        json.dumps({"name": "site", "dependencies": {"other": "file:../other"}})
    )
    with pytest.raises(SetUpError, match="could not be installed") as refused:
        frontend.ensure(checkout, with_tools=False, variables=os.environ, console=Console(io.StringIO()))
    assert "npm" in refused.value.tail
