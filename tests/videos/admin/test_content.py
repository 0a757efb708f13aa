"""The audit queue in Django admin: who gets in, what is shown, how decisions are made."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format

from accounts.models import AuditEntry, User
from tests.videos.factories import make_video
from videos.models import AuditStatus, ContentMain, ContentStatus, Source
from videos.publishing.review import Seen

pytestmark = [pytest.mark.django_db, pytest.mark.database]

QUEUE = "/admin/videos/contentmain/"
FACTS = {
    "kind": "audio", "container": "mov", "bytes": 5, "duration_seconds": 3723.4, "container_start_seconds": 0,
    "video": None, "audio": [], "subtitles": [], "chapters": [], "tags": {},
}  # fmt: skip


def address(content: ContentMain, page: str = "change") -> str:
    return reverse(f"admin:videos_contentmain_{page}", args=[content.pk])


def seen(content: ContentMain) -> str:
    """What a page that was loaded now carries about an item."""
    content.refresh_from_db()
    return f"{content.pk}:{Seen.of(content).token()}"


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


def test_the_first_look_shows_what_waits_the_oldest_first(desk: Client, owner: User) -> None:
    first, second = (
        make_video(owner, title=title, audit_status=AuditStatus.PENDING) for title in ("Came first", "Came second")
    )
    make_video(owner, title="Shown already")
    for status in (ContentStatus.PROCESSING, ContentStatus.FAILED):
        make_video(owner, title=f"Nothing to see, {status}", audit_status=AuditStatus.PENDING, status=status)
    answer = desk.get(QUEUE)
    assert list(answer.context["cl"].result_list) == [first, second]
    assert '<span class="tabs__count">2</span>' in answer.content.decode()


@pytest.mark.parametrize(
    ("tab", "titles"),
    [
        ("making", ["Made now"]),
        ("failed", ["Failed"]),
        ("approved", ["Approved"]),
        ("rejected", ["Rejected"]),
        ("all", ["Rejected", "Approved", "Failed", "Made now", "Waiting"]),
        ("nonsense", ["Waiting"]),
    ],
)
def test_every_tab_holds_its_own(tab: str, titles: list[str], desk: Client, owner: User) -> None:
    make_video(owner, title="Waiting", audit_status=AuditStatus.PENDING)
    make_video(owner, title="Made now", audit_status=AuditStatus.PENDING, status=ContentStatus.PROCESSING)
    make_video(owner, title="Failed", audit_status=AuditStatus.PENDING, status=ContentStatus.FAILED)
    make_video(owner, title="Approved")
    make_video(owner, title="Rejected", audit_status=AuditStatus.REJECTED)
    found = desk.get(f"{QUEUE}?show={tab}").context["cl"].result_list
    assert [video.title for video in found] == titles


def test_who_searches_searches_everything(desk: Client, owner: User) -> None:
    video = make_video(owner, title="Shown already")
    assert list(desk.get(f"{QUEUE}?q=already").context["cl"].result_list) == [video]


def test_a_row_says_what_it_is_without_a_picture(desk: Client, owner: User) -> None:
    make_video(owner, title="Song", audit_status=AuditStatus.PENDING)
    assert "Sound without picture" in desk.get(QUEUE).content.decode()
    make_video(owner, title="Broken", audit_status=AuditStatus.PENDING, status=ContentStatus.FAILED)
    page = desk.get(f"{QUEUE}?show=failed").content.decode()
    assert "blank--warning" in page
    assert "chip--failed" in page
    assert "chip--pending" not in page


def test_the_overview_tells_moderators_how_many_wait(desk: Client, owner: User) -> None:
    assert "No film waits for approval" in desk.get("/admin/").content.decode()
    make_video(owner, audit_status=AuditStatus.PENDING)
    make_video(owner, audit_status=AuditStatus.PENDING, status=ContentStatus.FAILED)
    page = desk.get("/admin/").content.decode()
    assert f'<a href="{QUEUE}">1 film waits for approval</a>' in page


def test_the_overview_tells_others_nothing_of_it(client: Client, owner: User) -> None:
    client.force_login(User.objects.create_user(username="clerk", password="x" * 12, is_staff=True))
    make_video(owner, audit_status=AuditStatus.PENDING)
    assert "for approval" not in client.get("/admin/").content.decode()


def test_the_page_tells_who_brought_the_film_when_and_how_long_it_is(desk: Client, admin: User, owner: User) -> None:
    owner.display_name = "Mira"
    owner.save()
    content = make_video(owner, audit_status=AuditStatus.PENDING, duration_seconds=3723.4)
    Source.objects.create(content=content, token="t", filename="a.mov", bytes=5, facts=FACTS)
    page = desk.get(address(content)).content.decode()
    for text in ("Mira (@owner)", "1:02:03", date_format(content.created_at, "DATETIME_FORMAT"), "MP4/MOV"):
        assert text in page
    assert f'href="{QUEUE}?show=all&amp;q=owner"' in page, "who may not open people gets all their videos"
    desk.force_login(admin)
    assert f'href="/admin/accounts/user/{owner.pk}/change/"' in desk.get(address(content)).content.decode()


@pytest.mark.parametrize("page", ["change", "add"])
def test_the_pages_give_their_scripts_the_token_that_posting_needs(page: str, desk: Client, owner: User) -> None:
    """Beats of the player and uploads are posted with it."""
    where = address(make_video(owner)) if page == "change" else f"{QUEUE}add/"
    token = re.search(r'<meta name="csrf-token" content="(\w+)">', desk.get(where).content.decode())
    assert token is not None
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = desk.cookies
    answer = strict.post(
        "/api/playback/sessions/", "{}", content_type="application/json", headers={"X-CSRFToken": token[1]}
    )
    assert answer.status_code == 400, "understood, and found to say nothing"


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


def test_a_film_that_failed_is_not_approved(desk: Client, owner: User) -> None:
    failed = make_video(owner, audit_status=AuditStatus.PENDING, status=ContentStatus.FAILED)
    good = make_video(owner, audit_status=AuditStatus.PENDING)
    page = desk.get(address(failed)).content.decode()
    assert address(failed, "approve") not in page
    assert address(failed, "reject") in page
    answer = desk.post(address(failed, "approve"), {"seen": seen(failed)}, follow=True).content.decode()
    assert "there is nothing to approve" in answer
    assert "is approved." not in answer
    answer = desk.post(QUEUE, {"action": "approve_selected", **selected(failed, good)}, follow=True).content.decode()
    assert "1 video approved." in answer
    assert "1 video was skipped: This film could not be made from its file" in answer
    failed.refresh_from_db()
    assert failed.audit_status == AuditStatus.PENDING


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
    page = desk.get(f"{QUEUE}?show=all").content.decode()
    assert all(f'<input type="hidden" name="seen" value="{seen(video)}">' in page for video in videos)


@pytest.mark.parametrize("action", ["approve_selected", "reject_selected"])
def test_bulk_decisions_leave_out_what_is_no_longer_as_it_was_seen(action: str, desk: Client, owner: User) -> None:
    as_seen, decided, replaced, unseen = (make_video(owner, audit_status=AuditStatus.PENDING) for _ in range(4))
    form = selected(as_seen, decided, replaced, unseen)
    form["seen"] = [entry for entry in form["seen"] if entry != seen(unseen)]
    ContentMain.objects.filter(pk=decided.pk).update(audit_status=AuditStatus.REJECTED, audit_reason="by another")
    Source.objects.create(content=replaced, filename="rain.mp4", bytes=1)
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
    assert client.get(QUEUE).status_code == (302 if who == "guest" else 403)


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
