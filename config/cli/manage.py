"""`run.py manage …`: any Django command in the prepared environment. Replaces this process, so that prompts and signals
are the command's own."""

from __future__ import annotations

import os
import sys

from config.cli import set_up
from config.cli.checkout import Checkout
from config.cli.console import Console
from config.cli.options import Options


def manage(checkout: Checkout, options: Options) -> int:
    """Does not return when the command starts. Raises SetUpError."""
    # Steps go to standard error: the command's own output may be piped into a file.
    variables = set_up.prepare_quietly(checkout, options, Console(sys.stderr))
    sys.stdout.flush()
    os.execve(
        checkout.python,
        [str(checkout.python), str(checkout.root / "manage.py"), *options.arguments],
        variables,
    )
