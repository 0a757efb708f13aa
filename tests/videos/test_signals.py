"""News goes out on commit, and a receiver that fails disturbs nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from tests.videos.factories import make_video
from videos.models import ContentMain
from videos.signals import announce, video_failed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def video(owner: User) -> ContentMain:
    return make_video(owner)


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """What a receiver was told."""
    news: list[dict[str, Any]] = []

    def receive(**facts: Any) -> None:
        del facts["signal"]
        news.append(facts)

    video_failed.connect(receive)
    yield news
    video_failed.disconnect(receive)


def test_it_is_sent_when_the_transaction_commits(video: ContentMain, heard: list[dict[str, Any]]) -> None:
    with transaction.atomic():
        announce(video_failed, video, code="corrupt")
        assert heard == []
    expected = {"sender": ContentMain, "content_id": video.pk, "public_id": video.public_id, "code": "corrupt"}
    assert heard == [expected]


def test_it_is_not_sent_for_what_was_rolled_back(video: ContentMain, heard: list[dict[str, Any]]) -> None:
    with transaction.atomic():
        announce(video_failed, video, code="corrupt")
        transaction.set_rollback(True)
    assert heard == []


def test_a_receiver_that_raises_disturbs_nobody(video: ContentMain, heard: list[dict[str, Any]]) -> None:
    def fail(**_facts: Any) -> None:
        raise ZeroDivisionError

    video_failed.connect(fail)
    try:
        announce(video_failed, video, code="corrupt")
    finally:
        video_failed.disconnect(fail)
    assert len(heard) == 1
