"""The client's address has one spelling, and headers have no say in it: proxies were heard before."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from accounts.addresses import client_address, client_network, plain_address


def test_a_header_is_no_address() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9", headers={"X-Forwarded-For": "1.2.3.4"})
    assert client_address(request) == "203.0.113.9"


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
        (" 203.0.113.9 ", "203.0.113.9"),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_one_address_has_one_spelling(written: str, known: str) -> None:
    assert plain_address(written) == known


def test_a_unix_socket_has_no_address() -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) == "unknown"


def test_limits_see_an_ipv6_customer_as_one() -> None:
    networks = {
        client_network(RequestFactory().get("/", REMOTE_ADDR=remote)) for remote in ("2001:db8::1", "2001:db8::ffff:2")
    }
    assert networks == {"2001:db8::/64"}
