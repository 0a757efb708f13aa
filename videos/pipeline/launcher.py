"""The first instruction of every child: confines itself, then becomes the program it was asked to run.

A script of its own, run as `python -I -S launcher.py <limits> <readable> <program> <argument>…`, because code between
fork and exec is not safe in a parent with threads. Linux in full, elsewhere the limits alone. What could not be
confined is said on stderr in lines that begin with MARK. It imports as little as it can: every millisecond here
is paid for each child."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import time

MARK = "matinee-sandbox:"
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_DEFAULT_ACTION = 0
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

# Landlock's system calls and rights (linux/landlock.h).
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_BENEATH_A_PATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << bit for bit in range(6))
_MAKE_DIR, _MAKE_FILE, _RENAME_BETWEEN, _TRUNCATE = 1 << 7, 1 << 8, 1 << 13, 1 << 14
_ALL_SINCE_1 = (1 << 13) - 1
_CONNECT_AND_BIND = 0b11  # TCP, where there is no network namespace of one's own
_SIGNALS_AND_SOCKETS = 0b11
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_WORKING = (
    _READ_FILE | _READ_DIR | _WRITE_FILE | _TRUNCATE | _MAKE_FILE | _MAKE_DIR | _REMOVE_FILE | _REMOVE_DIR
    | _RENAME_BETWEEN
)  # fmt: skip
_FLAGS = getattr(os, "O_PATH", 0) | os.O_CLOEXEC


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def written(parent: int, nice: int, killing: int, defaults: tuple[int, ...], resources: dict[str, int]) -> str:
    """The limits as one argument: the parent's id, niceness, the signal to die of, signals that Python ignores and
    programs should not, resource limits by the names of the `resource` module."""
    numbers = " ".join(map(str, (parent, nice, killing)))
    return (
        f"{numbers};{' '.join(map(str, defaults))};{' '.join(f'{name}={value}' for name, value in resources.items())}"
    )


def main(argv: list[str]) -> None:
    """Never returns where the program can be started."""
    confine(argv[1], argv[2])
    _, defaults, _ = argv[1].split(";")
    for number in defaults.split():  # an ignored signal would stay ignored after exec
        ctypes.CDLL(None).signal(int(number), _DEFAULT_ACTION)
    os.execv(argv[3], argv[3:])  # noqa: S606 - what this script is for


def confine(limits: str, readable: str) -> None:
    """Gives up what this process may not do from here on: `limits` as written() makes them, a path a line of what it
    may read. Where its parent is gone, so is it."""
    numbers, _, resources = limits.split(";")
    parent, nice, killing = map(int, numbers.split())
    libc = ctypes.CDLL(None, use_errno=True)
    if nice:
        os.nice(nice)
    if sys.platform == "linux":
        if nice:
            _stand_back()
        _go_first_when_memory_ends()
        _leave_network(libc)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(_PR_SET_PDEATHSIG, killing, 0, 0, 0)  # after unshare: a change of credentials clears it
        if reason := _keep_to_named_files(libc, readable.split("\n")):
            _say(f"files not confined: {reason}")
        if os.getppid() != parent:  # it died before we asked to be told
            os._exit(1)
    for limit in resources.split():
        name, _, value = limit.partition("=")
        _limit(getattr(resource, name), int(value))


def _stand_back() -> None:
    """Niceness counts among the processes of a session only, where the kernel groups them by sessions (autogroup), and
    this is a session of its own. Who may not change it ten times a second waits for the next turn."""
    for _ in range(3):
        try:
            with open("/proc/self/autogroup", "w", encoding="ascii") as group:  # noqa: PTH123 -- pathlib is slow to load
                group.write(str(os.nice(0)))
        except BlockingIOError:
            time.sleep(0.1)
        except OSError:  # no such kernel
            return
        else:
            return


def _leave_network(libc: ctypes.CDLL) -> None:
    """A network namespace of one's own has no interfaces: nothing can be reached."""
    if libc.unshare(_CLONE_NEWNET) and libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET):
        _say(f"network not isolated: {os.strerror(ctypes.get_errno())}")


def _say(what: str) -> None:
    sys.stderr.write(f"{MARK} {what}\n")
    sys.stderr.flush()


def _keep_to_named_files(libc: ctypes.CDLL, readable: list[str]) -> str:
    """Landlock (kernel 5.13 and later): this process and what it becomes may read and run what lies at or below
    `readable`, and work with files in its folder; what is not there is passed over. Returns why it could not."""
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return os.strerror(ctypes.get_errno())
    handled = _ALL_SINCE_1 | (_RENAME_BETWEEN if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    rules = _Ruleset(handled, _CONNECT_AND_BIND if version >= 4 else 0, _SIGNALS_AND_SOCKETS if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return os.strerror(ctypes.get_errno())
    try:
        for path in readable:
            _allow(libc, ruleset, path, _READING & handled)
        for path in _DEVICES:
            _allow(libc, ruleset, path, (_READ_FILE | _WRITE_FILE | _TRUNCATE) & handled)
        _allow(libc, ruleset, ".", _WORKING & handled)
        if libc.syscall(_RESTRICT_SELF, ruleset, 0):
            return os.strerror(ctypes.get_errno())
    finally:
        os.close(ruleset)
    return ""


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, access: int) -> None:
    try:
        opened = os.open(path, _FLAGS)
    except OSError:
        return
    try:
        is_folder = os.fstat(opened).st_mode & 0o170000 == 0o040000
        rule = _Beneath(access if is_folder else access & _OF_FILES, opened)
        libc.syscall(_ADD_RULE, ruleset, _BENEATH_A_PATH, ctypes.byref(rule), 0)
    finally:
        os.close(opened)


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
