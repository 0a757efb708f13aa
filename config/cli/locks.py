"""Advisory locks on files: the kernel frees them with their process, so none is ever stale."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def try_lock(file: Path, *, is_shared: bool = False) -> int | None:
    """An open descriptor that holds the lock until it is closed, or None while another process holds it."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def holding(file: Path, *, on_wait: Callable[[], None]) -> Iterator[None]:
    """Waits for the lock; `on_wait` is called once when somebody else has it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = try_lock(file)
    if descriptor is None:
        on_wait()
    while descriptor is None:
        time.sleep(0.2)
        descriptor = try_lock(file)
    try:
        yield
    finally:
        os.close(descriptor)
