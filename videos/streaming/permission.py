"""May this subject fetch this item's bytes now? One question to the database, remembered for a few seconds by
each process, so that a film's hundreds of requests cost a handful of questions and a withdrawal is felt at
once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from django.db import close_old_connections

from accounts.models import User
from videos.models import AuditStatus, ContentMain, ContentStatus, Visibility
from videos.streaming.grants import Subject, SubjectKind

REMEMBERED_SECONDS = 4.0
ASK_AGAIN_SECONDS = 4.0  # of an answer that is under way; with the age of what is remembered, 8 at most
_MOST_REMEMBERED = 20_000
_Key = tuple[str, Subject]


def may_fetch(item: str, subject: Subject) -> bool:
    """Asks the database. Everybody: what is approved, available and not private. An account that is active:
    that, and what it owns unless it was withdrawn; moderators: everything."""
    facts = (
        ContentMain.objects.filter(public_id=item)
        .values_list("status", "audit_status", "visibility", "owner__public_id")
        .first()
    )
    if facts is None:
        return False
    status, audit_status, visibility, owner_id = facts
    is_open = (
        audit_status == AuditStatus.APPROVED
        and status == ContentStatus.AVAILABLE
        and visibility in {Visibility.PUBLIC, Visibility.UNLISTED}
    )
    if subject.kind is SubjectKind.PUBLIC:
        return is_open
    user = User.objects.filter(public_id=subject.id, is_active=True).first()
    if user is None:
        return False
    is_own = owner_id == user.public_id and status != ContentStatus.WITHDRAWN
    return is_open or is_own or user.is_moderator


class Watch:
    """Whether a long answer may go on: asked at every piece of it, passed on every few seconds."""

    __slots__ = ("_ask", "_clock", "_due_at")

    def __init__(self, ask: Callable[[], Awaitable[bool]], clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._due_at = clock() + ASK_AGAIN_SECONDS

    async def is_over(self) -> bool:
        """True once permission is gone. Errors of the database are the caller's."""
        if self._clock() < self._due_at:
            return False
        self._due_at = self._clock() + ASK_AGAIN_SECONDS
        return not await self._ask()


class Permissions:
    """Remembers answers for REMEMBERED_SECONDS; asks each question once at a time, never on the event
    loop."""

    def __init__(
        self, question: Callable[[str, Subject], bool] = may_fetch, clock: Callable[[], float] = monotonic
    ) -> None:
        self._question = question
        self._clock = clock
        self._answers: OrderedDict[_Key, tuple[float, bool]] = OrderedDict()
        self._asked: dict[_Key, asyncio.Future[bool]] = {}
        # Threads of their own: a busy database must not keep file reads waiting. Each is one connection.
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="media-permission")

    def remembered(self, item: str, subject: Subject) -> bool | None:
        """The answer if it is fresh; costs no thread and no await."""
        known = self._answers.get((item, subject))
        return known[1] if known is not None and self._clock() < known[0] else None

    async def ask(self, item: str, subject: Subject) -> bool:
        """The answer, remembered or fresh. Errors of the database are the caller's, and are not
        remembered."""
        known = self.remembered(item, subject)
        if known is not None:
            return known
        key = (item, subject)
        pending = self._asked.get(key)
        if pending is None:
            pending = asyncio.ensure_future(self._fresh(key))
            self._asked[key] = pending
            pending.add_done_callback(lambda done: self._forget_question(key, done))
        # One viewer who leaves must not take the answer from the others.
        return await asyncio.shield(pending)

    async def _fresh(self, key: _Key) -> bool:
        # The age of an answer counts from before the question: what changed while it ran may not be in it.
        until = self._clock() + REMEMBERED_SECONDS
        answer = await asyncio.get_running_loop().run_in_executor(self._threads, self._ask_database, *key)
        self._answers[key] = (until, answer)
        self._answers.move_to_end(key)
        while len(self._answers) > _MOST_REMEMBERED:
            self._answers.popitem(last=False)
        return answer

    def watch(self, item: str, subject: Subject) -> Watch:
        """For an answer that begins now, under a permission that was just given."""
        return Watch(lambda: self.ask(item, subject), self._clock)

    def _forget_question(self, key: _Key, done: asyncio.Future[bool]) -> None:
        self._asked.pop(key, None)
        if not done.cancelled():
            done.exception()  # read here: a failure whose askers have all left is nobody's

    def _ask_database(self, item: str, subject: Subject) -> bool:
        close_old_connections()
        try:
            return self._question(item, subject)
        finally:
            close_old_connections()
