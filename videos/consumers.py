"""The socket of one item (`/ws/v1/videos/<id>/`): a whole snapshot on connect and after each change. What the client
sends is ignored; who may look is asked again for each snapshot."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from contextlib import suppress
from typing import Any  # ASGI scopes and channel messages are dicts of mixed values

import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.utils import translation
from redis.exceptions import RedisError

from accounts.asgi_identity import identify, language_of
from accounts.models import User
from videos.jobs.progress import progress_of
from videos.live import group_of
from videos.models import ContentMain, ContentStatus

log = structlog.get_logger(__name__)

SNAPSHOT_EVERY_SECONDS = 0.25  # a burst of changes is told four times a second
LOOK_AGAIN_SECONDS = 10.0  # while the item is being made: a doorbell may be lost, a person may be sent away
LOOK_AGAIN_LATER_SECONDS = 60.0  # when nothing more is expected
MESSAGE_CHARACTERS = 1024
MESSAGES_A_MINUTE = 30

CLOSE_NOT_FOUND = 4404
CLOSE_NOT_PERMITTED = 4403
CLOSE_POLICY = 1008
CLOSE_TOO_BIG = 1009


class VideoConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """Tells one viewer how one item stands, until either is gone."""

    async def connect(self) -> None:
        self.public_id: str = self.scope["url_route"]["kwargs"]["public_id"]
        self.language = language_of(self.scope)
        self.seq = 0
        self.last: dict[str, Any] = {}
        self.received_at: deque[float] = deque(maxlen=MESSAGES_A_MINUTE)
        self.is_sent_away = False
        self.changed = asyncio.Event()
        self.teller: asyncio.Task[None] | None = None
        if await self._look() is None:
            await self.close(code=CLOSE_NOT_FOUND)  # before the handshake: an HTTP 403
            return
        await self.channel_layer.group_add(group_of(self.public_id), self.channel_name)
        await self.accept()
        self.teller = asyncio.create_task(self._tell())

    async def disconnect(self, code: int) -> None:
        if self.teller is not None:
            self.teller.cancel()
            with suppress(RedisError, OSError):
                await self.channel_layer.group_discard(group_of(self.public_id), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Nothing is expected from clients; who talks too much is sent away."""
        now = time.monotonic()
        if self.is_sent_away:
            return  # what was still on its way
        if len(text_data or bytes_data or "") > MESSAGE_CHARACTERS:
            await self._end(CLOSE_TOO_BIG)
        elif len(self.received_at) == MESSAGES_A_MINUTE and now - self.received_at[0] < 60:
            await self._end(CLOSE_POLICY)
        self.received_at.append(now)

    async def item_changed(self, _message: dict[str, Any]) -> None:
        """The doorbell of videos.live."""
        self.changed.set()

    async def _tell(self) -> None:
        """Sends a snapshot at once, after each change, and when it is time to look again; nothing twice."""
        while True:
            self.changed.clear()
            try:
                snapshot = await self._look()
            except DatabaseError as error:
                log.warning("snapshot could not be made", video=self.public_id, error=str(error))
                await self._wait(LOOK_AGAIN_SECONDS)
                continue
            if snapshot is None:
                await self._send_away()
                return
            if snapshot != self.last and not self.is_sent_away:
                self.last = snapshot
                await self._send(snapshot)
            await asyncio.sleep(SNAPSHOT_EVERY_SECONDS)
            await self._wait(LOOK_AGAIN_SECONDS if _is_being_made(snapshot) else LOOK_AGAIN_LATER_SECONDS)

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.changed.wait(), seconds)
        except TimeoutError:
            return

    async def _send(self, message: dict[str, Any]) -> None:
        self.seq += 1
        await self.send(text_data=json.dumps({**message, "seq": self.seq}))

    async def _send_away(self) -> None:
        """The item was withdrawn, deleted, rejected or made private: say so, then end."""
        if not self.is_sent_away:
            await self._send({"type": "gone", "id": self.public_id})
            await self._end(CLOSE_NOT_PERMITTED)

    async def _end(self, code: int) -> None:
        self.is_sent_away = True
        await self.close(code=code)

    async def _look(self) -> dict[str, Any] | None:
        # Asked again each time: a session may have ended, a token may have been revoked, rights taken away.
        identity = await identify({**self.scope, "type": "http", "method": "GET"})
        snapshot: dict[str, Any] | None = await _translated_snapshot(
            identity.user or AnonymousUser(), self.public_id, self.language
        )
        return snapshot


@database_sync_to_async  # type: ignore[untyped-decorator]  # channels ships no types
def _translated_snapshot(viewer: User | AnonymousUser, public_id: str, language: str) -> dict[str, Any] | None:
    with translation.override(language):
        return snapshot_for(viewer, public_id)


def snapshot_for(viewer: User | AnonymousUser, public_id: str) -> dict[str, Any] | None:
    """The whole state of the item, without `seq`; None if this person may not know of it."""
    content = ContentMain.objects.visible_to(viewer).filter(public_id=public_id).first()
    if content is None:
        return None
    return {
        "type": "video",
        "id": content.public_id,
        "status": content.status,
        "audit_status": content.audit_status,
        "version": content.version,
        "clicks": content.clicks,
        "duration_seconds": content.duration_seconds,
        "words_revision": content.words_revision,
        "progress": progress_of(content),
    }


def _is_being_made(snapshot: dict[str, Any]) -> bool:
    return snapshot["progress"]["state"] in {"queued", "running"} or snapshot["status"] == ContentStatus.PROCESSING
