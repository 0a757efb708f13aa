"""The site's ASGI application behind a real uvicorn on a free port, in a thread that shares the test's
database and settings."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

STOP_SECONDS = 20


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@contextmanager
def running_site() -> Iterator[int]:
    """Serves `config.asgi.application`; yields the port on 127.0.0.1."""
    from config.asgi import application  # needs Django's settings

    listener = socket.create_server(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(application, lifespan="off", log_config=None, timeout_graceful_shutdown=5))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), name="live site")
    thread.start()
    try:
        assert server.listens.wait(STOP_SECONDS)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
        listener.close()
        assert not thread.is_alive()
