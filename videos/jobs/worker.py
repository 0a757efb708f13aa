"""Who this worker is, whether another one on this machine still lives, and whether this one is about to go."""

from __future__ import annotations

import mmap
import os
import signal
import socket
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from billiard import active_children, get_start_method
from celery.signals import worker_shutting_down

_PROC = Path("/proc")

# One byte that a worker's main process shares with the children it forks. Celery lets a running task end before it
# goes; an encode takes minutes, so the step asks this byte and gives itself back.
_going = mmap.mmap(-1, 1)


@worker_shutting_down.connect
def announce_shutdown(**_kwargs: object) -> None:
    """Runs in the main process of a worker when it is told to end."""
    _going[0] = 1
    if (
        get_start_method() != "fork"
    ):  # no memory is shared: SIGTERM unwinds the step there, and the runner gives it back
        for pid in [child.pid for child in active_children() if child.pid]:
            os.kill(pid, signal.SIGTERM)


def is_going() -> bool:
    """True once this worker has been told to end: claim nothing more, stop what runs."""
    return bool(_going[0])


@dataclass(frozen=True)
class Identity:
    """What is written into a step. `place` names one running system with one table of processes, or is empty where that
    cannot be told (no /proc): then only the lease tells whether the worker lives."""

    host: str
    place: str
    pid: int
    born: str  # the kernel's start time of the process, so that a recycled pid is not taken for it

    def __str__(self) -> str:
        return f"{self.host}:{self.place}:{self.pid}:{self.born}"


def this_worker() -> str:
    """The identity of this process, as it is written into the steps it claims."""
    return str(_identity(os.getpid()))


@lru_cache(maxsize=1)
def _identity(pid: int) -> Identity:
    return Identity(host=socket.gethostname()[:60].replace(":", "-"), place=_place(), pid=pid, born=_born(pid) or "")


def _parsed(worker: str) -> Identity | None:
    parts = worker.split(":")
    if len(parts) != 4 or not parts[2].isdigit():  # the four fields above
        return None
    return Identity(host=parts[0], place=parts[1], pid=int(parts[2]), born=parts[3])


def is_alive(worker: str) -> bool | None:
    """Whether that worker's process lives; None when it cannot be told from here (another machine or container)."""
    identity = _parsed(worker)
    if identity is None or not identity.place or identity.place != _place():
        return None
    try:
        os.kill(identity.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _born(identity.pid) == identity.born


@lru_cache(maxsize=1)
def _place() -> str:
    """The boot and the process table we live in: two containers on one machine do not see each other's processes."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot[:8]}-{(_PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _born(pid: int) -> str | None:
    """The start time of a living process in clock ticks since boot; None for one that is gone or a zombie."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in {"Z", "X"} else fields[19]
