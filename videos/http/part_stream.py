"""One part of a resumable upload, from the network to the disk. Who asks for the same upload later wins: the writer is
told, writes out what it has and gives way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from videos.errors import StorageError
from videos.http.admission import in_database
from videos.http.background_writer import BackgroundWriter
from videos.http.lingering import BodyReader
from videos.ingest import partial, space, uploads
from videos.ingest.partial import PartFile, UploadFolder, UploadLock
from videos.ingest.refusals import (
    ChecksumMismatch,
    PartTooLong,
    UploadLocked,
    UploadStalled,
    UploadTakenOver,
)
from videos.ingest.tus import Checksum
from videos.ingest.uploads import ReceivedPart
from videos.models import Upload

WANTED_POLL_SECONDS: Final = 0.5


@asynccontextmanager
async def held_part(upload: Upload) -> AsyncIterator[tuple[ReceivedPart, UploadLock]]:
    """The upload under its lock as it is then, with its offset; its life begins anew.

    Raises:
        UploadLocked, UploadUnknown, UploadExpired, InsufficientStorage, StorageError.
    """
    if upload.is_finished:  # nobody writes to it any more, and its folder is gone
        yield ReceivedPart(upload, upload.bytes), UploadLock(UploadFolder(upload.token))
        return
    lock = UploadLock(UploadFolder(upload.token))
    deadline = time.monotonic() + partial.LOCK_SECONDS
    while not await asyncio.to_thread(lock.try_acquire):
        if time.monotonic() >= deadline:
            raise UploadLocked
        await asyncio.sleep(partial.LOCK_POLL_SECONDS)
    try:
        yield await in_database(lambda: _settled(upload)), lock
    finally:
        lock.release()


def _settled(upload: Upload) -> ReceivedPart:
    row = uploads.reread(upload)
    uploads.prolong(row)
    return ReceivedPart(row, uploads.settled_offset(row))


async def receive_part(
    body: BodyReader, lock: UploadLock, held: ReceivedPart, *, declared_bytes: int | None, checksum: Checksum | None
) -> int:
    """Adds the body to the upload; returns the offset after it, which is durable. When it breaks off, what came is
    kept; with a checksum, nothing.

    Raises:
        PartTooLong, ChecksumMismatch: nothing was kept. UploadStalled, UploadTakenOver, ClientGone: it broke off.
        TooLarge, InsufficientStorage, StorageError.
    """
    left_bytes = held.upload.bytes - held.offset
    if declared_bytes is not None and declared_bytes > left_bytes:
        raise PartTooLong(f"{declared_bytes} bytes, {left_bytes} are left")
    if left_bytes == 0:
        return await _nothing_more(body, held.offset)
    await asyncio.to_thread(space.refuse_early, left_bytes if declared_bytes is None else declared_bytes)
    folder = UploadFolder(held.upload.token)
    file = await asyncio.to_thread(
        lambda: PartFile(folder, offset=held.offset, total_bytes=held.upload.bytes, checksum=checksum)
    )
    writer = BackgroundWriter(file)
    try:
        await _stream(body, lock, writer)
        await writer.finish()
    except (PartTooLong, ChecksumMismatch):
        await writer.discard()
        raise
    except BaseException:
        with suppress(StorageError):  # the first error is the one to tell
            await writer.write_out()
        with suppress(StorageError):
            await asyncio.to_thread(file.keep)
        raise
    return file.bytes


async def _nothing_more(body: BodyReader, offset: int) -> int:
    while not body.has_ended:
        if await _next(body):
            raise PartTooLong("the upload is whole")
    return offset


async def _next(body: BodyReader) -> bytes:
    try:
        return await body.next()
    except TimeoutError as error:
        raise UploadStalled from error


async def _stream(body: BodyReader, lock: UploadLock, writer: BackgroundWriter) -> None:
    wanted = asyncio.ensure_future(_until_wanted(lock))
    try:
        while not body.has_ended:
            chunk = asyncio.ensure_future(_next(body))
            try:
                await asyncio.wait({chunk, wanted}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not chunk.done():
                    chunk.cancel()
                    await asyncio.wait({chunk})
            if not chunk.cancelled():
                await writer.write(chunk.result())
            if wanted.done():
                raise UploadTakenOver
    finally:
        wanted.cancel()


async def _until_wanted(lock: UploadLock) -> None:
    while not lock.is_wanted:  # noqa: ASYNC110 -- another process sets it
        await asyncio.sleep(WANTED_POLL_SECONDS)
