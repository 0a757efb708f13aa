"""Whom the site believes when it says for whom a request was made. The one place that reads X-Forwarded-*: what a
trusted proxy says becomes the scope's own client, scheme and host; behind this the fields are gone."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self  # an ASGI scope is a dict of mixed values

from accounts.addresses import plain_address

if TYPE_CHECKING:
    from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

UNIX = "unix"  # a peer without an address: whoever may open the socket's file
_FORWARDED = (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port", b"x-real-ip")
_SECURE = {"http": "https", "ws": "wss", "https": "https", "wss": "wss"}
_PLAIN = {"http": "http", "ws": "ws", "https": "http", "wss": "ws"}


@dataclass(frozen=True)
class Trusted:
    """The peers that are proxies of our own."""

    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    is_unix: bool = False

    @classmethod
    def named(cls, entries: Sequence[str]) -> Self:
        """From addresses, networks and the word `unix`. Raises ValueError for anything else."""
        networks = tuple(ipaddress.ip_network(entry) for entry in entries if entry != UNIX)
        return cls(networks, UNIX in entries)

    def has_peer(self, client: Sequence[Any] | None) -> bool:
        """Whether an ASGI scope's `client` is one of them; a UNIX socket's has no address."""
        host = str(client[0]) if client else ""
        return self.has(plain_address(host)) if host else self.is_unix

    def has(self, address: str) -> bool:
        """Whether this is one of their addresses; never for what is none."""
        return bool(address) and any(ipaddress.ip_address(address) in network for network in self.networks)


def behind(trusted: Trusted, application: ASGI3Application) -> ASGI3Application:
    """The application as `trusted` proxies present it; HTTP and WebSockets alike."""

    async def told(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        is_request = scope["type"] in {"http", "websocket"}
        await application(without_proxies(scope, trusted) if is_request else scope, receive, send)

    return told


def without_proxies(scope: Any, trusted: Trusted) -> Any:
    """The scope as if the client had come itself. From any other peer the fields are dropped unread."""
    fields = [(name, value) for name, value in scope["headers"] if name.lower() not in _FORWARDED]
    if len(fields) == len(scope["headers"]):
        return scope
    plain = {**scope, "headers": fields}
    if not trusted.has_peer(scope.get("client")):
        return plain
    if client := _client(_values(scope, b"x-forwarded-for"), trusted):
        plain["client"] = (client, 0)
    # Of scheme and host the last word is that of the proxy next to us.
    schemes = _values(scope, b"x-forwarded-proto")[-1:]
    if schemes and schemes[0].lower() in _SECURE:
        is_secure = schemes[0].lower() in {"https", "wss"}
        plain["scheme"] = (_SECURE if is_secure else _PLAIN)[scope.get("scheme") or "http"]
    if hosts := _values(scope, b"x-forwarded-host")[-1:]:
        others = [(name, value) for name, value in fields if name.lower() != b"host"]
        plain["headers"] = [(b"host", hosts[0].encode("latin-1")), *others]
    return plain


def _client(chain: Sequence[str], trusted: Trusted) -> str:
    """Read from the right, where our own proxies wrote: the first that is none of them. What stands further left was
    written by that client, and is not believed."""
    found = ""
    for entry in reversed(chain):
        address = plain_address(entry)
        if not address:
            return found
        found = address
        if not trusted.has(address):
            return found
    return found


def _values(scope: Any, name: bytes) -> list[str]:
    """The entries of a list field, of all its lines."""
    lines = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
    return [entry.strip() for entry in ",".join(lines).split(",") if entry.strip()]
