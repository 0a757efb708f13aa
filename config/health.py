"""Is it alive (/healthz) and can it work (/readyz)? Plain JSON, no secrets, never cached."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM django_migrations")
            return "" if cursor.fetchone()[0] else "not migrated"
    except DatabaseError as error:
        log.warning("database is not ready", error=str(error))
        return "unreachable or not migrated"


def _cache() -> str:
    token = secrets.token_hex(4)
    try:
        cache.set("readyz", token, 30)
        return "" if cache.get("readyz") else "does not keep what it is given"
    except (RedisError, OSError) as error:
        log.warning("cache is not ready", error=str(error))
        return "unreachable"


def _disk() -> str:
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.DATA_DIR).free
    return "" if free > settings.DISK_RESERVE_BYTES else "free space is below the reserve: new uploads are refused"


CHECKS: dict[str, Callable[[], str]] = {"database": _database, "cache": _cache, "disk": _disk}


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 while the process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when database, cache and disk are fit for work; else 503 and which one is not, in a word."""
    found = {name: check() for name, check in CHECKS.items()}
    faults = {name: fault for name, fault in found.items() if fault}
    return JsonResponse(
        {"status": "not ready" if faults else "ok", "checks": {name: fault or "ok" for name, fault in found.items()}},
        status=503 if faults else 200,
    )
