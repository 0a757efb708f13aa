"""The site in a process of its own, on the test's database and folders."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from tests.media_places import free_port

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60
UVICORN = (
    "-m",
    "uvicorn",
    "config.asgi:application",
    "--lifespan",
    "off",
    "--log-level",
    "warning",
    "--port",
    "{port}",
)
RUNSERVER = ("manage.py", "runserver", "--noreload", "127.0.0.1:{port}")


def _database_url() -> str:
    """The test database, as another process reaches it."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{known['NAME']}"
    return f"postgres://{known['USER']}:{known['PASSWORD']}@/{known['NAME']}?host={known['HOST']}&port={known['PORT']}"


@contextmanager
def site_process(
    command: Sequence[str], data_dir: Path, **environment: str
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Runs `python <command>` with its `{port}` filled in; yields the port and the process once it listens."""
    port = free_port()
    (data_dir / "static").mkdir(exist_ok=True)
    log = (data_dir / "site.log").open("wb")
    own = {"DATA_DIR": str(data_dir), "DATABASE_URL": _database_url(), "LOG_LEVEL": "info", **environment}
    process = subprocess.Popen(
        [sys.executable, *(word.format(port=port) for word in command)],
        cwd=ROOT,
        env={**os.environ, **own},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        _wait_until_it_listens(port, process, Path(log.name))
        yield port, process
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the site did not start:\n{log.read_text('utf-8', 'replace')[-3000:]}")
