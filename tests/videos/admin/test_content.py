"""The audit queue in Django admin: who gets in, what is shown, how decisions are made."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from tests.videos.factories import make_video
from videos.models import AuditStatus, ContentMain, ContentStatus

pytestmark = [pytest.mark.django_db, pytest.mark.database]

QUEUE = "/admin/videos/contentmain/"


def address(content: ContentMain, page: str = "change") -> str:
    return reverse(f"admin:videos_contentmain_{page}", args=[content.pk])


def seen(content: ContentMain) -> str:
    """What a page that was loaded now carries about an item."""
    content.refresh_from_db()
    return f"{content.pk}:{content.audit_status}.{content.status}.{content.version or 0}"


def selected(*videos: ContentMain) -> dict[str, list[object]]:
    """The list's form as it is now, with these rows ticked."""
    return {
        "_selected_action": [video.pk for video in videos],
        "seen": [seen(video) for video in ContentMain.objects.all()],
    }


@pytest.fixture
def desk(client: Client, moderator: User) -> Client:
    """A moderator's browser."""
    client.force_login(moderator)
    return client


def test_the_queue_shows_pending_videos(desk: Client, owner: User) -> None:
    make_video(owner, title="Waiting", audit_status=AuditStatus.PENDING)
    make_video(owner, title="Shown already")
    page = desk.get(f"{QUEUE}?audit_status__exact=1").content.decode()
    assert "Waiting" in page
    assert "Shown already" not in page


