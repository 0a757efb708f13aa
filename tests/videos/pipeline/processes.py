"""Finds the processes a test has started by what their command lines say."""

from __future__ import annotations

import time
from pathlib import Path


def processes_mentioning(text: str) -> list[int]:
    """Ids of living processes whose command line contains `text`; the dead that nobody collected don't count."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            state = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except OSError:
            continue
        if text in command and state != "Z":
            found.append(int(folder.name))
    return found


def wait_until_gone(text: str, seconds: float = 20) -> bool:
    """Whether no process mentions `text` any more, waiting for it."""
    return _wait(text, seconds, present=False)


def wait_until_there(text: str, seconds: float = 60) -> bool:
    """Whether some process mentions `text`, waiting for it."""
    return _wait(text, seconds, present=True)


def _wait(text: str, seconds: float, *, present: bool) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if bool(processes_mentioning(text)) is present:
            return True
        time.sleep(0.05)
    return False
