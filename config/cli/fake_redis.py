"""A program of the environment: fakeredis on a UNIX socket, where no Redis server runs. Keeps nothing on disk."""

from __future__ import annotations

import itertools
import signal
import socket
import socketserver
import sys
import threading
from pathlib import Path
from types import FrameType


def serve(socket_path: str) -> None:
    """Serves until SIGTERM."""
    import fakeredis

    class UnixFakeServer(fakeredis.TcpFakeServer):
        """Its base names clients by their address, and clients of a UNIX socket have none: they are numbered here."""

        address_family = socket.AF_UNIX
        daemon_threads = True
        numbers = itertools.count(1)

        def server_bind(self) -> None:
            socketserver.TCPServer.server_bind(self)

        def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
            connection, _nameless = self.socket.accept()
            return connection, ("client", next(self.numbers))

    Path(socket_path).unlink(missing_ok=True)  # left by one that was killed
    server = UnixFakeServer(socket_path)  # type: ignore[arg-type]  # declared for TCP addresses
    server.daemon_threads = True  # the base sets it to False in its constructor

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()  # shutdown waits for the loop that this handler interrupts

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with server:
        server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    serve(sys.argv[1])
