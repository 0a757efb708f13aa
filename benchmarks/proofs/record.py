"""Prints what a proof has found and keeps it in docs/proofs.md: one section a proof, the last run only."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "proofs.md"
HEAD = "# Proofs\n\nWhat `python3 run.py prove NAME` found when it was last run whole, and where.\n"


def write_down(name: str, *, meaning: str, figures: Mapping[str, object], seed: int) -> None:
    """Prints the figures and replaces the proof's section of the page."""
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    today = time.strftime("%Y-%m-%d", time.gmtime())
    told = {**figures, "seed": seed, "machine": machine, "date": today}
    rows = "\n".join(f"| {label} | {value} |" for label, value in told.items())
    section = f"## {name}\n\n{meaning.strip()}\n\n| | |\n|---|---|\n{rows}\n"
    print(section)
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else HEAD
    others = re.sub(rf"\n## {re.escape(name)}\n.*?(?=\n## |\Z)", "", page, flags=re.DOTALL).rstrip("\n")
    PAGE.write_text(f"{others}\n\n{section}", encoding="utf-8")
