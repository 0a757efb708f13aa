"""One running child of the supervisor: its own process group, its output by lines, its end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path

from config.cli import lifeline
from config.cli.processes import Process

_READ_BYTES = 65536
_LONGEST_LINE_BYTES = 16384


class Child:
    """Started by the constructor; raises OSError when the program cannot start."""

    def __init__(self, process: Process, cwd: Path) -> None:
        def settle() -> None:
            lifeline.die_with_parent()
            if process.niceness:
                os.nice(process.niceness)
                # Where the kernel groups processes by sessions (autogroup), niceness counts within one only.
                with contextlib.suppress(OSError):
                    Path("/proc/self/autogroup").write_text(str(process.niceness), encoding="ascii")

        self.process = process
        self._running = subprocess.Popen(
            process.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(process.variables),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=settle,  # noqa: PLW1509 -- the supervisor has one thread
        )
        assert self._running.stdout is not None
        self._output = self._running.stdout
        os.set_blocking(self._output.fileno(), False)
        self._rest = b""

    @property
    def pid(self) -> int:
        """Its process id, which is its group's too."""
        return self._running.pid

    def fileno(self) -> int:
        """For select: readable when there is output or its end."""
        return self._output.fileno()

    def exit_code(self) -> int | None:
        """None while it runs; negative for a signal."""
        return self._running.poll()

    def lines(self) -> tuple[list[str], bool]:
        """The whole lines that have come, and whether more may come."""
        try:
            chunk = os.read(self.fileno(), _READ_BYTES)
        except BlockingIOError:
            return [], True
        except OSError:
            chunk = b""
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if self._rest and (not chunk or len(self._rest) > _LONGEST_LINE_BYTES):
            whole.append(self._rest)
            self._rest = b""
        return [line.decode(errors="replace").rstrip() for line in whole if line.strip()], bool(chunk)

    def signal(self, number: signal.Signals) -> None:
        """To the program alone: a server ends its own workers in order."""
        if self.exit_code() is None:
            self._running.send_signal(number)

    def kill_group(self) -> None:
        """Whatever is left of its group, whether or not the program itself still runs."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._running.wait()

    def close(self) -> None:
        """No more output is read."""
        self._output.close()
