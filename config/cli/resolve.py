"""`run.py lock`, for maintainers: writes requirements/*.txt and package-lock.json anew from pyproject.toml and
package.json. The outputs name no index: addresses come only from pip's, uv's and npm's own configuration."""

from __future__ import annotations

import tempfile
from pathlib import Path

from config.cli import programs, python_environment
from config.cli.checkout import Checkout
from config.cli.console import Console
from config.cli.options import Options

_UV_OPTIONS = (
    "--universal",  # one list for every platform, by environment markers
    "--python-version=3.11",
    "--generate-hashes",
    "--only-binary=:all:",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--upgrade",
    "--quiet",
)
# Each list by what it is compiled from. dev.txt must hold base.txt in the same versions, so base.txt constrains it.
_LISTS = {
    "base": (),
    "dev": ("--group=dev", "--constraints=requirements/base.txt"),
    "node": ("--group=node", "--constraints=requirements/base.txt"),
}


def lock(checkout: Checkout, options: Options) -> int:
    """Raises SetUpError when something cannot be resolved."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="matinee-lock-") as folder:
        tool = Checkout(Path(folder))
        python_environment.create(tool.venv, python=Path(checkout.python), variables=options.variables)
        programs.run(
            [tool.python, "-m", "pip", "install", "--quiet", "uv"],
            what="uv could not be installed",
            advice="Look at pip's message.",
            variables=options.variables,
        )
        for name, words in _LISTS.items():
            with console.step(f"requirements/{name}.txt"):
                source = [] if name == "node" else ["pyproject.toml"]
                programs.run(
                    [
                        tool.python,
                        "-m",
                        "uv",
                        "pip",
                        "compile",
                        *source,
                        *words,
                        *_UV_OPTIONS,
                        f"--output-file=requirements/{name}.txt",
                    ],
                    what=f"requirements/{name}.txt could not be resolved",
                    advice="Correct pyproject.toml.",
                    variables=options.variables,
                    cwd=checkout.root,
                )
    with console.step("package-lock.json"):
        programs.run(
            [
                "npm",
                "install",
                "--package-lock-only",
                "--omit-lockfile-registry-resolved",
                "--ignore-scripts",
                "--no-audit",
            ],
            what="package-lock.json could not be resolved",
            advice="Correct package.json.",
            variables=options.variables,
            cwd=checkout.root,
        )
    return 0
