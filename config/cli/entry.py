"""Entry of run.py: reads the options, runs one command, prints what failed and what to do about it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from config.cli import manage, options, resolve, serve
from config.cli.checkout import HERE, Checkout
from config.cli.faults import SetUpError
from config.cli.figures import bench, prove
from config.cli.options import Options
from config.cli.testing.command import test

_COMMANDS: dict[str, Callable[[Checkout, Options], int]] = {
    "": serve.serve,
    "manage": manage.manage,
    "test": test,
    "bench": bench,
    "prove": prove,
    "lock": resolve.lock,
}


def main(argv: Sequence[str]) -> int:
    """The exit code: 0 well, 1 failed, 2 wrong usage, 130 interrupted."""
    try:
        given = options.parse(argv, HERE)
        return _COMMANDS[given.command](HERE, given)
    except SetUpError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
