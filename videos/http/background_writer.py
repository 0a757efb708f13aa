"""Writing a file beside the event loop: while one batch goes to the disk in a thread, the next one is
collected, and no more than that."""

from __future__ import annotations

import asyncio
from typing import Final

from videos.ingest.incoming import GrowingFile

BATCH_BYTES: Final = 1 << 20


class BackgroundWriter:
    """Pieces go in, at most two batches are held. An error of the disk surfaces at the next call."""

    def __init__(self, file: GrowingFile) -> None:
        self._file = file
        self._batch: list[bytes] = []
        self._batch_bytes = 0
        self._writing: asyncio.Future[None] | None = None

    async def write(self, piece: bytes) -> None:
        """Takes a piece; waits while the disk is a batch behind. Raises what GrowingFile.append raises."""
        self._batch.append(piece)
        self._batch_bytes += len(piece)
        if self._batch_bytes >= BATCH_BYTES:
            await self._start()

    async def finish(self) -> None:
        """All is on the disk. Raises what GrowingFile.append and finish raise."""
        await self.write_out()
        await asyncio.to_thread(self._file.finish)

    async def discard(self) -> None:
        """Forgets what was collected and undoes the writing, once no thread writes to the file any more."""
        self._batch.clear()
        if self._writing is not None:
            await asyncio.wait([self._writing])
        await asyncio.to_thread(self._file.discard)

    async def write_out(self) -> None:
        """Nothing is held any more, and no thread writes. Raises as `write`."""
        await self._start()
        await self._settled()

    async def _start(self) -> None:
        await self._settled()
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        loop = asyncio.get_running_loop()
        self._writing = loop.run_in_executor(None, self._file.append, batch)

    async def _settled(self) -> None:
        if self._writing is not None:
            await asyncio.wait([self._writing])  # who is cancelled here leaves a thread that still writes
            writing, self._writing = self._writing, None
            writing.result()
