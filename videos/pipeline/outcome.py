"""What came out of a child so far, and how it ended: one error for each way to die."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from videos.pipeline.errors import LimitError, MachineError, PipelineError

LineReader = Callable[[str], None]

_STDERR_TAIL_BYTES = 16 << 10
_LONGEST_LINE_BYTES = 8 << 20
_MOST_STDOUT_BYTES = 64 << 20  # a day's film says one line of a few hundred bytes each half second
_TOO_LARGE = re.compile(r"File too large")  # Python ignores SIGXFSZ: its write fails instead
_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded")
_NO_MEMORY = re.compile(
    r"Cannot allocate memory|malloc[^\n]* failed|\bMemoryError\b|bad_alloc|can't start new thread|"
    r"Resource temporarily unavailable|failed to map segment"
)


@dataclass(frozen=True, slots=True)
class Finished:
    """How a child ended that ended by itself."""

    returncode: int
    stderr_tail: str
    seconds: float
    max_rss_bytes: int


@dataclass(slots=True)
class Output:
    """What came out of the child so far."""

    on_line: LineReader | None
    line: bytearray = field(default_factory=bytearray)
    stdout_bytes: int = 0
    stderr: bytearray = field(default_factory=bytearray)

    def take_stdout(self, chunk: bytes) -> None:
        """Raises LimitError for a child that never stops talking."""
        self.stdout_bytes += len(chunk)
        if self.stdout_bytes > _MOST_STDOUT_BYTES:
            raise LimitError("output_too_large", detail="stdout")
        if self.on_line is None:
            return
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            self._add(end)
            self.on_line(self.line.decode("utf-8", "replace").rstrip("\r"))
            self.line.clear()
        self._add(rest)

    def _add(self, piece: bytes) -> None:
        self.line += piece[: _LONGEST_LINE_BYTES - len(self.line)]

    def take_stderr(self, chunk: bytes) -> None:
        self.stderr += chunk
        if len(self.stderr) > 2 * _STDERR_TAIL_BYTES:
            del self.stderr[:-_STDERR_TAIL_BYTES]

    def finish_stdout(self) -> None:
        """The last line, though it may have no end."""
        if self.on_line is not None and self.line:
            self.on_line(self.line.decode("utf-8", "replace"))

    def stderr_tail(self) -> str:
        return bytes(self.stderr[-_STDERR_TAIL_BYTES:]).decode("utf-8", "replace")


def raise_for_death(finished: Finished) -> None:
    """Raises LimitError or MachineError for a child that did not end by itself, or ran out of something."""
    error = _reason_of_death(finished)
    if error is not None:
        raise error


def _reason_of_death(finished: Finished) -> PipelineError | None:
    code, tail = finished.returncode, finished.stderr_tail[-2000:]
    # Told on stderr, whatever the return code: ffmpeg answers 0 on a full disk.
    if _NO_SPACE.search(finished.stderr_tail):
        return MachineError("disk_full", detail=tail)
    if code == -signal.SIGXCPU:
        return LimitError("timed_out", detail="processor time")
    if code == -signal.SIGXFSZ or (code and _TOO_LARGE.search(finished.stderr_tail)):
        return LimitError("output_too_large", detail=tail)
    if code and _NO_MEMORY.search(finished.stderr_tail):
        return LimitError("out_of_memory", detail=tail)
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return MachineError("crashed", detail=f"{name}\n{tail}".strip())
    return None
