"""The doorbell of a lane: wakes somebody who then asks the database what is to be done. A lost or doubled ring is
harmless."""

from __future__ import annotations

import structlog
from celery import current_app
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from videos.models import Lane

log = structlog.get_logger(__name__)

RING_EXPIRES_SECONDS = 60  # what nobody heard by then has been rung again by the reaper
_IMPATIENT = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1}


def ring(lane: str) -> None:
    """Wakes a slot of the lane. Never raises and takes two seconds at most: when the broker is away, the reaper
    rings again."""
    name = Lane(lane).value
    _send(f"videos.drain_{name}", lane=name)


def call_reaper() -> None:
    """Has somebody look for dead workers now, not only at beat's next stroke. As harmless as `ring`."""
    _send("videos.reap", lane=Lane.QUICK.value)


def _send(task: str, *, lane: str) -> None:
    try:
        # A connection of its own: those of the pool try again and again, for six seconds when nobody listens.
        with current_app.connection_for_write(connect_timeout=1, transport_options=_IMPATIENT) as connection:
            current_app.send_task(task, queue=lane, connection=connection, expires=RING_EXPIRES_SECONDS, retry=False)
    except (KombuError, RedisError, OSError) as error:
        log.warning("nobody heard the ring; it will be repeated", task=task, error=str(error))
