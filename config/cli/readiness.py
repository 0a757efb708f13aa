"""Asks the started site whether it can work, as a visitor would: over HTTP, by a host name that it accepts."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass

from config.cli import addresses
from config.cli.faults import SetUpError

_ANSWER_SECONDS = 5.0


@dataclass
class Readiness:
    """Where /readyz is. `last_word` is what it said when it was asked last."""

    host: str
    port: int
    host_header: str
    last_word: str = "no answer yet"

    def is_ready(self) -> bool:
        """200 from /readyz?"""
        connection = http.client.HTTPConnection(addresses.knock_host(self.host), self.port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", "/readyz", headers={"Host": self.host_header, "Connection": "close"})
            answer = connection.getresponse()
            body = answer.read(2000).decode(errors="replace").strip()
        except (OSError, http.client.HTTPException) as error:
            self.last_word = str(error) or type(error).__name__
            return False
        finally:
            connection.close()
        self.last_word = f"{answer.status} {body}"
        return answer.status == http.client.OK


def choose_port(host: str, port: int) -> int:
    """The port itself if it is free, or a free one for 0. Raises SetUpError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except OSError as error:
        where = f"{addresses.in_url(host)}:{port}"
        raise SetUpError(
            f"Cannot listen on {where}: {error.strerror or error}",
            advice="Choose another with --port (or --host); something else may use this one.",
        ) from error
