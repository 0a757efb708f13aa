"""Which addresses people can type to reach this machine, and the hosts that the site may therefore be called by."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

ANY_IPV4, ANY_IPV6 = "0.0.0.0", "::"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
_SIOCGIFADDR = 0x8915  # linux/sockios.h: the IPv4 address of an interface


def reachable_hosts(host: str) -> list[str]:
    """What to type for `host`, best first: the machine's own addresses and name where it listens on all of them."""
    if host not in {ANY_IPV4, ANY_IPV6}:
        return [in_url(host)]
    found = [*_ipv4_addresses(), *(_ipv6_addresses() if host == ANY_IPV6 else [])]
    return [*found, socket.gethostname().lower()]


def allowed_hosts(host: str, variables: Mapping[str, str]) -> str:
    """ALLOWED_HOSTS: the operator's own list, else this machine, what a friend can type, and PUBLIC_URL's host."""
    if variables.get("ALLOWED_HOSTS", "").strip():
        return variables["ALLOWED_HOSTS"]
    public = urlsplit(variables.get("PUBLIC_URL", "")).hostname
    return ",".join(dict.fromkeys([*LOCAL_HOSTS, *reachable_hosts(host), *([public] if public else [])]))


def knock_host(host: str) -> str:
    """Where this machine itself reaches a server that listens on `host`."""
    return {ANY_IPV4: "127.0.0.1", ANY_IPV6: "::1"}.get(host, host)


def in_url(host: str) -> str:
    """IPv6 addresses stand in brackets."""
    return f"[{host}]" if ":" in host else host


def _ipv4_addresses() -> list[str]:
    found = [address for _number, name in socket.if_nameindex() if (address := _address_of(name))]
    return [address for address in found if not ipaddress.ip_address(address).is_loopback]


def _address_of(interface: str) -> str:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, contextlib.suppress(OSError):
        answer = fcntl.ioctl(asking, _SIOCGIFADDR, struct.pack("256s", interface.encode()[:15]))
        return socket.inet_ntoa(answer[20:24])
    return ""


def _ipv6_addresses() -> list[str]:
    """Global and unique-local ones; a link-local address cannot be typed into a browser."""
    table = Path("/proc/net/if_inet6")
    lines = table.read_text().splitlines() if table.exists() else []
    found = [ipaddress.IPv6Address(bytes.fromhex(line.split()[0])) for line in lines]
    return [in_url(str(address)) for address in found if not address.is_loopback and not address.is_link_local]
