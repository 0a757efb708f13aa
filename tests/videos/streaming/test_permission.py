"""Who may fetch: the question to the database for every state and role, and the memory in front of it."""

from __future__ import annotations

import asyncio
import threading

import pytest
from django.db import OperationalError

from accounts.models import User
from tests.videos.factories import make_video
from videos.models import AuditStatus, ContentStatus, Visibility
from videos.streaming import permission
from videos.streaming.grants import PUBLIC, Subject, SubjectKind
from videos.streaming.permission import ASK_AGAIN_SECONDS, REMEMBERED_SECONDS, Permissions, may_fetch


def _as(user: User) -> Subject:
    return Subject(SubjectKind.ACCOUNT, user.public_id)


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("audit_status", AuditStatus)
@pytest.mark.parametrize("status", ContentStatus)
def test_every_state_for_every_role(
    owner: User,
    stranger: User,
    moderator: User,
    status: ContentStatus,
    audit_status: AuditStatus,
    visibility: Visibility,
) -> None:
    item = make_video(owner, status=status, audit_status=audit_status, visibility=visibility).public_id
    is_open = (
        status == ContentStatus.AVAILABLE and audit_status == AuditStatus.APPROVED and visibility != Visibility.PRIVATE
    )
    assert may_fetch(item, PUBLIC) is is_open
    assert may_fetch(item, _as(stranger)) is is_open
    assert may_fetch(item, _as(owner)) is (status != ContentStatus.WITHDRAWN)
    assert may_fetch(item, _as(moderator))


def test_an_account_that_was_closed_fetches_nothing_in_its_own_name(owner: User, moderator: User) -> None:
    item = make_video(owner).public_id
    for user in (owner, moderator):
        user.is_active = False
        user.save()
        assert not may_fetch(item, _as(user))


def test_staff_without_the_right_to_review_are_strangers(stranger: User, owner: User) -> None:
    stranger.is_staff = True
    stranger.save()
    item = make_video(owner, audit_status=AuditStatus.PENDING).public_id
    assert not may_fetch(item, _as(stranger))


def test_unknown_items_and_unknown_accounts_get_nothing(owner: User) -> None:
    item = make_video(owner, visibility=Visibility.PRIVATE)
    assert not may_fetch("a1B2c3D4e5F", PUBLIC)
    assert not may_fetch("a1B2c3D4e5F", _as(owner))
    assert not may_fetch(item.public_id, Subject(SubjectKind.ACCOUNT, "nobodyNOBO1"))
    item.delete()
    assert not may_fetch(item.public_id, _as(owner))


