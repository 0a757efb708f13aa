"""Uploads of several GB through a real uvicorn: memory of the web process, and what the disk has afterwards."""

from __future__ import annotations

import hashlib
import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.proofs.record import write_down
from config.cli.readiness import free_port

SEED = 20260711
MEGABYTE = 1 << 20
MEGABYTES = 3 * 1024
GROWTH_LIMIT_MEGABYTES = 30
ROOT = Path(__file__).resolve().parents[2]
HEAD = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="long.mp4"\r\n\r\n'
TAIL = b"\r\n--edge--\r\n"


def _prepared_site(folder: Path) -> str:
    """A fresh database in `folder`; returns the token of its one user."""
    (folder / "static").mkdir()
    os.environ |= {
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_hex(32),
        "DATABASE_URL": "",
        "MEDIA_STORAGE": "files",
    }
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from knox.models import AuthToken

    from accounts.models import User

    token: str = AuthToken.objects.create(User.objects.create_user("prover"))[1]
    return token


def _memory_megabytes(pid: int, which: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{which}:"))


def _send(port: int, token: str, blocks: list[bytes], megabytes: int) -> str:
    """Sends a film of that size and returns its SHA-256. Raises RuntimeError unless it is taken."""
    digest = hashlib.sha256()
    length = len(HEAD) + megabytes * MEGABYTE + len(TAIL)
    head = (
        f"POST /api/videos/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: {length}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode() + HEAD)
        for number in range(megabytes):
            block = blocks[number % len(blocks)]
            digest.update(block)
            connection.sendall(block)
        connection.sendall(TAIL)
        answer = connection.recv(65536)
    if not answer.startswith(b"HTTP/1.1 201 "):
        raise RuntimeError(answer[:500])
    return digest.hexdigest()


def _started(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--lifespan", "off", "--log-level", "error"]
    process = subprocess.Popen([*command, "--port", str(port)], cwd=ROOT)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None:
                raise
            time.sleep(0.1)
        else:
            return process


def main() -> int:
    """Prints the figures; 1 if memory grew by more than 30 MB or a film was not stored byte for byte."""
    blocks = [random.Random(SEED + number).randbytes(MEGABYTE) for number in range(7)]
    with tempfile.TemporaryDirectory(prefix="matinee-proof-") as name:
        folder = Path(name)
        token = _prepared_site(folder)
        port = free_port()
        process = _started(port)
        try:
            _send(port, token, blocks, 1)
            before = _memory_megabytes(process.pid, "VmRSS")
            began = time.monotonic()
            digest = _send(port, token, blocks, MEGABYTES)
            seconds = time.monotonic() - began
            growth = _memory_megabytes(process.pid, "VmHWM") - before
        finally:
            process.terminate()
            process.wait(20)
        stored = max((folder / "media").rglob("original"), key=lambda path: path.stat().st_size)
        with stored.open("rb") as file:
            is_same = hashlib.file_digest(file, "sha256").hexdigest() == digest
    write_down(
        "upload_memory",
        meaning="Sends one long film through the upload receiver; the web process must not grow with it.",
        figures={
            "film": f"{MEGABYTES} MB in {seconds:.1f} s, {MEGABYTES / seconds:.0f} MB/s",
            "web process before": f"{before:.1f} MB",
            "at most more": f"{growth:.1f} MB (limit {GROWTH_LIMIT_MEGABYTES})",
            "stored byte for byte": "yes" if is_same else "NO",
        },
        seed=SEED,
    )
    return 0 if is_same and growth < GROWTH_LIMIT_MEGABYTES else 1
