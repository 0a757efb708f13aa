"""Runs other programs for set-up: captured output, the end of it in the error, and no survivor when we die."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from config.cli import lifeline
from config.cli.faults import SetUpError

_TAIL_LINES = 25
_TICK_SECONDS = 1.0


def run(
    command: Sequence[str | Path],
    *,
    what: str,
    advice: str,
    variables: Mapping[str, str],
    cwd: Path | None = None,
    answer: str | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> str:
    """The program's output, both streams as one text. `answer` goes to its standard input; `meanwhile` is called about
    once a second while it runs.

    Raises SetUpError made of `what`, `advice` and the end of the output when it cannot start or ends with an error.
    """
    try:
        running = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL if answer is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=dict(variables),
            cwd=cwd,
            preexec_fn=lifeline.die_with_parent,  # noqa: PLW1509 -- set-up has one thread
        )
    except OSError as error:
        raise SetUpError(what, advice=advice, tail=str(error)) from error
    with running:
        said = _said(running, answer, meanwhile)
    if running.returncode:
        raise SetUpError(what, advice=advice, tail="\n".join(said.splitlines()[-_TAIL_LINES:]))
    return said


def _said(running: subprocess.Popen[str], answer: str | None, meanwhile: Callable[[], None]) -> str:
    try:
        while True:
            try:
                return running.communicate(answer, timeout=_TICK_SECONDS)[0]
            except subprocess.TimeoutExpired:
                meanwhile()
    except BaseException:
        running.kill()  # as subprocess.run does: nobody is left behind
        raise


def answers(command: Sequence[str | Path], variables: Mapping[str, str] | None = None) -> bool:
    """Does the program start and end well? Its output is thrown away."""
    try:
        return (
            subprocess.run(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=None if variables is None else dict(variables),
                check=False,
                timeout=30,
            ).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
