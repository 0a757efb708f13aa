"""Finds the browser of the end-to-end tests, or installs Debian's where that is allowed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from config.cli import debian
from config.cli.faults import SetUpError

# It shall have nothing to do but what it is asked: its errands of its own take half a processor where they fail.
ARGUMENTS = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio")
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find(variables: Mapping[str, str]) -> tuple[str, str]:
    """(path, "") or ("", why there is none)."""
    found = installed(variables)
    if found:
        return found, ""
    if not debian.may_install():
        return "", f"no Chromium found; {debian.command_for('chromium')} adds one, or set CHROMIUM"
    try:
        debian.install("chromium", variables=variables)
    except SetUpError as error:
        return "", str(error)
    found = installed(variables)
    return (found, "") if found else ("", "Debian's chromium was installed but is not on PATH")


def installed(variables: Mapping[str, str]) -> str:
    """CHROMIUM, else the first browser on PATH that plays H.264; empty when there is none."""
    return variables.get("CHROMIUM") or next((found for name in _NAMES if (found := shutil.which(name))), "")
