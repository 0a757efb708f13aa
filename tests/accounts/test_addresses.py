"""The client's address: what a proxy of our own says counts, what the client says does not."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import RequestFactory

from accounts.addresses import client_address, client_network


def address(remote: str = "10.0.0.1", forwarded: str | None = None) -> str:
    """The address of a request that came so."""
    headers = None if forwarded is None else {"X-Forwarded-For": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers))


def test_without_a_proxy_the_header_is_ignored(settings: LazySettings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert address("203.0.113.9", "1.2.3.4") == "203.0.113.9"


def test_behind_a_proxy_its_own_entry_counts(settings: LazySettings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert address("127.0.0.1", "203.0.113.9") == "203.0.113.9"


def test_behind_a_proxy_what_the_client_wrote_does_not_count(settings: LazySettings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert address("127.0.0.1", "1.2.3.4, 5.6.7.8, 203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize("forwarded", [None, "", "nonsense", "1.2.3.4, <script>", ",,"])
def test_a_missing_or_broken_header_falls_back_to_the_connection(settings: LazySettings, forwarded: str | None) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert address("127.0.0.1", forwarded) == "127.0.0.1"


def test_fewer_entries_than_proxies_fall_back_to_the_connection(settings: LazySettings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    assert address("127.0.0.1", "203.0.113.9") == "127.0.0.1"


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_one_address_has_one_spelling(settings: LazySettings, written: str, known: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert address("127.0.0.1", written) == known


def test_a_unix_socket_has_no_address() -> None:
    assert address("") == "unknown"


def test_limits_see_an_ipv6_customer_as_one() -> None:
    networks = {
        client_network(RequestFactory().get("/", REMOTE_ADDR=remote)) for remote in ("2001:db8::1", "2001:db8::ffff:2")
    }
    assert networks == {"2001:db8::/64"}
