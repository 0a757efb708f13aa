"""The address a request came from, as limits and the audit trail know it. What proxies say has been settled before
(config/proxies.py): whoever stands in REMOTE_ADDR is the client."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest

UNKNOWN = "unknown"  # a UNIX socket without a proxy's word: everybody behind it shares one budget
IPV6_NETWORK_BITS = 64  # what one customer holds; counting single addresses would leave 2**64 attempts


def client_address(request: HttpRequest) -> str:
    """The client's IP address."""
    return plain_address(request.META.get("REMOTE_ADDR", "")) or UNKNOWN


def client_network(request: HttpRequest) -> str:
    """What limits count by: the IPv4 address, or the IPv6 network of one customer."""
    found = client_address(request)
    if ":" not in found:
        return found
    return str(ipaddress.ip_network((found, IPV6_NETWORK_BITS), strict=False))


def plain_address(text: str) -> str:
    """The address in its one spelling, without port, brackets and zone; empty when it is none."""
    text = text.strip().split("%")[0]
    if text.startswith("["):
        text = text[1:].split("]")[0]
    elif text.count(":") == 1:
        text = text.split(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)
