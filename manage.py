"""Django's own entry. `python3 run.py manage …` calls it in the prepared environment."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Runs one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as error:
        if error.name != "django":
            raise
        sys.exit("Django is not installed here. Use `python3 run.py manage …`, which brings its own environment.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
