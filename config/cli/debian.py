"""Debian's packages, for what set-up and tests may install by themselves: as root only, on Debian and its children."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from config.cli import programs


def may_install() -> bool:
    """Are we root on a system with apt?"""
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def command_for(*packages: str) -> str:
    """The one command that a person types to have the packages."""
    if shutil.which("apt-get"):
        return f"sudo apt-get install {' '.join(packages)}"
    if shutil.which("dnf"):
        return f"sudo dnf install {' '.join(packages)}"
    return f"install {' '.join(packages)} with your system's package manager"


def install(*packages: str, variables: Mapping[str, str]) -> None:
    """Installs them without asking. Raises SetUpError."""
    environment = {**variables, "DEBIAN_FRONTEND": "noninteractive"}
    advice = f"Look at apt's message above, then try by hand: apt-get install {' '.join(packages)}"
    what = f"Debian's {', '.join(packages)} could not be installed"
    programs.run(["apt-get", "update", "-q"], what=what, advice=advice, variables=environment)
    programs.run(
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages],
        what=what,
        advice=advice,
        variables=environment,
    )
