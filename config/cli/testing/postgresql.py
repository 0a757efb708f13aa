"""A PostgreSQL of the test run's own: a fresh cluster in a temporary folder on a free port, gone afterwards."""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.cli import debian, lifeline
from config.cli.faults import SetUpError
from config.cli.readiness import free_port

_START_SECONDS = 30.0
# What is in it is thrown away: durability would only cost time.
_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "100"}


class NoServerError(Exception):
    """Why there is none; a sentence for the summary."""


def find_programs(variables: Mapping[str, str]) -> Path:
    """The folder with initdb and postgres, newest first; installed where it may be. Raises NoServerError."""
    found = _installed()
    if found is None and debian.may_install():
        try:
            debian.install("postgresql", variables=variables)
        except SetUpError as error:
            raise NoServerError(str(error)) from error
        found = _installed()
    if found is None:
        raise NoServerError(f"no PostgreSQL server found; {debian.command_for('postgresql')} adds one")
    return found


def _installed() -> Path | None:
    packaged = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()]
    if packaged:
        return max(packaged, key=lambda folder: [int(part) for part in re.findall(r"\d+", folder.parent.name)])
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """The address of an empty database as a URL. Raises NoServerError when it does not start."""
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="matinee-pg-"))
    password_file = folder / "password"
    password = secrets.token_hex(16)
    password_file.write_text(password)
    if owner:
        for path in (folder, password_file):
            os.chown(path, pwd.getpwnam(owner).pw_uid, pwd.getpwnam(owner).pw_gid)
    try:
        _initialise(programs, folder, owner)
        port = free_port()
        options = {
            **_SETTINGS,
            "port": str(port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(folder),
        }
        running = _popen(
            [
                str(programs / "postgres"),
                "-D",
                str(folder / "cluster"),
                *(f"--{name}={value}" for name, value in options.items()),
            ],
            owner,
            folder,
        )
        try:
            _wait(programs, running, port, folder)
            yield f"postgres://matinee:{password}@127.0.0.1:{port}/postgres"
        finally:
            running.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            running.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> str | None:
    """PostgreSQL refuses to run as root; Debian's package made a user for it."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise NoServerError("PostgreSQL does not run as root, and there is no other user to run it as")


def _popen(command: list[str], owner: str | None, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            user=owner,
            group=pwd.getpwnam(owner).pw_gid if owner else None,
            extra_groups=[] if owner else None,
            start_new_session=True,
            preexec_fn=lifeline.die_with_parent,  # noqa: PLW1509 -- the test run has one thread
        )


def _initialise(programs: Path, folder: Path, owner: str | None) -> None:
    words = [
        "--username=matinee",
        f"--pwfile={folder / 'password'}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--no-sync",
    ]
    made = _popen([str(programs / "initdb"), "-D", str(folder / "cluster"), *words], owner, folder)
    if made.wait():
        raise NoServerError(f"initdb failed: {_last_words(folder)}")


def _wait(programs: Path, running: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and running.poll() is None:
        asked = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        if subprocess.run(asked, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise NoServerError(f"PostgreSQL did not start: {_last_words(folder)}")


def _last_words(folder: Path) -> str:
    return " / ".join((folder / "log").read_text(errors="replace").splitlines()[-5:])
