"""Keeps named processes running: starts them again with growing pauses, prints what they say, stops them all in time.
One thread and one select loop, so that a signal at any moment finds a consistent list."""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

from config.cli.child import Child
from config.cli.console import Console
from config.cli.processes import Process

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 30.0  # after so long without a fall the pauses begin small again
STOP_SECONDS = 6.0  # for each of the two stop orders, SIGKILL after it: under 10 s in all
LAST_STOP_SECONDS = 2.0
_TICK_SECONDS = 0.2
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_KEPT_LINES = 30


@dataclass
class Post:
    """One name on the list and who stands there now."""

    process: Process
    child: Child | None = None
    started_at: float = 0.0
    falls: int = 0
    starts_again_at: float | None = None
    exit_code: int | None = None
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT_LINES))


class Supervisor:
    """Use as a context: whatever happens inside, nothing runs afterwards."""

    def __init__(self, console: Console, cwd: Path) -> None:
        self._console = console
        self._cwd = cwd
        self._selector = selectors.DefaultSelector()
        self._posts: dict[str, Post] = {}
        self._is_stopping = False
        self._is_silent = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._selector.register(self._wake_read, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        self._handlers = {number: signal.signal(number, self._ask_to_stop) for number in _STOP_SIGNALS}
        signal.set_wakeup_fd(self._wake_write)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._is_stopping = True
        self._is_silent = True  # goodbyes, and advice to press Ctrl-C again that is not ours
        self.stop()
        signal.set_wakeup_fd(-1)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    @property
    def is_stopping(self) -> bool:
        """Has somebody asked for the end?"""
        return self._is_stopping

    def start(self, process: Process) -> Post:
        """Adds a process and starts it. Raises OSError when its program cannot be started."""
        post = self._posts[process.name] = Post(process)
        self._launch(post)
        return post

    def run(
        self,
        until: Callable[[], bool] = lambda: False,
        *,
        seconds: float = float("inf"),
        tick_seconds: float = _TICK_SECONDS,
    ) -> bool:
        """Keeps everything running until the condition, asked once a tick, holds (True), or a stop is asked for or time
        is up (False)."""
        deadline = time.monotonic() + seconds
        while not self._is_stopping and time.monotonic() < deadline:
            if until():
                return True
            self._tick(tick_seconds)
        return False

    def stop(self) -> None:
        """SIGTERM by stop order, SIGKILL for the groups when their time is up."""
        for order in sorted({post.process.stop_order for post in self._posts.values()}):
            posts = [post for post in self._posts.values() if post.process.stop_order == order]
            self._stop_together(posts, STOP_SECONDS if order == 0 else LAST_STOP_SECONDS)
        self._posts.clear()

    def _stop_together(self, posts: list[Post], seconds: float) -> None:
        children = [(post, post.child) for post in posts if post.child]
        for _post, child in children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and any(child.exit_code() is None for _post, child in children):
            self._read(_TICK_SECONDS / 2)
        for post, child in children:
            if child.exit_code() is None:
                self._console.line(post.process.name, f"did not stop within {seconds:.0f} s and is killed")
            child.kill_group()
            self._let_go(post, child)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _tick(self, longest_seconds: float) -> None:
        now = time.monotonic()
        due = [post.starts_again_at for post in self._posts.values() if post.starts_again_at is not None]
        self._read(max(0.0, min([longest_seconds, *(at - now for at in due)])))
        for post in self._posts.values():
            if post.child is not None and post.child.exit_code() is not None:
                self._bury(post, post.child)
            elif post.starts_again_at is not None and time.monotonic() >= post.starts_again_at:
                self._launch(post)

    def _read(self, seconds: float) -> None:
        for key, _events in self._selector.select(seconds):
            if key.fd == self._wake_read:
                os.read(self._wake_read, 512)
            else:
                self._print_lines(key.data)

    def _print_lines(self, post: Post) -> bool:
        if post.child is None:
            return False
        lines, is_open = post.child.lines()
        post.last_lines.extend(lines)
        if not (post.process.is_quiet or self._is_silent):
            self._show(post, lines)
        if not is_open and post.child.fileno() in self._selector.get_map():
            self._selector.unregister(post.child.fileno())
        return bool(lines)

    def _show(self, post: Post, lines: Iterable[str]) -> None:
        for line in lines:
            self._console.line(post.process.name, line)

    def _launch(self, post: Post) -> None:
        post.starts_again_at = None
        post.started_at = time.monotonic()
        post.child = Child(post.process, self._cwd)
        self._selector.register(post.child.fileno(), selectors.EVENT_READ, post)

    def _bury(self, post: Post, child: Child) -> None:
        while self._print_lines(post):
            pass
        post.exit_code = child.exit_code()
        if post.process.is_quiet:
            self._show(post, post.last_lines)
            post.last_lines.clear()
        child.kill_group()  # workers and ffmpeg of a program that fell
        self._let_go(post, child)
        if not post.process.is_kept:
            return
        post.falls = 1 if time.monotonic() - post.started_at > STEADY_SECONDS else post.falls + 1
        pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (post.falls - 1))
        post.starts_again_at = time.monotonic() + pause
        self._console.line(
            "matinee", f"{post.process.name} {describe_exit(post.exit_code)}; starts again in {pause:.1f} s"
        )

    def _let_go(self, post: Post, child: Child) -> None:
        if child.fileno() in self._selector.get_map():
            self._selector.unregister(child.fileno())
        child.close()
        post.child = None


def describe_exit(code: int | None) -> str:
    """ "ended with code 1", "was killed by SIGKILL"."""
    if code is not None and code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with code {code}"