class _Question:
    """Answers as it is told, counts, and runs until it is let go."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Subject]] = []
        self.threads: set[str] = set()
        self.answer: bool | Exception = True
        self.begun = threading.Event()
        self.go = threading.Event()
        self.go.set()

    def __call__(self, item: str, subject: Subject) -> bool:
        self.asked.append((item, subject))
        self.begun.set()
        self.threads.add(threading.current_thread().name)
        assert self.go.wait(10)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_an_answer_is_remembered_for_a_few_seconds_only() -> None:
    assert REMEMBERED_SECONDS <= 4
    question, clock = _Question(), _Clock()
    permissions = Permissions(question, clock)
    assert permissions.remembered("item", PUBLIC) is None
    assert await permissions.ask("item", PUBLIC)
    question.answer = False
    clock.now += REMEMBERED_SECONDS - 0.01
    assert await permissions.ask("item", PUBLIC)
    assert permissions.remembered("item", PUBLIC) is True
    clock.now += 0.02
    assert permissions.remembered("item", PUBLIC) is None
    assert not await permissions.ask("item", PUBLIC)
    assert permissions.remembered("item", PUBLIC) is False
    assert len(question.asked) == 2


async def test_an_answer_is_as_old_as_its_question() -> None:
    """What changes while a slow database thinks may be missing from its answer."""
    question, clock = _Question(), _Clock()
    permissions = Permissions(question, clock)
    question.go.clear()
    asking = asyncio.ensure_future(permissions.ask("item", PUBLIC))
    await asyncio.to_thread(question.begun.wait)
    clock.now += REMEMBERED_SECONDS + 1
    question.go.set()
    assert await asking
    assert permissions.remembered("item", PUBLIC) is None


async def test_a_hundred_viewers_ask_one_question_off_the_event_loop() -> None:
    question = _Question()
    permissions = Permissions(question)
    question.go.clear()
    asking = [asyncio.ensure_future(permissions.ask("item", PUBLIC)) for _ in range(100)]
    await asyncio.sleep(0.02)
    question.go.set()
    assert all(await asyncio.gather(*asking))
    assert question.asked == [("item", PUBLIC)]
    assert threading.current_thread().name not in question.threads


async def test_a_viewer_who_leaves_does_not_take_the_answer_along() -> None:
    question = _Question()
    permissions = Permissions(question)
    question.go.clear()
    leaving, staying = (asyncio.ensure_future(permissions.ask("item", PUBLIC)) for _ in range(2))
    await asyncio.sleep(0.01)
    leaving.cancel()
    question.go.set()
    assert await staying
    assert len(question.asked) == 1


async def test_subjects_and_items_are_told_apart() -> None:
    question = _Question()
    permissions = Permissions(question)
    subjects = [PUBLIC, Subject(SubjectKind.ACCOUNT, "a"), Subject(SubjectKind.ACCOUNT, "b")]
    for item in ("one", "two"):
        for subject in subjects:
            await permissions.ask(item, subject)
    assert len(question.asked) == 6


async def test_a_failure_reaches_everybody_who_asked_and_is_not_remembered() -> None:
    question = _Question()
    question.answer = OperationalError("database is locked")
    permissions = Permissions(question)
    results = await asyncio.gather(*(permissions.ask("item", PUBLIC) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(result, OperationalError) for result in results)
    question.answer = True
    assert await permissions.ask("item", PUBLIC)


async def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permission, "_MOST_REMEMBERED", 10)
    permissions = Permissions(_Question())
    for number in range(30):
        await permissions.ask(f"item {number}", PUBLIC)
    known = [number for number in range(30) if permissions.remembered(f"item {number}", PUBLIC) is not None]
    assert known == list(range(20, 30))


@pytest.mark.django_db(transaction=True)
async def test_the_database_is_asked_and_a_change_is_felt_after_the_memory(owner: User) -> None:
    item = await asyncio.to_thread(make_video, owner)
    clock = _Clock()
    permissions = Permissions(clock=clock)
    assert await permissions.ask(item.public_id, PUBLIC)
    item.status = ContentStatus.WITHDRAWN
    await item.asave()
    clock.now += REMEMBERED_SECONDS
    assert not await permissions.ask(item.public_id, PUBLIC)


async def test_a_long_answer_asks_again_every_few_seconds_and_no_oftener() -> None:
    now, asked = [100.0], []

    def question(item: str, _subject: Subject) -> bool:
        asked.append(item)
        return now[0] < 130

    watch = Permissions(question, lambda: now[0]).watch("film", PUBLIC)
    pieces = [await watch.is_over() for _ in range(1000)]
    assert (any(pieces), asked) == (False, []), "permission was given a moment ago"
    while now[0] < 130:
        now[0] += 0.5
        over = await watch.is_over()
        assert not over or now[0] >= 130
    assert 6 <= len(asked) <= 8
    now[0] += ASK_AGAIN_SECONDS
    assert await watch.is_over()


def test_a_revoked_film_stops_within_ten_seconds() -> None:
    """What is remembered may be this old when it is asked for, and is asked for this rarely."""
    assert REMEMBERED_SECONDS + ASK_AGAIN_SECONDS < 10
