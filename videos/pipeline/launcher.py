"""The first instruction of every child: confines itself, then becomes the program it was asked to run.

A script of its own, run as `python -I -S launcher.py <limits> <program> <argument>…`, because code between fork
and exec is not safe in a parent with threads. Linux in full, elsewhere the limits alone. What could not be
confined is said on stderr in lines that begin with MARK. It imports as little as it can: every millisecond here
is paid for each child."""

from __future__ import annotations

import ctypes
import os
import resource
import sys

MARK = "matinee-sandbox:"
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_DEFAULT_ACTION = 0


def written(parent: int, nice: int, killing: int, defaults: tuple[int, ...], resources: dict[str, int]) -> str:
    """The limits as one argument: the parent's id, niceness, the signal to die of, signals that Python ignores and
    programs should not, resource limits by the names of the `resource` module."""
    numbers = " ".join(map(str, (parent, nice, killing)))
    return (
        f"{numbers};{' '.join(map(str, defaults))};{' '.join(f'{name}={value}' for name, value in resources.items())}"
    )


def main(argv: list[str]) -> None:
    """Never returns where the program can be started."""
    numbers, defaults, resources = argv[1].split(";")
    parent, nice, killing = map(int, numbers.split())
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        _go_first_when_memory_ends()
        _leave_network(libc)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(_PR_SET_PDEATHSIG, killing, 0, 0, 0)  # after unshare: a change of credentials clears it
        if os.getppid() != parent:  # it died before we asked to be told
            os._exit(1)
    os.nice(nice)
    for limit in resources.split():
        name, _, value = limit.partition("=")
        _limit(getattr(resource, name), int(value))
    for number in defaults.split():  # an ignored signal would stay ignored after exec
        libc.signal(int(number), _DEFAULT_ACTION)
    os.execv(argv[2], argv[2:])  # noqa: S606 - what this script is for


def _leave_network(libc: ctypes.CDLL) -> None:
    """A network namespace of one's own has no interfaces: nothing can be reached."""
    if libc.unshare(_CLONE_NEWNET) and libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET):
        sys.stderr.write(f"{MARK} network not isolated: {os.strerror(ctypes.get_errno())}\n")
        sys.stderr.flush()


def _go_first_when_memory_ends() -> None:
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib costs 20 ms
            file.write("800")
    except OSError:
        pass


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = value if hard == resource.RLIM_INFINITY else min(value, hard)
    # CPU: the soft limit says why (SIGXCPU), the hard one kills what does not listen.
    above = most + 5 if kind == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else most
    resource.setrlimit(kind, (most, above))


if __name__ == "__main__":
    main(sys.argv)
