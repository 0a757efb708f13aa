"""Front-end packages: installed by npm from the lock without running their scripts, then the few files that the site
serves are copied to static/vendor/<package>/ as package-files.json lists them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping

from config.cli import programs, python_environment
from config.cli.checkout import Checkout
from config.cli.console import Console
from config.cli.faults import SetUpError
from config.cli.stamps import Stamp, digest

_OLDEST_NODE = 18
_VERSION_CHECK = f"process.exit(Number(process.versions.node.split('.')[0]) >= {_OLDEST_NODE} ? 0 : 1)"


def ensure(checkout: Checkout, *, with_tools: bool, variables: Mapping[str, str], console: Console) -> None:
    """Installs and copies when the lock or the list of files changed; `with_tools` adds the type checker.

    Raises SetUpError. Needs no network when nothing changed.
    """
    key = digest([checkout.root / name for name in ("package.json", "package-lock.json", "package-files.json")])
    tools_stamp, files_stamp = (
        Stamp(checkout.node_modules / ".tools.stamp"),
        Stamp(checkout.vendor / ".stamp"),
    )
    if files_stamp.says(key) and (tools_stamp.says(key) or not with_tools):
        return
    has_node = _has_node(variables)
    if not has_node:
        python_environment.ensure(checkout, ["node"], variables=variables, console=console)
    with console.step("Front-end packages"):
        programs.run(
            [
                "npm",
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                *([] if with_tools else ["--omit=dev"]),
            ],
            what="The front-end packages could not be installed",
            advice="Look at npm's message: without a network or registry, mend npm's configuration and start again.",
            variables=variables if has_node else {**variables, "PATH": checkout.search_path(variables.get("PATH", ""))},
            cwd=checkout.root,
        )
        copy_files(checkout)
        files_stamp.write(key)
        if with_tools:
            tools_stamp.write(key)


def copy_files(checkout: Checkout) -> None:
    """Lays static/vendor/ anew. Raises SetUpError for an entry that matches nothing."""
    listed: dict[str, list[str]] = json.loads((checkout.root / "package-files.json").read_text(encoding="utf-8"))
    fresh = checkout.vendor.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for package, patterns in listed.items():
        home = checkout.node_modules / package
        for pattern in patterns:
            found = [file for file in sorted(home.glob(pattern)) if file.is_file()]
            if not found:
                raise SetUpError(
                    f"package-files.json: {package} has no file {pattern}",
                    advice="Compare the list with node_modules/ after an upgrade of that package.",
                )
            for file in found:
                target = fresh / package / file.relative_to(home)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
    shutil.rmtree(checkout.vendor, ignore_errors=True)
    fresh.rename(checkout.vendor)


def _has_node(variables: Mapping[str, str]) -> bool:
    path = variables.get("PATH")
    node = shutil.which("node", path=path)
    return (
        node is not None
        and shutil.which("npm", path=path) is not None
        and programs.answers([node, "-e", _VERSION_CHECK], variables)
    )
