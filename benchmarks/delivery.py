"""Media bytes: our two web processes against nginx on the same files, and memory with a hundred slow readers.

Everything listens on 127.0.0.1 and is loaded by wrk on the same processors, so only the ratios mean
something. Needs `nginx` and `wrk` on PATH."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.cli.checkout import HERE
from config.cli.processes import web
from config.cli.readiness import free_port

WEB_PROCESSES = 2
CONNECTIONS = 16
ROUNDS = 4
ROUND_SECONDS = 1  # a round is nginx, then ours: what else the machine does meets both
SIZES = {"300 KB": 300_000, "3 MB": 3_000_000}
LEAST_RATIO = 0.5
READERS = 100
FILM_BYTES = 1 << 30
GROWTH_LIMIT_MEGABYTES = 50
PATIENCE_SECONDS = 90.0

_NGINX = """
{user} worker_processes {processes}; pid {folder}/nginx.pid; error_log {folder}/nginx.log; daemon off;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; types {{ video/mp4 mp4; }}
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {media}; }}
}}
"""


@dataclass(frozen=True)
class Site:
    """A prepared site: its environment, where its files lie, and under which address they are granted."""

    variables: dict[str, str]
    folder: Path
    prefix: str


def prepare(folder: Path) -> Site:
    """Makes a site in `folder` with one published item whose rungs are files of the sizes to be measured."""
    (folder / "static").mkdir()
    own = {
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_hex(32),
        "DATABASE_URL": "",
        "MEDIA_STORAGE": "files",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "WEB_PROCESSES": str(WEB_PROCESSES),
    }
    os.environ |= own
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.contrib.auth.models import AnonymousUser
    from django.utils import timezone

    from accounts.models import User
    from videos import storage
    from videos.models import AuditStatus, ContentMain, ContentStatus
    from videos.streaming.hls import mint_grant

    content = ContentMain.objects.create(
        owner=User.objects.create_user("bench"),
        title="Nine Kinds of Rain",
        status=ContentStatus.AVAILABLE,
        audit_status=AuditStatus.APPROVED,
        version=1,
        duration_seconds=60,
    )
    media = storage.local_path(storage.version_folder(content.public_id, 1))
    media.mkdir(parents=True)
    for label, size in SIZES.items():
        (media / _filename(label)).write_bytes(os.urandom(size))
    with (media / "film.mp4").open("wb") as film:
        film.truncate(FILM_BYTES)
    minted = mint_grant(content=content, viewer=AnonymousUser(), now=timezone.now())
    return Site({**os.environ, **own}, media, f"{minted.prefix}/v1")


def _filename(label: str) -> str:
    return f"{label.replace(' ', '')}.mp4"


@contextmanager
def _running(command: list[str], port: int, variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A server, from its first answer on."""
    process = subprocess.Popen(command, cwd=HERE.root, env=variables)
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def _nginx(folder: Path, media: Path) -> Iterator[int]:
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""  # else its workers could not read what is ours alone
    text = _NGINX.format(user=user, processes=WEB_PROCESSES, folder=folder, port=port, media=media)
    configuration = folder / "nginx.conf"
    configuration.write_text(text)
    command = ["nginx", "-e", str(folder / "nginx.log"), "-p", str(folder), "-c", str(configuration)]
    with _running(command, port, dict(os.environ)):
        yield port


def _requests_a_second(port: int, path: str) -> float:
    """As wrk counts them. Raises RuntimeError if anything but the file came back."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{ROUND_SECONDS}s", f"http://127.0.0.1:{port}{path}"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if found is None or "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(text)
    return float(found[1])


def compare(ours: int, nginx: int, prefix: str) -> bool:
    """Prints a line a size; whether every ratio is good enough. The median of the rounds' ratios counts."""
    is_good = True
    for label, size in SIZES.items():
        name = _filename(label)
        rounds = [
            (_requests_a_second(nginx, f"/{name}"), _requests_a_second(ours, f"{prefix}/{name}")) for _ in range(ROUNDS)
        ]
        ratio = statistics.median(mine / theirs for theirs, mine in rounds)
        theirs, mine = (statistics.median(side) for side in zip(*rounds, strict=True))
        is_good = is_good and ratio >= LEAST_RATIO
        print(
            f"{label:>6}: ours {mine:7.0f} requests/s, {mine * size / 1e6:5.0f} MB/s; "
            f"nginx {theirs:7.0f}, {theirs * size / 1e6:5.0f} MB/s; ratio {ratio:.2f} (at least {LEAST_RATIO})"
        )
    return is_good


def _resident_megabytes(process: subprocess.Popen[bytes]) -> float:
    """Of the web processes together: the server's children."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
    total = 0.0
    for pid in listed:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
        total += next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
    return total


def slow_readers(process: subprocess.Popen[bytes], port: int, prefix: str) -> bool:
    """Prints by how much the web processes grow with readers who take a few KB a second of a 1 GB film."""
    request = f"GET {prefix}/film.mp4 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    before = _resident_megabytes(process)
    most = before
    with ExitStack() as stack:
        readers = []
        for _ in range(READERS):
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
            reader.connect(("127.0.0.1", port))
            reader.sendall(request)
            readers.append(reader)
        for _ in range(8):
            for reader in readers:
                reader.recv(2048)
            time.sleep(0.5)
            most = max(most, _resident_megabytes(process))
    growth = most - before
    print(
        f"{READERS} slow readers of a 1 GB film: {before:.0f} MB before, {growth:.0f} MB more "
        f"(at most {GROWTH_LIMIT_MEGABYTES})"
    )
    return growth <= GROWTH_LIMIT_MEGABYTES


def main() -> int:
    """Prints the figures; 1 if one of them is out of its budget."""
    missing = [program for program in ("nginx", "wrk") if shutil.which(program) is None]
    if missing:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="matinee-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        site = prepare(folder)
        port = free_port()
        process = web(HERE, host="127.0.0.1", port=port, variables=site.variables)
        ours = stack.enter_context(_running(list(process.command), port, site.variables))
        nginx = stack.enter_context(_nginx(folder, site.folder))
        for label in SIZES:
            _requests_a_second(port, f"{site.prefix}/{_filename(label)}")  # both processes are warm afterwards
        is_fast = compare(port, nginx, site.prefix)
        is_flat = slow_readers(ours, port, site.prefix)
    return 0 if is_fast and is_flat else 1


if __name__ == "__main__":
    sys.exit(main())
