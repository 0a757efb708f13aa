"""The tests' own database, named so that another process can open it too."""

from __future__ import annotations

from urllib.parse import quote

from django.db import connection


def url_of_test_database() -> str:
    """A DATABASE_URL for processes that a test starts."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(settings['NAME']))}".replace("////", "///")
    host, port = settings["HOST"], settings["PORT"]
    address = (
        f"localhost/{settings['NAME']}?host={quote(host, safe='')}"
        if host.startswith("/")
        else (f"{host}{f':{port}' if port else ''}/{settings['NAME']}")
    )
    return f"postgres://{quote(settings['USER'])}:{quote(settings['PASSWORD'])}@{address}"
