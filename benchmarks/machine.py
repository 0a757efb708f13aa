"""What the machine does meanwhile, read from the kernel; for benchmarks."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

IDLE_PATIENCE_SECONDS, IDLE_SHARE = 8.0, 0.8


def wait_until_idle() -> None:
    """Until this machine has little to do, the disk's queue included: each film is measured for itself."""
    deadline = time.monotonic() + IDLE_PATIENCE_SECONDS
    os.sync()
    while time.monotonic() < deadline:
        before = _processor_ticks()
        time.sleep(1)
        idle, total = (after - ago for after, ago in zip(_processor_ticks(), before, strict=True))
        if idle > IDLE_SHARE * total:
            return


def _processor_ticks() -> tuple[int, int]:
    """Of all processors since the machine's start: idle ones, and all."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return ticks[3], sum(ticks)


def peak_megabytes(folder: Path, words: str) -> float:
    """The largest resident size that a process of the site has had whose command line holds the words."""
    largest = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text().replace("\0", " ")
            environment = (process / "environ").read_bytes()
            if words in command and str(folder).encode() in environment:
                found = re.search(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())
                largest = max(largest, int(found[1]) if found else 0)
        except OSError:  # ended meanwhile
            continue
    return largest / 1024
