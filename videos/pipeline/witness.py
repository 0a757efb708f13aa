"""Who wants to know of every program that the sandbox runs, however deep below it is called for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that has ended, by itself or not. `exit_code` is negative where a signal ended it; `max_rss_bytes` 0
    where it was not allowed to end by itself."""

    argv: tuple[str, ...]
    seconds: float
    exit_code: int
    max_rss_bytes: int
    stderr_tail: str


_witness: ContextVar[Callable[[Ran], None] | None] = ContextVar("witness", default=None)


@contextmanager
def witnessed(by: Callable[[Ran], None]) -> Iterator[None]:
    """`by` hears of every program that this thread runs in the block."""
    before = _witness.set(by)
    try:
        yield
    finally:
        _witness.reset(before)


def tell(argv: Sequence[str | Path], *, seconds: float, exit_code: int, max_rss_bytes: int, stderr_tail: str) -> None:
    """For the sandbox."""
    hears = _witness.get()
    if hears is not None:
        hears(Ran(tuple(map(str, argv)), seconds, exit_code, max_rss_bytes, stderr_tail))
