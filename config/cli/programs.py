"""Runs other programs for set-up: captured output, the end of it in the error, and no survivor when we die."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.cli import lifeline
from config.cli.faults import SetUpError

_TAIL_LINES = 25


def run(
    command: Sequence[str | Path],
    *,
    what: str,
    advice: str,
    variables: Mapping[str, str],
    cwd: Path | None = None,
    answer: str | None = None,
) -> str:
    """The program's output, both streams as one text. `answer` goes to its standard input.

    Raises SetUpError made of `what`, `advice` and the end of the output when it cannot start or ends with an error.
    """
    try:
        done = subprocess.run(
            [str(word) for word in command],
            input=answer,
            stdin=subprocess.DEVNULL if answer is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=dict(variables),
            cwd=cwd,
            check=False,
            preexec_fn=lifeline.die_with_parent,
        )
    except OSError as error:
        raise SetUpError(what, advice=advice, tail=str(error)) from error
    if done.returncode:
        raise SetUpError(what, advice=advice, tail="\n".join(done.stdout.splitlines()[-_TAIL_LINES:]))
    return done.stdout


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
