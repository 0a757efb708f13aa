"""The site in processes of its own: all of it, as `python3 run.py` starts it, or one server on the test's database."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from config.cli.readiness import free_port
from tests.config.cli.descendants import MARK, alive

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 120  # on a machine that tests something else at the same time
STOP_SECONDS = 20
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
# What the test run or the developer set for themselves, and a site must not inherit.
_NOT_INHERITED = {
    "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DATA_DIR", "ADMIN_PASSWORD", "PUBLIC_URL", "ALLOWED_HOSTS", "NO_DEMO"
}  # fmt: skip
CLEAN = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}


@dataclass
class Site:
    """A started `run.py` and the file that it prints to."""

    process: subprocess.Popen[bytes]
    log: Path
    mark: str
    data_dir: Path
    address: str = ""  # without a slash at its end

    def printed(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def wait_for(self, pattern: str) -> str:
        """The first group of what it prints."""
        self.wait_until(lambda: re.search(pattern, self.printed()) or self.process.poll() is not None)
        found = re.search(pattern, self.printed())
        assert found, f"it never printed {pattern!r}:\n{self.printed()[-4000:]}"
        return found[1]

    def wait_until(self, condition: Callable[[], object]) -> None:
        _wait_until(condition, self.log)

    def get(self, path: str) -> dict[str, object]:
        """A JSON document of the site, as a guest sees it."""
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:
            body: dict[str, object] = json.load(answer)
            return body

    def is_ready(self) -> bool:
        try:
            return self.get("/readyz")["status"] == "ok"
        except OSError:
            return False

    def pids_of(self, words: str) -> list[int]:
        """Its processes whose command line holds the words; of a worker the pool's children too."""
        found = []
        for pid in alive(self.mark):
            with suppress(OSError):  # ended meanwhile
                if words in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                    found.append(pid)
        return found


@contextmanager
def started_site(folder: Path, *, has_demo: bool = False, **environment: str) -> Iterator[Site]:
    """`python3 run.py` with its data in `folder/data`, ready to work; ended as Ctrl-C would at the end."""
    mark = secrets.token_hex(8)
    log = folder / f"{mark}.log"
    words = ["--data-dir", str(folder / "data"), "--port", "0", *([] if has_demo else ["--no-demo"])]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "run.py"), *words],
            cwd=ROOT,
            env={**CLEAN, "DISK_RESERVE_BYTES": "1000000", MARK: mark, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    site = Site(process, log, mark, folder / "data")
    try:
        site.address = site.wait_for(r"Matinee is at (http://\S+)").rstrip("/")
        yield site
    finally:
        _end(process)


def run_beside(data_dir: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Another `python3 run.py` on the same data, to its end."""
    command = [sys.executable, str(ROOT / "run.py"), "--data-dir", str(data_dir), "--port", "0", *words]
    return subprocess.run(command, cwd=ROOT, env=CLEAN, capture_output=True, text=True, timeout=START_SECONDS)


@contextmanager
def managed_server(site: Site) -> Iterator[str]:
    """`python3 run.py manage runserver` beside the site; its address."""
    words = ["run.py", "--data-dir", str(site.data_dir), "manage", *RUNSERVER[1:]]
    log = site.data_dir.parent / "runserver.log"
    with listening(words, port=free_port(), log=log, environment={**CLEAN, MARK: site.mark}) as (port, _process):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def site_process(
    command: Sequence[str], data_dir: Path, **environment: str
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """One server on the test's database and folders: `python <command>` with its `{port}` filled in; yields the port
    and the process once it listens."""
    (data_dir / "static").mkdir(exist_ok=True)
    own = {"DATA_DIR": str(data_dir), "DATABASE_URL": _database_url(), "LOG_LEVEL": "info", **environment}
    log = data_dir / "site.log"
    with listening(command, port=free_port(), log=log, environment={**os.environ, **own}) as running:
        yield running


@contextmanager
def listening(
    command: Sequence[str], *, port: int, log: Path, environment: Mapping[str, str]
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Runs `python <command>` until the block ends; yields the port and the process once it takes connections."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *(word.format(port=port) for word in command)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until(lambda: _takes_connections(port) or process.poll() is not None, log)
        assert process.poll() is None, f"it ended:\n{log.read_text('utf-8', 'replace')[-3000:]}"
        yield port, process
    finally:
        _end(process)


def _database_url() -> str:
    """The test database, as another process reaches it."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{known['NAME']}"
    return f"postgres://{known['USER']}:{known['PASSWORD']}@/{known['NAME']}?host={known['HOST']}&port={known['PORT']}"


def _takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def _wait_until(condition: Callable[[], object], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {START_SECONDS} s:\n{log.read_text('utf-8', 'replace')[-4000:]}")
        time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    """What does not end when asked to is killed with all that it started."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)
