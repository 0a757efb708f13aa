"""Is it alive (/healthz) and can it serve (/readyz)? Plain JSON, no secrets, never cached."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from videos import storage
from videos.errors import VideoError

log = structlog.get_logger(__name__)

_PROBE_SECONDS = 30
_BUCKET_SECONDS = 10.0  # a bucket's answer is paid for, and anybody may ask /readyz


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM django_migrations")
            return "" if cursor.fetchone()[0] else "not migrated"
    except DatabaseError as error:
        log.warning("database is not ready", error=str(error))
        return "unreachable or not migrated"


def _queue() -> str:
    """Rings, messages and cache are one server; what it is given has to come back."""
    probe = f"readyz.{secrets.token_hex(4)}"
    try:
        cache.set(probe, 1, _PROBE_SECONDS)
        return "" if cache.get(probe) else "does not keep what it is given"
    except (RedisError, OSError) as error:
        log.warning("queue is not ready", error=str(error))
        return "unreachable"


@dataclass
class _Bucket:
    """Asks the bucket now and then, and remembers what it said."""

    word: str = ""
    asked_at: float = field(default=float("-inf"))

    def ask(self) -> str:
        if time.monotonic() - self.asked_at > _BUCKET_SECONDS:
            self.word = self._listing()
            self.asked_at = time.monotonic()
        return self.word

    def _listing(self) -> str:
        try:
            next(storage.list_names("readyz"), None)
        except VideoError as error:
            log.warning("storage is not ready", error=error.detail)
            return "unreachable"
        return ""


_bucket = _Bucket()


def _storage() -> str:
    if not storage.is_local():
        return _bucket.ask()
    folder = _nearest(settings.MEDIA_ROOT)
    return "" if os.access(folder, os.R_OK | os.W_OK | os.X_OK) else "cannot be written"


def _disk() -> str:
    return "free space is below the reserve: uploads are refused and encodes wait" if storage.is_short() else ""


def _nearest(folder: Path) -> Path:
    """The folder, or the one it will be made in."""
    return next(place for place in (folder, *folder.parents) if place.exists())


# Without these nothing can be served; /readyz answers 503.
NEEDED: dict[str, Callable[[], str]] = {"database": _database, "queue": _queue, "storage": _storage}
# Without these something is refused, and all else is served; /readyz answers 200 and says so.
WANTED: dict[str, Callable[[], str]] = {"disk": _disk}


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 while the process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """`{"status": "ok"|"degraded"|"not ready", "checks": {part: "ok" or what is wrong with it, in a word}}`, with
    status 503 where not ready."""
    needed = {name: check() for name, check in NEEDED.items()}
    wanted = {name: check() for name, check in WANTED.items()}
    status = "ok"
    if any(needed.values()):
        status = "not ready"
    elif any(wanted.values()):
        status = "degraded"
    return JsonResponse(
        {"status": status, "checks": {name: fault or "ok" for name, fault in {**needed, **wanted}.items()}},
        status=503 if status == "not ready" else 200,
    )
