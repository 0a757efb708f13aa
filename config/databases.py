"""DATABASE_URL to Django's DATABASES entry: SQLite as it must be opened here, or PostgreSQL with a pool and limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any  # Django's own setting is a dict of mixed values
from urllib.parse import parse_qsl, unquote, urlsplit

from config.env import SettingError

# IMMEDIATE takes the write lock at BEGIN: with Django's deferred default, parallel read-then-write transactions fail
# with "database is locked" for most writers (measured), because SQLite cannot upgrade a read lock while another one
# writes.
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-20000;"
    ),
}
POSTGRESQL_LIMITS = "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s"


def sqlite(file: Path) -> dict[str, Any]:
    """A database file; tests use a file too, because threads and processes must see the same rows."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": SQLITE_OPTIONS,
        "TEST": {"NAME": str(file.with_name("test-" + file.name))},
    }


def from_url(url: str, *, default_file: Path) -> dict[str, Any]:
    """`postgres://user:password@host:port/name?option=value`, `sqlite:///path`, or the default file when empty."""
    if not url:
        return sqlite(default_file)
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path)))
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise SettingError(
            "DATABASE_URL", url.rsplit("@", maxsplit=1)[-1], "postgres://user:password@host:port/name or sqlite:///path"
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A socket directory cannot stand in the host part of a URL: ?host=/run/postgresql
        "HOST": query.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}, "options": POSTGRESQL_LIMITS, **query},
    }
