"""`run.py bench [name]` and `run.py prove [name]`: modules of benchmarks/ and benchmarks/proofs/ with a main()."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from config.cli import set_up
from config.cli.checkout import Checkout
from config.cli.console import Console
from config.cli.data_folder import DataFolder
from config.cli.faults import SetUpError
from config.cli.options import Options

# The module's main() may return an exit code or nothing.
_CALL = "import importlib, sys; name = sys.argv.pop(1); sys.exit(importlib.import_module(name).main())"


def bench(checkout: Checkout, options: Options) -> int:
    """One benchmark, or their list. Raises SetUpError."""
    return _dispatch(checkout, options, package="benchmarks")


def prove(checkout: Checkout, options: Options) -> int:
    """One long proof, or their list. Raises SetUpError."""
    return _dispatch(checkout, options, package="benchmarks.proofs")


def listed(folder: Path) -> dict[str, str]:
    """Name → first line of the docstring, for every module of the folder that has a main()."""
    found: dict[str, str] = {}
    for file in sorted(folder.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found[file.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def _dispatch(checkout: Checkout, options: Options, *, package: str) -> int:
    known = listed(checkout.root.joinpath(*package.split(".")))
    if not options.arguments:
        print("\n".join(f"{name:<16} {meaning}" for name, meaning in known.items()) or "There are none yet.")
        return 0
    name, *rest = options.arguments
    if name not in known:
        raise SetUpError(f"There is no {name!r}", advice=f"There are: {', '.join(known) or 'none yet'}.")
    return _run(checkout, options, f"{package}.{name}", rest)


def _run(checkout: Checkout, options: Options, module: str, words: Sequence[str]) -> NoReturn:
    """Replaces this process."""
    set_up.prepare_checkout(checkout, options, Console(sys.stderr), lists=("base", "dev"))
    DataFolder(options.data_dir).prepare()
    variables = set_up.site_variables(options, checkout)
    sys.stdout.flush()
    os.execve(checkout.python, [str(checkout.python), "-c", _CALL, module, *words], variables)
