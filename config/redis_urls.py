"""One REDIS_URL, three spellings: Celery's broker, the channel layer and Django's cache name the same server
differently."""

from __future__ import annotations

from typing import Any  # Django's own settings are dicts of mixed values
from urllib.parse import urlsplit

CACHE_DATABASE = 2
CHANNELS_DATABASE = 1


def _with_database(url: str, number: int) -> str:
    return f"unix://{urlsplit(url).path}?db={number}" if url.startswith("unix:") else f"{url.rstrip('/')}/{number}"


def broker(url: str) -> str:
    """Celery's URL. Without Redis it is in-process memory: rings are lost, and beat's next ring finds the work."""
    if not url:
        return "memory://"
    return f"redis+socket://{urlsplit(url).path}?virtual_host=0" if url.startswith("unix:") else url


def channel_layers(url: str) -> dict[str, Any]:
    """Publish/subscribe on Redis; the core layer closes idle sockets after 5 s with redis-py 8 (measured)."""
    if not url:
        return {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    return {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [_with_database(url, CHANNELS_DATABASE)], "prefix": "matinee"},
        }
    }


def caches(url: str) -> dict[str, Any]:
    """Redis shared by every process, or this process's memory."""
    if not url:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": _with_database(url, CACHE_DATABASE),
            "KEY_PREFIX": "matinee",
        }
    }
