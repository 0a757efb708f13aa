"""What Django itself must do before the site runs: migrate, collect static files, make the administrator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from config.cli import programs
from config.cli.checkout import Checkout
from config.cli.console import Console
from config.cli.data_folder import DataFolder
from config.cli.stamps import Stamp, digest

# Files of packages that no page asks for: source maps, types, and the pages of DRF and Redoc that we do not show.
NOT_COLLECTED = ("*.map", "*.d.ts", "redoc", "rest_framework")
RESET_PASSWORD = "python3 run.py manage changepassword admin"


def ensure_database(checkout: Checkout, folder: DataFolder, *, variables: Mapping[str, str], console: Console) -> None:
    """Applies migrations. A database elsewhere may change without us, so it is asked each time. Raises SetUpError."""
    is_elsewhere = bool(variables.get("DATABASE_URL"))
    stamp, key = Stamp(folder.notes / "migrated.stamp"), _migrations_key(checkout)
    if stamp.says(key) and not is_elsewhere and (folder.path / "matinee.sqlite3").exists():
        return
    with console.step("Database"):
        _run_django(
            ("migrate", "--no-input", "--verbosity=0"),
            what="The database could not be brought up to date",
            advice="Check DATABASE_URL and the data folder; nothing else was changed.",
            checkout=checkout,
            variables=variables,
        )
        stamp.write(key)


def ensure_static_files(
    checkout: Checkout, folder: DataFolder, *, variables: Mapping[str, str], console: Console
) -> None:
    """Collects them under hashed names. Raises SetUpError."""
    sources = [file for file in (checkout.root / "static").rglob("*") if file.is_file()]
    stamp = Stamp(folder.notes / "static.stamp")
    key = digest(
        [*sources, checkout.requirements / "base.txt", checkout.root / "config" / "static_storage.py"], *NOT_COLLECTED
    )
    if stamp.says(key) and (folder.path / "static").is_dir():
        return
    with console.step("Static files"):
        _run_django(
            ("collectstatic", "--no-input", "--verbosity=0", *(f"--ignore={pattern}" for pattern in NOT_COLLECTED)),
            what="The static files could not be collected",
            advice="Correct the file that is named above.",
            checkout=checkout,
            variables=variables,
        )
        stamp.write(key)


def ensure_administrator(
    checkout: Checkout, folder: DataFolder, *, variables: Mapping[str, str], console: Console
) -> str:
    """Makes `admin` in a database without administrator. What to print once; empty when there was nothing to do.

    Raises SetUpError.
    """
    stamp = Stamp(folder.notes / "administrator.stamp")
    key = digest([], variables.get("DATABASE_URL", ""))
    if stamp.says(key) and (variables.get("DATABASE_URL") or (folder.path / "matinee.sqlite3").exists()):
        return ""
    with console.step("Administrator"):
        told = _run_django(
            ("make_admin",),
            what="The administrator could not be made",
            advice="Make one by hand: python3 run.py manage createsuperuser",
            checkout=checkout,
            variables=variables,
        )
        stamp.write(key)
    outcome, _blank, password = told.splitlines()[-1].partition(" ")
    if outcome != "created":
        return ""
    shown = f"{password} (shown only at this first start)" if password else "the one in ADMIN_PASSWORD"
    return f"Administrator: admin, password: {shown}\nTo change it: {RESET_PASSWORD}"


def _run_django(
    words: Sequence[str], *, what: str, advice: str, checkout: Checkout, variables: Mapping[str, str]
) -> str:
    """What the command printed. The system checks would load every page first, and the tests run them.

    Raises SetUpError.
    """
    return programs.run(
        [checkout.python, "manage.py", *words, "--skip-checks"],
        what=what,
        advice=advice,
        variables=variables,
        cwd=checkout.root,
    )


def _migrations_key(checkout: Checkout) -> str:
    ours = [file for file in checkout.root.glob("*/migrations/*.py") if not _is_hidden(file, checkout.root)]
    return digest([*ours, checkout.requirements / "base.txt"])


def _is_hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(root).parts)
