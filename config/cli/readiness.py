"""Asks the started site whether it can work, as a visitor would: over HTTP, by a host name that it accepts."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass, field
from pathlib import Path

from config.cli import addresses
from config.cli.faults import SetUpError

_ANSWER_SECONDS = 5.0
_ADVICE = {
    "disk": "Free some where {data_dir} lies (no restart is needed), or lower DISK_RESERVE_BYTES (docs/settings.md).",
}


@dataclass
class Readiness:
    """Where /readyz is. `last_word` is what it said when it was asked last; `shortages` are the parts of a ready site
    that lack something, with a word on each."""

    host: str
    port: int
    host_header: str
    last_word: str = "no answer yet"
    shortages: dict[str, str] = field(default_factory=dict)

    def is_ready(self) -> bool:
        """200 from /readyz? It says so too where all can be served and something is refused, uploads for instance."""
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
        if answer.status != http.client.OK:
            return False
        try:
            self.shortages = {part: word for part, word in json.loads(body)["checks"].items() if word != "ok"}
        except (ValueError, LookupError, TypeError, AttributeError):
            return False  # somebody else answers here
        return True

    def warnings(self, data_dir: Path) -> list[str]:
        """What a ready site lacks and what to do about it, a line each."""
        return [
            f"Warning: {part}: {word}. {_ADVICE.get(part, '').format(data_dir=data_dir)}".rstrip()
            for part, word in self.shortages.items()
        ]


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


def free_port() -> int:
    """One of this machine's own that nobody listens on just now."""
    return choose_port("127.0.0.1", 0)
