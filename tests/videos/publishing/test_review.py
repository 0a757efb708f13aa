"""Decisions of moderators: who may, what is written, what is remembered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings

from accounts.models import AuditEntry, User
from tests.videos.factories import make_video
from videos.errors import AlreadyDecided, ChangedMeanwhile, NothingToApprove, NotPermitted, ReasonMissing
from videos.models import AuditStatus, ContentMain, ContentStatus, Source
from videos.models.source import new_token
from videos.publishing import review
from videos.publishing.review import Seen

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_approving_shows_the_item_and_remembers_who_and_when(owner: User, moderator: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    review.approve(content=content, moderator=moderator)
    content.refresh_from_db()
    assert content.is_listed
    assert content.audited_by == moderator
    assert content.audited_at is not None
    assert content.published_at is not None
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target) == (moderator, "video.approve", f"video:{content.public_id}")
    assert entry.detail["before"] == "pending"


def test_rejecting_keeps_the_reason(owner: User, moderator: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    review.reject(content=content, moderator=moderator, reason="  not your film  ")
    content.refresh_from_db()
    assert content.audit_status == AuditStatus.REJECTED
    assert content.audit_reason == "not your film"
    assert AuditEntry.objects.get().detail["reason"] == "not your film"


def test_a_rejection_needs_a_reason(owner: User, moderator: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    with pytest.raises(ReasonMissing):
        review.reject(content=content, moderator=moderator, reason="  ")
    content.refresh_from_db()
    assert content.audit_status == AuditStatus.PENDING


@pytest.mark.parametrize("who", ["owner", "stranger"])
def test_only_moderators_decide(who: str, owner: User, stranger: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    with pytest.raises(NotPermitted):
        review.approve(content=content, moderator={"owner": owner, "stranger": stranger}[who])
    assert not AuditEntry.objects.exists()


def test_staff_without_the_permission_do_not_decide(owner: User, make_user: object) -> None:
    clerk = User.objects.create_user(username="clerk", password="x" * 12, is_staff=True)
    with pytest.raises(NotPermitted):
        review.approve(content=make_video(owner, audit_status=AuditStatus.PENDING), moderator=clerk)


def test_of_two_moderators_the_later_one_is_told(owner: User, moderator: User, admin: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    seen = Seen.of(content)
    review.approve(content=content, moderator=admin, seen=seen)
    with pytest.raises(AlreadyDecided):
        review.reject(content=content, moderator=moderator, reason="too late", seen=seen)
    content.refresh_from_db()
    assert content.audit_status == AuditStatus.APPROVED


def _replace_source(content: ContentMain) -> None:
    Source.objects.filter(content=content).update(token=new_token())


def _withdraw(content: ContentMain) -> None:
    ContentMain.objects.filter(pk=content.pk).update(status=ContentStatus.WITHDRAWN)


def test_rungs_that_arrive_meanwhile_do_not_stop_a_decision(owner: User, moderator: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    seen = Seen.of(content)
    ContentMain.objects.filter(pk=content.pk).update(version=2)
    review.approve(content=content, moderator=moderator, seen=seen)
    content.refresh_from_db()
    assert (content.audit_status, content.version) == (AuditStatus.APPROVED, 2)


@pytest.mark.parametrize("change", [_replace_source, _withdraw])
def test_a_decision_is_about_what_was_seen(owner: User, moderator: User, change: Callable[[ContentMain], None]) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    Source.objects.create(content=content, filename="rain.mp4", bytes=1)
    seen = Seen.of(content)
    change(content)
    with pytest.raises(ChangedMeanwhile):
        review.approve(content=content, moderator=moderator, seen=seen)
    content.refresh_from_db()
    assert content.audit_status == AuditStatus.PENDING
    assert not AuditEntry.objects.exists()


def test_a_film_that_failed_cannot_be_approved_but_rejected(owner: User, moderator: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING, status=ContentStatus.FAILED)
    with pytest.raises(NothingToApprove):
        review.approve(content=content, moderator=moderator)
    content.refresh_from_db()
    assert content.audit_status == AuditStatus.PENDING
    assert not AuditEntry.objects.exists()
    review.reject(content=content, moderator=moderator, reason="not a film")
    content.refresh_from_db()
    assert content.audit_status == AuditStatus.REJECTED


def test_what_waits_for_a_moderator_is_pending_and_can_be_watched(owner: User) -> None:
    waiting = make_video(owner, audit_status=AuditStatus.PENDING)
    for status in (ContentStatus.PROCESSING, ContentStatus.FAILED, ContentStatus.WITHDRAWN):
        make_video(owner, audit_status=AuditStatus.PENDING, status=status)
    make_video(owner), make_video(owner, audit_status=AuditStatus.REJECTED)
    assert list(review.waiting()) == [waiting]


def test_what_was_seen_comes_back_from_a_form_unchanged(owner: User) -> None:
    seen = Seen.of(make_video(owner, audit_status=AuditStatus.PENDING))
    assert Seen.from_token(seen.token()) == seen
    for wrong in ("", "1", "1.0", "a.b.c", "1.0.x.2"):
        with pytest.raises(ValueError):
            Seen.from_token(wrong)


def test_where_staff_uploads_are_audited_nobody_audits_their_own(moderator: User, settings: LazySettings) -> None:
    settings.STAFF_UPLOADS_APPROVED = False
    content = make_video(moderator, audit_status=AuditStatus.PENDING)
    with pytest.raises(NotPermitted):
        review.approve(content=content, moderator=moderator)


def test_a_staff_upload_is_approved_by_rule_and_the_rule_is_written_down(moderator: User) -> None:
    content = make_video(moderator, audit_status=AuditStatus.PENDING, status=ContentStatus.PROCESSING)
    review.approve_staff_upload(content)
    content.refresh_from_db()
    assert content.is_approved
    entry = AuditEntry.objects.get()
    assert entry.actor is None
    assert "rule" in entry.detail


def test_an_ordinary_upload_is_not(owner: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    review.approve_staff_upload(content)
    content.refresh_from_db()
    assert content.audit_status == AuditStatus.PENDING


def test_the_moment_of_publication_is_the_first_and_stays(owner: User, moderator: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    review.approve(content=content, moderator=moderator)
    content.refresh_from_db()
    first = content.published_at
    review.reject(content=content, moderator=moderator, reason="second thoughts")
    review.approve(content=content, moderator=moderator)
    content.refresh_from_db()
    assert content.published_at == first
