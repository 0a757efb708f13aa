"""One stage of the test run and what came of it; the table of all of them."""

from __future__ import annotations

import os
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.cli import lifeline

PYTEST_FOUND_NOTHING = 5


@dataclass(frozen=True)
class Counts:
    """Tests of a stage."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


@dataclass(frozen=True)
class Stage:
    """A program to run. `report` is the JUnit file that pytest writes; `skip_reason` says why it cannot run here."""

    name: str
    command: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    report: Path | None = None
    skip_reason: str = ""


@dataclass(frozen=True)
class Result:
    """What came of a stage. `outcome`: passed, failed, skipped, or empty (pytest selected nothing)."""

    name: str
    outcome: str
    seconds: float = 0.0
    counts: Counts = Counts()
    remark: str = ""


def run(stage: Stage, *, cwd: Path, skips_fail: bool) -> Result:
    """Runs it with its output shown as it comes."""
    print(f"\n=== {stage.name} ===", flush=True)
    if stage.skip_reason:
        print(stage.skip_reason, flush=True)
        return Result(stage.name, "failed" if skips_fail else "skipped", remark=stage.skip_reason)
    if stage.report:
        stage.report.parent.mkdir(parents=True, exist_ok=True)
        stage.report.unlink(missing_ok=True)
    started = time.monotonic()
    code = subprocess.run(
        stage.command,
        cwd=cwd,
        env={**os.environ, **stage.variables},
        check=False,
        preexec_fn=lifeline.die_with_parent,
    ).returncode
    seconds = time.monotonic() - started
    counts = _read_report(stage.report) if stage.report else Counts()
    if code == PYTEST_FOUND_NOTHING and stage.report:
        return Result(stage.name, "empty", seconds, remark="no test selected")
    if skips_fail and counts.skipped:
        return Result(stage.name, "failed", seconds, counts, "skipped tests are failures here")
    return Result(stage.name, "failed" if code else "passed", seconds, counts, f"exit code {code}" if code else "")


def _read_report(file: Path) -> Counts:
    """Zero of everything when pytest could not write it."""
    try:
        suites = list(ET.parse(file).getroot().iter("testsuite"))
    except (OSError, ET.ParseError):
        return Counts()
    total, failures, errors, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites) for name in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    return Counts(total - failed - skipped, failed, skipped)


def table(results: list[Result]) -> str:
    """A line a stage, then the total, which a machine reads too ("12 passed, 0 failed, 1 skipped")."""
    width = max(len(result.name) for result in results)
    lines = ["", "=== summary ==="]
    for result in results:
        tests = f"{result.counts.passed} passed" if result.counts.passed else ""
        tests += f", {result.counts.failed} failed" if result.counts.failed else ""
        tests += f", {result.counts.skipped} skipped" if result.counts.skipped else ""
        remark = "; ".join(word for word in (tests.lstrip(", "), result.remark) if word)
        lines.append(f"{result.name:<{width}}  {result.outcome:<7}  {result.seconds:6.1f} s  {remark}".rstrip())
    total = sum((result.counts for result in results), Counts())
    lines.append(f"{'all':<{width}}  {'':<7}  {sum(result.seconds for result in results):6.1f} s")
    lines.append(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return "\n".join(lines)


def exit_code(results: list[Result]) -> int:
    """1 when a stage failed, or when nothing was tested at all."""
    return int(
        any(result.outcome == "failed" for result in results) or all(result.outcome == "empty" for result in results)
    )
