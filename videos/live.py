"""The doorbell of an item: tells every open page and program that it changed. Carries the id alone; who hears it asks
the database what is true. At most once: who missed a ring learns at its next look."""

from __future__ import annotations

import asyncio
import threading
import time
from functools import partial

import structlog
from asgiref.sync import async_to_sync
from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

CHANGED = "item.changed"  # the message's type; a consumer's method is item_changed
INTERVAL_SECONDS = 0.25  # the last change of a burst is told too, this much later
SEND_SECONDS = 2.0


def group_of(public_id: str) -> str:
    """The channel group in which an item's changes are told."""
    return f"video.{public_id}"


def item_changed(public_id: str) -> None:
    """Tells who watches this item, when the transaction commits, that it changed. Callable as often as one likes, from
    synchronous code; never raises."""
    transaction.on_commit(partial(_bell.press, public_id), robust=True)


async def _send(public_id: str) -> None:
    layer = get_channel_layer()
    await asyncio.wait_for(layer.group_send(group_of(public_id), {"type": CHANGED, "id": public_id}), SEND_SECONDS)


def _tell(public_id: str) -> None:
    try:
        async_to_sync(_send)(public_id)
    except (RedisError, OSError, TimeoutError, ChannelFull) as error:
        log.warning("a change could not be told", video=public_id, error=str(error))


class _Doorbell:
    """One ring an item and interval, and one at the end of a burst."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rung_at: dict[str, float] = {}
        self._pending: set[str] = set()

    def press(self, public_id: str) -> None:
        now = time.monotonic()
        with self._lock:
            wait_seconds = self._rung_at.get(public_id, now - INTERVAL_SECONDS) + INTERVAL_SECONDS - now
            if wait_seconds > 0:
                if public_id not in self._pending:
                    self._pending.add(public_id)
                    timer = threading.Timer(wait_seconds, self._ring_late, [public_id])
                    timer.daemon = True
                    timer.start()
                return
            self._forget_the_quiet(now)
            self._rung_at[public_id] = now
        _tell(public_id)

    def _ring_late(self, public_id: str) -> None:
        with self._lock:
            self._pending.discard(public_id)
            self._rung_at[public_id] = time.monotonic()
        _tell(public_id)

    def _forget_the_quiet(self, now: float) -> None:
        if len(self._rung_at) > 500:  # rarely, so that a press costs nothing
            self._rung_at = {key: at for key, at in self._rung_at.items() if now - at < INTERVAL_SECONDS}


_bell = _Doorbell()
