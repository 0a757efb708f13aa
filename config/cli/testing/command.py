"""The order of the test run: cheap checks first, then tests on SQLite, on PostgreSQL, and in Chromium. Every stage runs
even when an earlier one failed, so that one run tells everything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

from config.cli import lifeline, set_up
from config.cli.checkout import Checkout
from config.cli.console import Console
from config.cli.options import Options
from config.cli.testing import chromium, postgresql
from config.cli.testing.stages import Result, Stage, exit_code, run, table

# Two test processes fit the smallest machine that we promise to fit (two cores).
_TEST_PROCESSES = "2"


def test(checkout: Checkout, options: Options) -> int:
    """1 when anything failed; under CI (`CI=true`) a skip is a failure. Raises SetUpError when set-up fails."""
    lifeline.guard(shares_terminal=True)
    console = Console()
    console.say("Set-up")
    set_up.prepare_checkout(checkout, options, console, lists=("base", "dev"), with_tools=True)
    skips_fail = options.variables.get("CI", "").lower() in {"1", "true"}
    with ExitStack() as servers:
        stages = [] if options.arguments else list(_static_stages(checkout, options))
        stages += _pytest_stages(checkout, options, servers)
        results: list[Result] = [run(stage, cwd=checkout.root, skips_fail=skips_fail) for stage in stages]
    console.say(table(results))
    return exit_code(results)


def _static_stages(checkout: Checkout, options: Options) -> Iterator[Stage]:
    python = str(checkout.python)
    variables = _variables(checkout, options)
    yield Stage("ruff check", (python, "-m", "ruff", "check", "."), variables)
    yield Stage("ruff format", (python, "-m", "ruff", "format", "--check", "."), variables)
    yield Stage("mypy", (python, "-m", "mypy"), {**variables, **_settings_for_types(checkout)})
    yield Stage("import law", (str(checkout.programs / "lint-imports"),), variables)
    yield Stage("tsc", (str(checkout.node_modules / ".bin" / "tsc"), "-p", "jsconfig.json"), variables)
    scripts = sorted(
        str(file.relative_to(checkout.root)) for file in (checkout.root / "tests" / "js").rglob("*.test.js")
    )
    if scripts:
        yield Stage("node --test", ("node", "--test", "--test-reporter=spec", *scripts), variables)


def _pytest_stages(checkout: Checkout, options: Options, servers: ExitStack) -> Iterator[Stage]:
    variables = _variables(checkout, options)
    # A chosen test may want a debugger or one process's output: then there are no parallel processes.
    parallel = () if options.arguments else ("-n", _TEST_PROCESSES, "--durations=10")
    yield _pytest(checkout, options, "tests on SQLite", "not browser", variables, *parallel)
    yield _on_postgresql(checkout, options, servers, parallel)
    # Apart from the others: Playwright's loop and asynchronous tests cannot share a process. One after the other: a
    # site, its encoders and a browser keep two processors busy.
    browser, no_browser = chromium.find(options.variables)
    yield _pytest(
        checkout,
        options,
        "tests in Chromium",
        "browser",
        {**variables, "CHROMIUM": browser},
        skip_reason=no_browser,
    )


def _on_postgresql(checkout: Checkout, options: Options, servers: ExitStack, parallel: tuple[str, ...]) -> Stage:
    variables = _variables(checkout, options)
    skip_reason = ""
    try:
        url = servers.enter_context(postgresql.server(postgresql.find_programs(options.variables)))
        variables = {**variables, "TEST_DATABASE_URL": url}
    except postgresql.NoServerError as error:
        skip_reason = str(error)
    return _pytest(
        checkout,
        options,
        "tests on PostgreSQL",
        "database and not browser",
        variables,
        *parallel,
        skip_reason=skip_reason,
    )


def _pytest(
    checkout: Checkout,
    options: Options,
    name: str,
    marks: str,
    variables: dict[str, str],
    *words: str,
    skip_reason: str = "",
) -> Stage:
    report = checkout.cache / "tests" / f"{name.replace(' ', '-').lower()}.xml"
    command = (
        str(checkout.python),
        "-m",
        "pytest",
        "-m",
        marks,
        f"--junitxml={report}",
        *words,
        *options.arguments,
    )
    return Stage(name, command, variables, report, skip_reason)


def _variables(checkout: Checkout, options: Options) -> dict[str, str]:
    return {**options.variables, "PATH": checkout.search_path(options.variables.get("PATH", ""))}


def _settings_for_types(checkout: Checkout) -> dict[str, str]:
    """The checker's Django plugin imports the settings, which want a key and a folder."""
    return {
        "SECRET_KEY": "for-the-type-checker-only-" + "k" * 50,
        "DATA_DIR": os.fspath(checkout.cache / "types"),
    }
