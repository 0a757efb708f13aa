"""The one module that starts ffmpeg or a PyAV child: argument lists only, limits, no network and no files but those it
is given where the system allows it, death with the parent, live lines from stdout, a capped tail of stderr."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from videos.pipeline import witness
from videos.pipeline.errors import Cancelled, LimitError
from videos.pipeline.launcher import MARK, written
from videos.pipeline.outcome import Finished, LineReader, Output, raise_for_death

log = structlog.get_logger(__name__)

StopQuestion = Callable[[], bool]

_LAUNCHER = Path(__file__).with_name("launcher.py")
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
_POLL_SECONDS = 0.1
# Where programs and libraries lie. What a system does not have is passed over.
_SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/nix/store", "/gnu/store", "/snap",
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/alternatives",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu",
)  # fmt: skip
_FILE = "file:"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use. Memory is address space, which threads reserve more of than they touch: a 4K
    HDR film takes 1.6 GB of it on two processors."""

    wall_seconds: float = 6 * 3600.0
    cpu_seconds: int = 24 * 3600
    memory_bytes: int = field(default_factory=lambda: (6 << 30) + (os.cpu_count() or 1) * (256 << 20))
    file_bytes: int = 64 << 30
    open_files: int = 256
    processes: int = 4096  # threads count, and so do the user's other processes
    nice: int = 10

    def resources(self) -> dict[str, int]:
        """By the names of the `resource` module."""
        return {
            "RLIMIT_AS": self.memory_bytes,
            "RLIMIT_CPU": self.cpu_seconds,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_CORE": 0,
        }


class Spare:
    """A program started ahead of its last argument, because its start takes longer than what somebody waits for. It
    reads one line from stdin, the JSON of [limits, readable, folder, argument], and before it looks at what that
    names it goes to the folder and calls launcher.confine(). It ends when its stdin does."""

    def __init__(self, argv: Sequence[str | Path]) -> None:
        self.argv = [str(argument) for argument in argv]
        self._child = _start(self.argv, cwd=Path("/"), stdin=subprocess.PIPE)

    def is_waiting(self) -> bool:
        """False once it is gone, for whatever reason."""
        return self._child.poll() is None

    def go_on(self, order: Sequence[str]) -> subprocess.Popen[bytes] | None:
        """The program, at work; None if it is gone."""
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._child.stdin as stdin:
            stdin.write(json.dumps(order).encode() + b"\n")
            return self._child
        self.give_up()
        return None

    def give_up(self) -> None:
        """Ends it."""
        _end(self._child)


def run(
    argv: Sequence[str | Path],
    *,
    limits: Limits,
    cwd: Path,
    reads: Sequence[str | Path] = (),
    on_line: LineReader | None = None,
    should_stop: StopQuestion | None = None,
    spare: Spare | None = None,
) -> Finished:
    """Runs a program, given by its absolute path, in `cwd` and waits for it. Where the system can see to that, the
    program may read itself, the system's libraries, what its arguments name (paths, and `file:` before one) and
    `reads`, and write in `cwd` alone. `on_line` gets each line of its stdout as it comes; `should_stop` is asked
    several times a second. A `spare` that lacks nothing but the last argument becomes the program.

    Returns when the program ended by itself, whatever its return code. Raises Cancelled, LimitError
    (timed_out, out_of_memory, output_too_large) or MachineError (disk_full, crashed); whatever is raised,
    also by the two callables, no process is left."""
    begun = time.monotonic()
    confined = [_launch(limits), _readable(argv, reads)]
    child = None
    if spare is not None and spare.argv == [str(argument) for argument in argv[:-1]]:
        child = spare.go_on([*confined, str(cwd), str(argv[-1])])
    if child is None:
        child = _start([sys.executable, "-I", "-S", _LAUNCHER, *confined, *argv], cwd=cwd)
    output = Output(on_line)
    max_rss_bytes = 0
    try:
        max_rss_bytes = _follow(child, output, begun + limits.wall_seconds, should_stop)
        output.finish_stdout()
    finally:
        _end(child)
        stderr, seconds = _without_marks(output.stderr_tail()), time.monotonic() - begun
        witness.tell(argv, seconds=seconds, exit_code=child.returncode, max_rss_bytes=max_rss_bytes, stderr_tail=stderr)
    finished = Finished(child.returncode, stderr, seconds, max_rss_bytes)
    raise_for_death(finished)
    return finished


