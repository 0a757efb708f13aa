"""The doorbell rings once a change, on commit, and never disturbs who rings it."""

from __future__ import annotations

import threading

import pytest
from django.conf import LazySettings
from django.db import transaction

from config import redis_urls
from videos import live

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that were told, in order."""
    ids: list[str] = []
    monkeypatch.setattr(live, "_tell", ids.append)
    monkeypatch.setattr(live, "_bell", live._Doorbell())
    return ids


def test_it_rings_when_the_transaction_commits(told: list[str]) -> None:
    with transaction.atomic():
        live.item_changed("a")
        assert told == []
    assert told == ["a"]


def test_it_does_not_ring_for_what_was_rolled_back(told: list[str]) -> None:
    with transaction.atomic():
        live.item_changed("a")
        transaction.set_rollback(True)
    assert told == []


def test_a_burst_rings_at_its_beginning_and_once_after(told: list[str]) -> None:
    for _ in range(100):
        live.item_changed("a")
    assert told == ["a"]
    for timer in threading.enumerate():
        if isinstance(timer, threading.Timer):
            timer.join()
    assert told == ["a", "a"]


def test_items_do_not_wait_for_each_other(told: list[str]) -> None:
    for public_id in "abc":
        live.item_changed(public_id)
    assert told == ["a", "b", "c"]


def test_a_ring_that_nobody_can_hear_is_no_error(settings: LazySettings) -> None:
    settings.CHANNEL_LAYERS = redis_urls.channel_layers("unix:///nowhere/redis.sock")
    live.item_changed("a")
