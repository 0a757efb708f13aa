"""Guests are told apart for a day and never known; machines that say what they are do not count."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from analytics.models import DeviceClass
from analytics.visitors import (
    GUEST_SESSIONS,
    device_class,
    guest_key,
    has_network_share,
    is_declared_crawler,
    referrer_host,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148"


def test_a_guest_is_the_same_all_day_and_another_the_next_day() -> None:
    here = {"network": "203.0.113.7", "user_agent": CHROME}
    assert guest_key(**here, now=NOON) == guest_key(**here, now=NOON + timedelta(hours=11))
    assert guest_key(**here, now=NOON) != guest_key(**here, now=NOON + timedelta(hours=12))


def test_guests_of_other_networks_and_browsers_are_others() -> None:
    keys = {
        guest_key(network=network, user_agent=agent, now=NOON)
        for network in ("203.0.113.7", "203.0.113.8")
        for agent in (CHROME, IPHONE, "")
    }
    assert len(keys) == 6


def test_a_key_cannot_be_made_again_once_the_salt_is_gone() -> None:
    before = guest_key(network="203.0.113.7", user_agent=CHROME, now=NOON)
    cache.clear()
    assert guest_key(network="203.0.113.7", user_agent=CHROME, now=NOON) != before


def test_a_key_tells_nothing_of_the_address() -> None:
    key = guest_key(network="203.0.113.7", user_agent=CHROME, now=NOON)
    assert re.fullmatch("[0-9a-f]{32}", key)


def test_a_network_counts_as_many_guests_as_a_school_has_and_no_farm() -> None:
    shares = [
        has_network_share(network="203.0.113.7", content_id=1, now=NOON) for _ in range(GUEST_SESSIONS.amount + 5)
    ]
    assert shares == [True] * GUEST_SESSIONS.amount + [False] * 5
    assert has_network_share(network="203.0.113.7", content_id=2, now=NOON)
    assert has_network_share(network="203.0.113.8", content_id=1, now=NOON)


@pytest.mark.parametrize(
    "user_agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Mozilla/5.0 (compatible; Baiduspider/2.0)",
        "Mozilla/5.0 (compatible; Yahoo! Slurp)",
        "facebookexternalhit/1.1",
        "SomeCrawler/0.1",
    ],
)
def test_crawlers_that_say_so_are_known(user_agent: str) -> None:
    assert is_declared_crawler(user_agent)


@pytest.mark.parametrize(
    "user_agent",
    [
        CHROME,
        IPHONE,
        CHROME.replace("Chrome/", "HeadlessChrome/"),
        "Mozilla/5.0 (Linux; Android 13; CUBOT_P80) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36",
        "python-httpx/0.28",
        "",
    ],
)
def test_whoever_may_really_be_watching_is_a_viewer(user_agent: str) -> None:
    assert not is_declared_crawler(user_agent)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (CHROME, DeviceClass.DESKTOP),
        (IPHONE, DeviceClass.PHONE),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36",
            DeviceClass.PHONE,
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 Chrome/140 Safari/537.36",
            DeviceClass.TABLET,
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
            DeviceClass.TABLET,
        ),
        ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 Chrome/94 Safari/537.36", DeviceClass.TV),
        (
            "Mozilla/5.0 (Linux; Android 9; AFTMM) AppleWebKit/537.36 Chrome/100 Mobile Safari/537.36",
            DeviceClass.TV,
        ),
        ("VLC/3.0.20 LibVLC/3.0.20", DeviceClass.OTHER),
        ("", DeviceClass.OTHER),
    ],
)
def test_devices_are_told_apart(user_agent: str, device: DeviceClass) -> None:
    assert device_class(user_agent) is device


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://News.Example.org/secret/path?token=1", "news.example.org"),
        ("http://example.org:8080/", "example.org"),
        ("", ""),
        ("android-app://com.example/", ""),
        ("https://[broken", ""),
        ("no address at all", ""),
        ("https://" + "a" * 300 + ".example/", ("a" * 300)[:253]),
    ],
)
def test_of_a_referrer_only_the_host_is_kept(referrer: str, host: str) -> None:
    assert referrer_host(referrer) == host