def _start(argv: Sequence[str | Path], *, cwd: Path, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        list(map(str, argv)),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=_environment(cwd),
        start_new_session=True,
        bufsize=0,
    )


def _launch(limits: Limits) -> str:
    return written(os.getpid(), limits.nice, signal.SIGKILL, _IGNORED_BY_PYTHON, limits.resources())


_private: tuple[Path, ...] = ()


def keep_out_of(*folders: Path) -> None:
    """From now on no child reads what lies in these, even where a system's folder is around them: a site may be
    installed in /opt. What a child is given by name it reads all the same."""
    global _private  # noqa: PLW0603 -- a fact about the site, told once when it starts
    _private = tuple(folder.resolve() for folder in folders)
    _of_the_system.cache_clear()


@functools.cache
def _of_the_system() -> tuple[str, ...]:
    roots = [Path(path) for path in (*_SYSTEM, sys.base_prefix)]
    return (*(path for root in roots for path in _without(root, _private)), sys.prefix)


def _without(root: Path, private: Sequence[Path]) -> list[str]:
    """`root`, or what lies in it where some of that is private."""
    real = root.resolve()
    if not any(folder.is_relative_to(real) for folder in private):
        return [str(root)]
    if real in private:
        return []
    try:
        inner = sorted(real.iterdir())
    except OSError:
        return []
    return [path for each in inner if not each.is_symlink() for path in _without(each, private)]


def _readable(argv: Sequence[str | Path], reads: Sequence[str | Path]) -> str:
    """A line for each path, as the launcher takes them. Links are followed here, because rules are about what they
    lead to."""
    program = Path(argv[0]).resolve()
    own = [str(argv[0]), str(program), *([str(program.parent.parent / "lib")] if program.parent.name == "bin" else [])]
    named = [str(argument).removeprefix(_FILE) for argument in argv[1:]]
    paths = [path for path in (*named, *map(str, reads)) if path.startswith("/") and "\n" not in path]
    return "\n".join([*_of_the_system(), *own, *paths])


def _environment(cwd: Path) -> dict[str, str]:
    """Nothing of ours: no secrets, no proxies, no library paths."""
    return {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "HOME": str(cwd),
        "TMPDIR": str(cwd),
        "AV_LOG_FORCE_NOCOLOR": "1",
        "MALLOC_ARENA_MAX": "4",  # each arena reserves 64 MiB of address space
    }


def _follow(child: subprocess.Popen[bytes], output: Output, deadline: float, should_stop: StopQuestion | None) -> int:
    """Reads until the child is gone. Returns its largest resident size in bytes."""
    assert child.stdout is not None
    assert child.stderr is not None
    largest = 0
    with selectors.DefaultSelector() as selector:
        for pipe, take in ((child.stdout, output.take_stdout), (child.stderr, output.take_stderr)):
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ, take)
        while child.poll() is None:
            largest = max(largest, _resident_bytes(child.pid))
            if should_stop is not None and should_stop():
                raise Cancelled
            if time.monotonic() > deadline:
                raise LimitError("timed_out", detail="wall clock", retryable=True)
            _read(selector, _POLL_SECONDS)
        while _read(selector, 0):  # what it wrote last
            pass
    return largest


def _read(selector: selectors.BaseSelector, seconds: float) -> bool:
    """Takes what the pipes hold, waiting up to `seconds` for it. False when there was nothing."""
    if not selector.get_map():  # closed both pipes and lives on
        time.sleep(seconds / 10)
        return False
    found = False
    for key, _ in selector.select(seconds):
        chunk = os.read(key.fd, 1 << 16)
        found = True
        if chunk:
            key.data(chunk)
        else:
            selector.unregister(key.fileobj)
    return found


def _resident_bytes(pid: int) -> int:
    """The high-water mark so far. rusage would count what the parent held when it forked."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    return 0


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kills whatever is left of the child's group and collects it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()


_is_told: set[str] = set()


def _without_marks(stderr: str) -> str:
    """Logs once what the launcher could not confine and takes it out of the tail."""
    kept = []
    for line in stderr.splitlines():
        if not line.startswith(MARK):
            kept.append(line)
        elif line not in _is_told:
            _is_told.add(line)
            log.warning("sandbox is weaker than it should be", reason=line.removeprefix(MARK).strip())
    return "\n".join(kept)
