"""No process of ours outlives us. Two halves watch each other: the guard adopts and buries whatever the supervisor
leaves, and the supervisor ends in order when the guard dies. Linux gives both (prctl); elsewhere only an orderly stop
leaves nothing."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_ORPHANS_GRACE_SECONDS = 4.0
_BURIALS = 100  # a generation a round; a process that a kernel call holds must not hold us

# Loaded once: between fork and exec of a child there must be no import.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """For `preexec_fn`: SIGTERM when the parent dies; not SIGKILL, so that servers end their own workers."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def guard(*, shares_terminal: bool = False) -> None:
    """Forks. Returns in the child, which does the work; the parent passes signals on, buries orphans, exits likewise.

    `shares_terminal`: the child stays in the terminal's foreground (a debugger may ask something), so Ctrl-C reaches it
    without the guard; otherwise it has a group of its own and hears of Ctrl-C once, from the guard.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    guard_id = os.getpid()
    worker_id = os.fork()
    if worker_id:
        _watch(worker_id, ignored=[signal.SIGINT] if shares_terminal else [])
    die_with_parent()
    if os.getppid() != guard_id:  # the guard died before the line above could take hold
        sys.exit(1)
    if not shares_terminal:
        os.setpgid(0, 0)


def _watch(worker_id: int, *, ignored: list[signal.Signals]) -> NoReturn:
    def pass_on(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker_id, number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN if number in ignored else pass_on)
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == worker_id:
            break
    bury(grace_seconds=_ORPHANS_GRACE_SECONDS if os.WIFSIGNALED(status) else 0.0)
    os._exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


def bury(*, grace_seconds: float) -> None:
    """Ends every child of this process: SIGTERM, the grace, SIGKILL, until none is left (their orphans come to us)."""
    for pid in _children() if grace_seconds else ():
        _kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    while _reap() and time.monotonic() < deadline:
        time.sleep(0.05)
    for _attempt in range(_BURIALS):
        if not _reap():
            return
        for pid in _children():
            _kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _reap() -> bool:
    """Collects the dead; is anybody left?"""
    while True:
        try:
            pid, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True


def _children() -> list[int]:
    """Process ids whose parent we are; empty where there is no /proc."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name may hold blanks and brackets: what follows its last bracket is state and parent.
            if int(stat.read_text(errors="replace").rpartition(")")[2].split()[1]) == os.getpid():
                found.append(int(stat.parent.name))
    return found


def _kill(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
