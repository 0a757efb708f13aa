"""Keeps a lease alive beside the work, in a thread with a database connection of its own."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

import structlog
from django.db import DatabaseError, InterfaceError, connections

from videos.jobs import leases
from videos.jobs.queue import Claim

log = structlog.get_logger(__name__)

RENEW_EVERY_SECONDS = 5.0
AFTER_TROUBLE_SECONDS = 1.0


class LeaseKeeper:
    """`with LeaseKeeper(claim) as keeper:` renews every 5 s; `keeper.is_lost` turns true, and stays, once the fence has
    moved on. A database that does not answer loses nothing by itself: the next renewal tells."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._lost = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease of step {claim.step_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(timeout=2)  # it may be waiting for a locked database; it ends by itself then

    @property
    def is_lost(self) -> bool:
        return self._lost.is_set()

    def mark_lost(self) -> None:
        """For who noticed first, by a write of the step's own."""
        self._lost.set()

    def _keep(self) -> None:
        pause = RENEW_EVERY_SECONDS
        try:
            while not self._ended.wait(pause):
                pause = RENEW_EVERY_SECONDS
                try:
                    if not leases.renew(self._claim):
                        self._lost.set()
                        return
                except (DatabaseError, InterfaceError) as error:
                    log.warning("lease could not be renewed", step=self._claim.step_id, error=str(error))
                    connections.close_all()
                    pause = AFTER_TROUBLE_SECONDS
        finally:
            connections.close_all()
