"""Notices who opens a file or knocks at a port."""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_OPENED = 0x20  # IN_OPEN
_NONBLOCKING = os.O_NONBLOCK | os.O_CLOEXEC


@dataclass
class Watch:
    """A port and some files."""

    port: int
    _listener: socket.socket
    _notices: int

    def knocks(self) -> int:
        """How many connections have come since it was last asked."""
        count = 0
        while True:
            try:
                self._listener.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1

    def openings(self) -> int:
        """How often one of the files was opened since it was last asked, in bytes of the kernel's telling."""
        try:
            return len(os.read(self._notices, 1 << 16))
        except BlockingIOError:
            return 0


@contextmanager
def watching(*files: Path) -> Iterator[Watch]:
    """Linux: inotify."""
    libc = ctypes.CDLL(None, use_errno=True)
    notices = libc.inotify_init1(_NONBLOCKING)
    assert notices >= 0
    for file in files:
        assert libc.inotify_add_watch(notices, os.fsencode(file), _OPENED) >= 0
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            yield Watch(listener.getsockname()[1], listener, notices)
    finally:
        os.close(notices)
