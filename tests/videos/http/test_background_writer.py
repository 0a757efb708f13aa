"""The disk sets the pace: no more than two batches are ever held."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable

import pytest
from django.conf import LazySettings

from videos.errors import TooLarge
from videos.http.background_writer import BATCH_BYTES, BackgroundWriter
from videos.ingest.incoming import IncomingFile

BATCH = b"x" * BATCH_BYTES


class SlowFile(IncomingFile):
    """Writes when it is allowed to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_write = threading.Event()
        self.has_begun = threading.Event()

    def append(self, pieces: Iterable[bytes]) -> None:
        self.has_begun.set()
        self.may_write.wait(20)
        super().append(pieces)


async def test_a_slow_disk_holds_the_sender_back() -> None:
    file = SlowFile()
    writer = BackgroundWriter(file)
    await writer.write(BATCH)
    waiting = asyncio.ensure_future(writer.write(BATCH))
    await asyncio.to_thread(file.has_begun.wait, 20)
    await asyncio.sleep(0.1)
    assert not waiting.done()
    file.may_write.set()
    await waiting
    await writer.write(b"the rest")
    await writer.finish()
    assert file.path.read_bytes() == BATCH * 2 + b"the rest"
    await writer.discard()
    assert not file.folder.exists()


async def test_nothing_is_removed_under_a_writing_thread() -> None:
    file = SlowFile()
    writer = BackgroundWriter(file)
    await writer.write(BATCH)
    await asyncio.to_thread(file.has_begun.wait, 20)
    discarding = asyncio.ensure_future(writer.discard())
    await asyncio.sleep(0.1)
    assert file.folder.exists()
    file.may_write.set()
    await discarding
    assert not file.folder.exists()


async def test_what_the_disk_refuses_surfaces_and_leaves_nothing(settings: LazySettings) -> None:
    settings.UPLOAD_MAX_BYTES = BATCH_BYTES
    file = IncomingFile()
    writer = BackgroundWriter(file)
    await writer.write(BATCH)
    await writer.write(BATCH)
    with pytest.raises(TooLarge):
        await writer.finish()
    await writer.discard()
    assert not file.folder.exists()
