"""Finds processes by a mark in their environment, whoever their parent is by now."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

MARK = "MATINEE_TEST_MARK"


def alive(mark: str) -> list[int]:
    """Ids of running processes that carry the mark; the dead that nobody has collected yet do not count."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
            if state != "Z" and f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def count_settles(mark: str, wanted: int, *, seconds: float = 15.0) -> bool:
    """Do they become exactly so many?"""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if len(alive(mark)) == wanted:
            return True
        time.sleep(0.05)
    return False
