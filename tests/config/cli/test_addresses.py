"""The site accepts exactly what a friend can type."""

from __future__ import annotations

import socket

import pytest

from config.cli import addresses


def test_at_home_only_this_machines_own_names_are_accepted() -> None:
    assert addresses.allowed_hosts("127.0.0.1", {}) == "localhost,127.0.0.1,[::1]"
    assert addresses.reachable_hosts("127.0.0.1") == ["127.0.0.1"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_for_everybody_the_machines_addresses_and_name_are_printed_and_accepted(host: str) -> None:
    typed = addresses.reachable_hosts(host)
    accepted = addresses.allowed_hosts(host, {}).split(",")
    assert socket.gethostname().lower() in typed
    assert set(typed) <= set(accepted)
    assert set(accepted) == {*typed, *addresses.LOCAL_HOSTS}
    assert host not in accepted
    assert "*" not in accepted


def test_every_printed_ipv4_address_is_one_of_this_machine() -> None:
    for host in addresses.reachable_hosts("0.0.0.0")[:-1]:
        with socket.socket() as bound:
            bound.bind((host, 0))


def test_behind_a_proxy_its_public_name_is_accepted_too() -> None:
    accepted = addresses.allowed_hosts("127.0.0.1", {"PUBLIC_URL": "https://video.example.org"}).split(",")
    assert accepted == ["localhost", "127.0.0.1", "[::1]", "video.example.org"]


def test_the_operators_own_list_is_left_alone() -> None:
    assert addresses.allowed_hosts("0.0.0.0", {"ALLOWED_HOSTS": "a.example"}) == "a.example"


def test_ipv6_addresses_stand_in_brackets() -> None:
    assert addresses.in_url("fd00::1") == "[fd00::1]"
    assert addresses.knock_host("::") == "::1"
