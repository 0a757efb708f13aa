"""Lets transactional tests clean up after themselves: Django empties every table after each, and the audit trail's
triggers refuse that, as they should. They are off for exactly that moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from django.db import connection
from django.test import TransactionTestCase

TRIGGERS = import_module("accounts.migrations.0002_audit_trail_is_append_only")
TABLE = "accounts_auditentry"


@contextmanager
def writable_trail() -> Iterator[None]:
    """The triggers are off inside; a test that tampers with the trail uses it too."""
    is_postgresql = connection.vendor == "postgresql"
    if is_postgresql:  # which alters no table while checks of its foreign keys are still to be made
        settle = "SET CONSTRAINTS ALL IMMEDIATE"
        off = [settle, f"ALTER TABLE {TABLE} DISABLE TRIGGER USER"]
        on = [settle, f"ALTER TABLE {TABLE} ENABLE TRIGGER USER"]
    else:
        off, on = TRIGGERS.SQLITE_REVERSE, TRIGGERS.SQLITE
    with connection.cursor() as cursor:
        for statement in off:
            cursor.execute(statement)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for statement in on:
                cursor.execute(statement)


def let_tests_empty_the_trail() -> None:
    """Called once, before the first test."""
    empty_all_tables = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # no public name

    def empty_all_tables_and_the_trail(self: TransactionTestCase) -> None:
        with writable_trail():
            empty_all_tables(self)

    TransactionTestCase._fixture_teardown = empty_all_tables_and_the_trail  # type: ignore[attr-defined]
