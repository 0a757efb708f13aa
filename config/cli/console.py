"""What the command line prints: timed steps, lines prefixed by their process, errors with advice."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

_COLOURS = {"web": 36, "quick": 32, "encode": 33, "beat": 35, "redis": 34, "demo": 37, "matinee": 1}
_NAME_WIDTH = 7


@dataclass
class Console:
    """Writes to one stream; colours and moving figures only on a terminal. `has_heads`: lines of processes begin with
    the process's name; without, they are what it wrote, for whoever reads them as data."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    has_heads: bool = True
    _is_mid_line: bool = False
    _step: str = ""
    _step_began: float = 0.0

    def say(self, text: str = "") -> None:
        """A plain line."""
        self._is_mid_line = False
        print(text, file=self.out, flush=True)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Names a step while it runs and adds its time when it ends."""
        print(f"  {name} … ", end="", file=self.out, flush=True)
        self._is_mid_line = True
        self._step, self._step_began = name, time.monotonic()
        try:
            yield
        except BaseException:
            self._end_step(name, f"failed after {time.monotonic() - self._step_began:.1f} s")
            raise
        self._end_step(name, f"{time.monotonic() - self._step_began:.1f} s")

    def tick(self) -> None:
        """Shows that the step still runs and for how long; called about once a second by whoever waits in it."""
        if self._is_mid_line and self.out.isatty():
            seconds = time.monotonic() - self._step_began
            print(f"\r  {self._step} … {seconds:.0f} s", end="", file=self.out, flush=True)

    def _end_step(self, name: str, outcome: str) -> None:
        if self._is_mid_line and self.out.isatty():
            outcome = f"\r  {name} … {outcome}\x1b[K"
        self.say(outcome if self._is_mid_line else f"  {name}: {outcome}")

    def line(self, process: str, text: str) -> None:
        """One log line of a process; it does not continue the line of a step that still runs."""
        if self._is_mid_line:
            self.say()
        if not self.has_heads:
            self.say(text)
            return
        head = f"{process:<{_NAME_WIDTH}} |"
        if self._is_coloured():
            head = f"\x1b[{_COLOURS.get(process, 37)}m{head}\x1b[0m"
        self.say(f"{head} {text}")

    def _is_coloured(self) -> bool:
        return self.out.isatty() and "NO_COLOR" not in os.environ
