"""The test run brings its own PostgreSQL and leaves nothing of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import psycopg
import pytest

from config.cli.testing import postgresql


def test_a_server_of_our_own_starts_empty_and_is_gone_afterwards() -> None:
    try:
        programs = postgresql.find_programs(os.environ)
    except postgresql.NoServerError as why:
        pytest.skip(str(why))
    before = set(Path(tempfile.gettempdir()).glob("matinee-pg-*"))
    with postgresql.server(programs) as url:
        assert url.startswith("postgres://matinee:")
        with psycopg.connect(url) as connection:
            assert connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)
    assert set(Path(tempfile.gettempdir()).glob("matinee-pg-*")) <= before