def test_the_page_of_a_video_has_player_facts_and_both_decisions(desk: Client, owner: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    page = desk.get(address(content)).content.decode()
    assert f'data-video="{content.public_id}"' in page
    assert "720p" in page
    assert address(content, "approve") in page
    assert address(content, "reject") in page


def test_approving_one(desk: Client, owner: User, moderator: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    answer = desk.post(address(content, "approve"), {"seen": seen(content)}, follow=True)
    content.refresh_from_db()
    assert content.is_approved
    assert content.audited_by == moderator
    assert "approved" in answer.content.decode()


def test_rejecting_one_with_a_reason(desk: Client, owner: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    desk.post(address(content, "reject"), {"seen": seen(content), "reason": "too loud"})
    content.refresh_from_db()
    assert content.audit_status == AuditStatus.REJECTED
    assert content.audit_reason == "too loud"


def test_a_rejection_without_a_reason_changes_nothing(desk: Client, owner: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    answer = desk.post(address(content, "reject"), {"seen": seen(content), "reason": " "}, follow=True)
    content.refresh_from_db()
    assert content.audit_status == AuditStatus.PENDING
    assert "Say why" in answer.content.decode()


def test_a_decision_upon_an_old_page_is_refused(desk: Client, owner: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    page = desk.get(address(content)).content.decode()
    old = seen(content)
    assert page.count(f'name="seen" value="{old}"') == 2, "one for each decision"
    ContentMain.objects.filter(pk=content.pk).update(audit_status=AuditStatus.APPROVED)  # by somebody else
    answer = desk.post(address(content, "reject"), {"seen": old, "reason": "late"}, follow=True)
    content.refresh_from_db()
    assert content.is_approved
    assert "Somebody else has decided" in answer.content.decode()


def test_approving_in_bulk(desk: Client, owner: User) -> None:
    videos = [make_video(owner, audit_status=AuditStatus.PENDING) for _ in range(3)]
    desk.post(QUEUE, {"action": "approve_selected", **selected(*videos)})
    assert all(video.is_approved for video in ContentMain.objects.all())
    assert AuditEntry.objects.filter(action="video.approve").count() == 3


def test_rejecting_in_bulk_asks_for_the_reason_first(desk: Client, owner: User) -> None:
    videos = [make_video(owner, audit_status=AuditStatus.PENDING) for _ in range(2)]
    chosen = {"action": "reject_selected", **selected(*videos)}
    asked = desk.post(QUEUE, chosen).content.decode()
    assert "Reason" in asked
    assert all(f'value="{seen(video)}"' in asked for video in videos)
    assert ContentMain.objects.filter(audit_status=AuditStatus.REJECTED).count() == 0
    desk.post(QUEUE, {**chosen, "reason": "not ours"})
    assert list(ContentMain.objects.values_list("audit_reason", flat=True)) == ["not ours", "not ours"]


def test_the_list_carries_the_state_of_every_row(desk: Client, owner: User) -> None:
    videos = [make_video(owner, audit_status=AuditStatus.PENDING), make_video(owner)]
    ContentMain.objects.filter(pk=videos[1].pk).update(version=None, status=ContentStatus.PROCESSING)
    page = desk.get(QUEUE).content.decode()
    assert all(f'<input type="hidden" name="seen" value="{seen(video)}">' in page for video in videos)


@pytest.mark.parametrize("action", ["approve_selected", "reject_selected"])
def test_bulk_decisions_leave_out_what_is_no_longer_as_it_was_seen(action: str, desk: Client, owner: User) -> None:
    as_seen, decided, replaced, unseen = (make_video(owner, audit_status=AuditStatus.PENDING) for _ in range(4))
    form = selected(as_seen, decided, replaced, unseen)
    form["seen"] = [entry for entry in form["seen"] if entry != seen(unseen)]
    ContentMain.objects.filter(pk=decided.pk).update(audit_status=AuditStatus.REJECTED, audit_reason="by another")
    ContentMain.objects.filter(pk=replaced.pk).update(version=2)
    answer = desk.post(QUEUE, {"action": action, **form, "reason": "not ours"}, follow=True).content.decode()
    for content in (as_seen, decided, replaced, unseen):
        content.refresh_from_db()
    decision = AuditStatus.APPROVED if action == "approve_selected" else AuditStatus.REJECTED
    assert as_seen.audit_status == decision
    assert decided.audit_reason == "by another"
    assert replaced.audit_status == unseen.audit_status == AuditStatus.PENDING
    assert AuditEntry.objects.count() == 1
    assert f"1 video {decision.name.lower()}." in answer
    assert "1 video was skipped: Somebody else has decided about this video in the meantime." in answer
    assert "1 video was skipped: This video has changed in the meantime." in answer
    assert "1 video was skipped: It was not on the page that you saw." in answer


def test_a_list_that_says_nothing_of_what_was_seen_decides_nothing(desk: Client, owner: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    for wrong in ([], ["1"], [f"{content.pk}:"], [f"{content.pk}:1"], ["x:1.0.1"], ["\x00"]):
        desk.post(QUEUE, {"action": "approve_selected", "_selected_action": [content.pk], "seen": wrong})
    content.refresh_from_db()
    assert content.audit_status == AuditStatus.PENDING


def test_decisions_are_told_in_words(desk: Client, owner: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    desk.post(address(content, "approve"), {"seen": seen(content)})
    page = desk.get(address(content)).content.decode()
    assert "approved the video" in page
    assert "video.approve" not in page
    page = desk.get(address(content), headers={"Accept-Language": "zh-CN"}).content.decode()
    assert "通过了视频" in page


@pytest.mark.parametrize("page", ["approve", "reject"])
def test_decisions_are_not_made_by_following_a_link(page: str, desk: Client, owner: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    assert desk.get(address(content, page)).status_code == 403
    content.refresh_from_db()
    assert content.audit_status == AuditStatus.PENDING


@pytest.mark.parametrize("page", ["approve", "reject"])
def test_staff_without_the_right_decide_nothing(page: str, client: Client, owner: User) -> None:
    client.force_login(User.objects.create_user(username="clerk", password="x" * 12, is_staff=True))
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    assert client.post(address(content, page), {"seen": seen(content), "reason": "x"}).status_code == 403
    content.refresh_from_db()
    assert content.audit_status == AuditStatus.PENDING


@pytest.mark.parametrize("who", ["guest", "member"])
def test_others_do_not_get_in(who: str, client: Client, member: User) -> None:
    if who == "member":
        client.force_login(member)
    assert client.get(QUEUE).status_code == 302


def test_the_add_page_is_the_upload_component(desk: Client) -> None:
    page = desk.get(f"{QUEUE}add/").content.decode()
    assert "data-upload" in page
    assert 'type="file"' in page


def test_the_status_fields_cannot_be_typed_in(desk: Client, owner: User) -> None:
    content = make_video(owner, audit_status=AuditStatus.PENDING)
    form = {"title": "Renamed", "description": "", "category": "", "film": "", "visibility": "public"}
    desk.post(address(content), {**form, "audit_status": "0", "status": "3", "clicks": "1000"})
    content.refresh_from_db()
    assert content.title == "Renamed"
    assert (content.audit_status, content.status, content.clicks) == (AuditStatus.PENDING, 0, 0)
