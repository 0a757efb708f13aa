"""The virtual environment and what is installed in it: exactly the hash-pinned lists of requirements/, wheels only."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from config.cli import debian, lifeline, programs
from config.cli.checkout import Checkout
from config.cli.console import Console
from config.cli.faults import SetUpError
from config.cli.stamps import Stamp, digest

_PIP_OPTIONS = (
    "--require-hashes",
    "--only-binary=:all:",
    "--no-deps",  # the lists are complete: resolving again would only take time
    "--no-compile",  # byte code is made by every core afterwards
    "--no-input",
    "--disable-pip-version-check",
    "--no-warn-script-location",
    "--progress-bar=off",
)
_NEVER_IMPORTED = "/(tests?|pip|setuptools)/"
_VERSION_CHECK = "import sys; sys.exit(sys.version_info < (3, 11))"
_PIP_WITH_PYTHON_OPTION = "import pip, sys; sys.exit(tuple(map(int, pip.__version__.split('.')[:2])) < (22, 3))"


def ensure(
    checkout: Checkout,
    lists: Sequence[str],
    *,
    variables: Mapping[str, str],
    console: Console,
    python: Path = Path(sys.executable),
) -> None:
    """Makes `.venv` if it is missing or broken and installs the named lists ("base", "dev", "node") if they changed.

    `python` makes the environment, and its pip fills it where it has no pip of its own.
    Raises SetUpError. Needs no network when nothing changed.
    """
    if not programs.answers([checkout.python, "-c", _VERSION_CHECK]):
        with console.step("Python environment"):
            create(checkout.venv, python=python, variables=variables)
    missing = [name for name in lists if not _stamp(checkout, name).says(_key(checkout, name))]
    if not missing:
        return
    with console.step(f"Python packages ({', '.join(missing)})"):
        for name in missing:
            if name != "base" or "dev" not in missing:  # dev.txt holds all of base.txt in the same versions
                _install(checkout, name, variables, python, meanwhile=console.tick)
        for name in missing:
            _stamp(checkout, name).write(_key(checkout, name))
        _compile(checkout, variables)


def create(venv: Path, *, python: Path, variables: Mapping[str, str]) -> None:
    """A fresh environment; Debian's Python without ensurepip gets one that an outside pip fills. Raises SetUpError."""
    if venv.exists():
        shutil.rmtree(venv)
    if not programs.answers([python, "-c", "import ensurepip"], variables):
        if programs.answers([python, "-c", _PIP_WITH_PYTHON_OPTION], variables):
            _venv(python, venv, variables, "--without-pip")
            return
        _mend_ensurepip(python, variables)
    _venv(python, venv, variables)


def pip(checkout: Checkout, *, outside: Path) -> list[str]:
    """pip as a command: the environment's own, else the one of the Python that runs us."""
    if programs.answers([checkout.python, "-c", "import pip"]):
        return [str(checkout.python), "-m", "pip"]
    return [str(outside), "-m", "pip", f"--python={checkout.python}"]


def _venv(python: Path, venv: Path, variables: Mapping[str, str], *options: str) -> None:
    programs.run(
        [python, "-m", "venv", *options, venv],
        what="The Python environment could not be made",
        advice=f"Remove {venv} if it is there and start again; {debian.command_for('python3-venv')} often mends it.",
        variables=variables,
    )


def _mend_ensurepip(python: Path, variables: Mapping[str, str]) -> None:
    if debian.may_install():
        debian.install("python3-venv", variables=variables)
        if programs.answers([python, "-c", "import ensurepip"], variables):
            return
    raise SetUpError(
        f"{python} has neither ensurepip nor pip, so it cannot make an environment",
        advice=f"Mend it with: {debian.command_for('python3-venv')}",
    )


def _install(
    checkout: Checkout, name: str, variables: Mapping[str, str], python: Path, *, meanwhile: Callable[[], None]
) -> None:
    programs.run(
        [
            *pip(checkout, outside=python),
            "install",
            *_PIP_OPTIONS,
            "-r",
            checkout.requirements / f"{name}.txt",
        ],
        what=f"The packages of requirements/{name}.txt could not be installed",
        advice="Look at pip's message: without a network or with an index that lacks a file, set up pip's own "
        "configuration (`pip config list`), then start again. What is installed already is kept.",
        variables={**variables, "PIP_USER": "0"},
        meanwhile=meanwhile,
    )


def _compile(checkout: Checkout, variables: Mapping[str, str]) -> None:
    """Byte code on every core; a template that is no Python is no fault."""
    subprocess.run(
        [str(checkout.python), "-m", "compileall", "-q", "-j", "0", "-x", _NEVER_IMPORTED, str(checkout.venv / "lib")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(variables),
        check=False,
        preexec_fn=lifeline.die_with_parent,
    )


def _stamp(checkout: Checkout, name: str) -> Stamp:
    return Stamp(checkout.venv / f".{name}.stamp")


def _key(checkout: Checkout, name: str) -> str:
    return digest([checkout.requirements / f"{name}.txt"])
