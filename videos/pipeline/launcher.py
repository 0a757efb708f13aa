"""The first instruction of every child: confines itself, then becomes the program it was asked to run.

A script of its own, run as `python -I -S launcher.py <limits as JSON> <program> <argument>…`, because code
between fork and exec is not safe in a parent with threads. Knows the standard library only; Linux in full,
elsewhere the limits alone. What could not be confined is said on stderr in lines that begin with MARK."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path

MARK = "matinee-sandbox:"
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38


def main(argv: list[str]) -> None:
    """Never returns where the program can be started."""
    limits = json.loads(argv[1])
    program = argv[2:]
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # the first to go when the machine runs out of memory
            Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")
        _leave_network()
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        # After unshare: a change of credentials clears it.
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != limits["parent"]:  # it died before we asked to be told
            os._exit(1)
    os.nice(limits["nice"])
    for name, value in limits["resources"].items():
        _limit(getattr(resource, name), value)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and exec would pass that on
        signal.signal(ignored, signal.SIG_DFL)
    os.execv(program[0], program)  # noqa: S606 - what this script is for


def _leave_network() -> None:
    """A network namespace of one's own has no interfaces: nothing can be reached."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) and libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET):
        reason = os.strerror(ctypes.get_errno())
        sys.stderr.write(f"{MARK} network not isolated: {reason}\n")
        sys.stderr.flush()


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = value if hard == resource.RLIM_INFINITY else min(value, hard)
    # CPU: the soft limit says why (SIGXCPU), the hard one kills what does not listen.
    above = most + 5 if kind == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else most
    resource.setrlimit(kind, (most, above))


if __name__ == "__main__":
    main(sys.argv)
