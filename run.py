"""Starts Matinee and every tool around it: `python3 run.py --help`.

Must parse under any Python 3, so that an old one is told what is wrong instead of stumbling over new syntax.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- this is the check of what pyproject.toml promises
    sys.exit(
        "Matinee needs Python 3.11 or newer; this is Python {}.{} at {}.\n"  # noqa: UP032 -- see above
        "Install a newer one and call it by its name, for example: python3.11 run.py".format(
            sys.version_info[0], sys.version_info[1], sys.executable
        )
    )

from config.cli.entry import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
