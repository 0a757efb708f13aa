"""Who watches, without knowing who: a guest's key for one day, device, referring host, declared crawlers.

No address and no user agent is stored; the salt that keys are made with lives in the cache until midnight
UTC.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.core.cache import cache

from accounts.errors import TooManyRequests
from accounts.throttling import Limit
from analytics.models import DeviceClass

# By item and network: a class behind one address counts, a farm of scripts stops there.
GUEST_SESSIONS = Limit("guest-sessions-counted", amount=100, window_seconds=3600)

# Crawlers that say so (CUBOT makes phones). A headless browser that really plays is a viewer, and so is a
# script.
_CRAWLER = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|archiver|bingpreview|facebookexternalhit|mediapartners|apis-google",
    re.IGNORECASE,
)
_TABLET = re.compile(r"ipad|tablet|kindle|silk/|android(?!.*mobile)", re.IGNORECASE)
_PHONE = re.compile(r"mobi|iphone|ipod|windows phone", re.IGNORECASE)
_TV = re.compile(r"smart-?tv|hbbtv|appletv|googletv|android tv|bravia|roku|web0s|crkey|\baft[a-z]", re.IGNORECASE)
_DESKTOP = re.compile(r"windows nt|macintosh|x11|cros", re.IGNORECASE)


def is_declared_crawler(user_agent: str) -> bool:
    return _CRAWLER.search(user_agent) is not None


def device_class(user_agent: str) -> DeviceClass:
    """By the user agent's own words; televisions first, because most claim to be something else as well."""
    for pattern, device in (
        (_TV, DeviceClass.TV),
        (_TABLET, DeviceClass.TABLET),
        (_PHONE, DeviceClass.PHONE),
        (_DESKTOP, DeviceClass.DESKTOP),
    ):
        if pattern.search(user_agent):
            return device
    return DeviceClass.OTHER


def referrer_host(referrer: str) -> str:
    """The host of the page that led here, lower case; empty for none or what is no web address."""
    try:
        parts = urlsplit(referrer.strip())
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host[:253] if parts.scheme in {"http", "https"} else ""


def guest_key(*, network: str, user_agent: str, now: datetime) -> str:
    """The same for one network and browser until midnight UTC; afterwards nobody can tell whose it was."""
    return _keyed(f"{network}\n{user_agent}", now)


def has_network_share(*, network: str, content_id: int, now: datetime) -> bool:
    """Whether one more guest's session of this item from this network still counts."""
    try:
        GUEST_SESSIONS.count(f"{content_id} {_keyed(network, now)}")
    except TooManyRequests:
        return False
    return True


def _keyed(text: str, now: datetime) -> str:
    return hmac.new(_daily_salt(now).encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def _daily_salt(now: datetime) -> str:
    """Random, one a UTC day, shared through the cache and gone with it: never in a database or a backup."""
    today = now.astimezone(UTC)
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    left_seconds = max(1, int((midnight - today).total_seconds()))
    # Two processes may find none at once: the first to add one decides for both.
    name = f"analytics:salt:{today:%Y%m%d}"
    return str(cache.get_or_set(name, lambda: secrets.token_hex(32), timeout=left_seconds))
