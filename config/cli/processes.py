"""The processes of one machine by name and what each runs. How to keep them running is the supervisor's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.cli.checkout import Checkout
from config.cli.embedded_redis import EmbeddedRedis

ENCODE_NICENESS = 10
# Whoever runs a site as root has decided so; a warning at every start tells nothing new.
_ROOT_WARNING = "ignore:You're running the worker with superuser privileges"
# Nothing long is expected from a socket's client: one that sends more, or reads nothing, is cut off.
_WEBSOCKET_LIMITS = (
    "--ws-max-size=16384",
    "--ws-max-queue=16",
    "--ws-ping-interval=20",
    "--ws-ping-timeout=20",
)


@dataclass(frozen=True)
class Process:
    """One supervised program. `is_kept`: started again when it ends; `stop_order`: lower ones are stopped first;
    `is_quiet`: what it says is shown only when it falls."""

    name: str
    command: tuple[str, ...]
    variables: Mapping[str, str] = field(repr=False)
    niceness: int = 0
    is_kept: bool = True
    stop_order: int = 0
    is_quiet: bool = False


def web(checkout: Checkout, *, host: str, port: int, variables: Mapping[str, str]) -> Process:
    """uvicorn with its own worker processes. What proxies say is the application's business (config/proxies.py)."""
    command = (
        *(str(checkout.python), "-m", "uvicorn", "config.asgi:application"),
        *(f"--host={host}", f"--port={port}", f"--workers={variables.get('WEB_PROCESSES') or '2'}"),
        *_WEBSOCKET_LIMITS,
        "--timeout-graceful-shutdown=4",
        "--timeout-keep-alive=65",  # its default is 5 s, just when a player's next beat comes, which then meets a reset
        "--timeout-worker-healthcheck=60",  # its default of 5 s kills workers of a machine that encodes on every core
        *("--no-proxy-headers", "--no-server-header", "--no-access-log", "--log-level=warning"),
    )
    return Process("web", command, variables)


def lanes(checkout: Checkout, *, data_dir: Path, variables: Mapping[str, str]) -> tuple[Process, ...]:
    """The two worker lanes and beat, which rings them again."""
    celery = (str(checkout.python), "-W", _ROOT_WARNING, "-m", "celery", "--app=config")
    # SIGTERM stops a worker at once, for a stop must not wait for a film: the step under way gives itself back to the
    # queue, and where even that is cut short, its lease runs out.
    workers = {**variables, "REMAP_SIGTERM": "SIGQUIT"}
    schedule = data_dir / "run" / "beat-schedule"
    return (
        Process("quick", _worker(celery, "quick", variables.get("QUICK_SLOTS") or "1"), workers),
        Process(
            "encode",
            _worker(celery, "encode", variables.get("ENCODE_SLOTS") or "1"),
            workers,
            niceness=ENCODE_NICENESS,
        ),
        Process(
            "beat",
            (*celery, "--quiet", "beat", f"--schedule={schedule}", "--pidfile=", "--loglevel=WARNING"),
            variables,
        ),
    )


def _worker(celery: tuple[str, ...], lane: str, slots: str) -> tuple[str, ...]:
    return (
        *(*celery, "--quiet", "worker", "-Q", lane, f"--hostname={lane}@%h", f"--concurrency={slots}"),
        *("--pool=prefork", "--loglevel=WARNING", "--without-gossip", "--without-mingle"),
    )


def redis(server: EmbeddedRedis, variables: Mapping[str, str]) -> Process:
    """Stopped last: the others say goodbye through it."""
    return Process("redis", server.command, variables, stop_order=1, is_quiet=True)


def demo(checkout: Checkout, variables: Mapping[str, str]) -> Process:
    """Makes the demonstration clips, once."""
    return Process("demo", (str(checkout.python), "manage.py", "make_demo"), variables, niceness=5, is_kept=False)
