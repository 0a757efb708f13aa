"""The test run tells every stage, counts every test, and fails when anything failed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from config.cli.testing.stages import Counts, Result, Stage, exit_code, run, table


def _stage(tmp_path: Path, code: str, *, report: bool = False) -> Stage:
    return Stage(
        "a stage", (sys.executable, "-c", code), report=tmp_path / "reports" / "report.xml" if report else None
    )


def _pytest(tmp_path: Path, tests: str) -> Stage:
    (tmp_path / "test_film.py").write_text(tests)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    report = tmp_path / "reports" / "report.xml"
    command = (sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", "test_film.py")
    return Stage("tests", command, {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}, report=report)


def test_a_program_that_ends_well_has_passed(tmp_path: Path) -> None:
    assert run(_stage(tmp_path, ""), cwd=tmp_path, skips_fail=False).outcome == "passed"


def test_one_that_does_not_has_failed_with_its_code(tmp_path: Path) -> None:
    result = run(_stage(tmp_path, "raise SystemExit(3)"), cwd=tmp_path, skips_fail=False)
    assert (result.outcome, result.remark) == ("failed", "exit code 3")


@pytest.mark.parametrize(("skips_fail", "outcome"), [(False, "skipped"), (True, "failed")])
def test_a_stage_without_its_server_is_skipped_with_the_reason_but_fails_in_ci(
    tmp_path: Path, skips_fail: bool, outcome: str
) -> None:
    result = run(Stage("tests in Chromium", skip_reason="no Chromium found"), cwd=tmp_path, skips_fail=skips_fail)
    assert (result.outcome, result.remark) == (outcome, "no Chromium found")


def test_tests_are_counted(tmp_path: Path) -> None:
    tests = "import pytest\ndef test_a(): pass\ndef test_b(): assert 0\ndef test_c(): pytest.skip('why')\n"
    result = run(_pytest(tmp_path, tests), cwd=tmp_path, skips_fail=False)
    assert (result.outcome, result.counts) == ("failed", Counts(passed=1, failed=1, skipped=1))


def test_a_skipped_test_fails_in_ci_only(tmp_path: Path) -> None:
    stage = _pytest(tmp_path, "import pytest\ndef test_a(): pass\ndef test_c(): pytest.skip('why')\n")
    assert run(stage, cwd=tmp_path, skips_fail=False).outcome == "passed"
    assert run(stage, cwd=tmp_path, skips_fail=True).outcome == "failed"


def test_a_selection_that_finds_nothing_is_no_pass(tmp_path: Path) -> None:
    result = run(_pytest(tmp_path, ""), cwd=tmp_path, skips_fail=False)
    assert result.outcome == "empty"
    assert exit_code([result]) == 1
    assert exit_code([result, Result("other", "passed")]) == 0


def test_the_table_ends_with_a_line_that_machines_read() -> None:
    results = [
        Result("ruff", "passed", 1.25),
        Result("tests", "failed", 60.0, Counts(10, 2, 1), "exit code 1"),
        Result("browser", "skipped", remark="no Chromium found"),
    ]
    lines = table(results).splitlines()
    assert lines[-1] == "10 passed, 2 failed, 1 skipped"
    assert any(line.split() == ["ruff", "passed", "1.2", "s"] for line in lines)
    assert any("10 passed, 2 failed, 1 skipped; exit code 1" in line for line in lines)
    assert any(line.endswith("no Chromium found") for line in lines)
    assert exit_code(results) == 1
