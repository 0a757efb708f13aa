"""A member's own film: changing its words, and deleting it, without any script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from tests.videos.factories import make_video
from tests.videos.pages.conftest import PageReader
from videos.models import AuditStatus, Category, ContentMain, ContentStatus, Visibility

pytestmark = pytest.mark.django_db
Visit = Callable[..., PageReader]
FIELDS = {"title": "Ten Kinds of Rain", "description": "More rain.", "category": "", "visibility": "unlisted"}


def _edit(video: ContentMain) -> str:
    return f"/me/videos/{video.public_id}/"


def _delete(video: ContentMain) -> str:
    return f"/me/videos/{video.public_id}/delete/"


@pytest.mark.parametrize("address", [_edit, _delete])
@pytest.mark.parametrize("method", ["get", "post"])
def test_guests_are_asked_to_sign_in_and_come_back(
    client: Client, owner: User, address: Callable[[ContentMain], str], method: str
) -> None:
    video = make_video(owner)
    answer = getattr(client, method)(address(video))
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/accounts/login/?next={address(video)}")
    assert ContentMain.objects.filter(pk=video.pk).exists()


@pytest.mark.parametrize("address", [_edit, _delete])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["stranger", "moderator"])
def test_somebody_elses_film_is_not_found_there(
    client: Client,
    owner: User,
    address: Callable[[ContentMain], str],
    method: str,
    who: str,
    request: pytest.FixtureRequest,
) -> None:
    video = make_video(owner)
    client.force_login(request.getfixturevalue(who))
    assert getattr(client, method)(address(video), FIELDS).status_code == 404
    video.refresh_from_db()
    assert video.title == "Nine Kinds of Rain"


@pytest.mark.parametrize("address", [_edit, _delete])
def test_a_form_from_elsewhere_changes_nothing(owner: User, address: Callable[[ContentMain], str]) -> None:
    video = make_video(owner)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert strict.post(address(video), FIELDS).status_code == 403
    video.refresh_from_db()
    assert video.title == "Nine Kinds of Rain"


def test_the_form_shows_what_stands_there(visit: Visit, owner: User) -> None:
    shelf = Category.objects.get(slug="music")
    video = make_video(owner, description="Shot in rain.", category=shelf, visibility=Visibility.PRIVATE)
    page = visit(_edit(video), owner)
    assert [one["value"] for one in page.found("input") if one.get("name") == "title"] == ["Nine Kinds of Rain"]
    chosen = [one["value"] for one in page.found("option") if "selected" in one]
    assert chosen == [str(shelf.pk), "private"]
    assert "Shot in rain." in page.text
    assert {_delete(video), f"/watch/{video.public_id}/", "/me/videos/"} <= set(page.links)


def test_saving_changes_the_words_and_nothing_else(client: Client, owner: User) -> None:
    video = make_video(owner, audit_status=AuditStatus.PENDING, clicks=7)
    shelf = Category.objects.get(slug="music")
    client.force_login(owner)
    sent = {**FIELDS, "title": "  Ten Kinds of Rain ", "category": shelf.pk, "audit_status": 0, "clicks": 9, "owner": 1}
    answer = client.post(_edit(video), sent, follow=True)
    assert answer.redirect_chain == [(_edit(video), 302)]
    assert [str(message) for message in answer.context["messages"]] == ["Saved."]
    video.refresh_from_db()
    assert (video.title, video.description) == ("Ten Kinds of Rain", "More rain.")
    assert (video.category, video.visibility) == (shelf, "unlisted")
    assert (video.audit_status, video.clicks, video.owner) == (AuditStatus.PENDING, 7, owner)


@pytest.mark.parametrize("state", list(ContentStatus))
def test_words_can_be_changed_in_every_state(client: Client, owner: User, state: ContentStatus) -> None:
    video = make_video(owner, status=state)
    client.force_login(owner)
    assert client.post(_edit(video), FIELDS).status_code == 302
    video.refresh_from_db()
    assert (video.title, video.status) == ("Ten Kinds of Rain", state)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "   "), ("title", "x" * 201), ("category", "9999"), ("visibility", "everybody"),
        ("description", "x" * 10_001), ("title", "a\x00b"),
    ],
)  # fmt: skip
def test_values_that_cannot_be_are_refused_at_their_field(client: Client, owner: User, field: str, value: str) -> None:
    video = make_video(owner)
    client.force_login(owner)
    answer = client.post(_edit(video), {**FIELDS, field: value})
    assert answer.status_code == 200
    page = PageReader(answer.content.decode())
    assert [one["id"] for one in page.found("ul") if one.get("class") == "errors"] == [f"id_{field}_error"]
    video.refresh_from_db()
    assert video.title == "Nine Kinds of Rain"


def test_a_title_that_was_emptied_is_asked_for_in_our_own_words(client: Client, owner: User) -> None:
    client.force_login(owner)
    answer = client.post(_edit(make_video(owner)), {**FIELDS, "title": ""})
    assert "A film needs a title." in answer.content.decode()


def test_deleting_asks_first(visit: Visit, owner: User) -> None:
    video = make_video(owner)
    page = visit(_delete(video), owner)
    assert "Delete this film?" in page.text
    assert _edit(video) in page.links
    assert ContentMain.objects.filter(pk=video.pk).exists()


def test_a_deleted_film_is_gone_and_the_trail_says_who(client: Client, owner: User) -> None:
    video = make_video(owner)
    client.force_login(owner)
    answer = client.post(_delete(video), follow=True)
    assert answer.redirect_chain == [("/me/videos/", 302)]
    assert [str(message) for message in answer.context["messages"]] == ["“Nine Kinds of Rain” has been deleted."]
    assert not ContentMain.objects.filter(pk=video.pk).exists()
    entry = AuditEntry.objects.get(action="video.delete")
    assert (entry.actor, entry.target) == (owner, f"video:{video.public_id}")
    assert client.post(_delete(video)).status_code == 404


def test_ones_own_films_lead_there_from_the_list_and_from_their_page(visit: Visit, owner: User) -> None:
    video = make_video(owner)
    assert {_edit(video), _delete(video)} <= set(visit("/me/videos/", owner).links)
    assert _edit(video) in visit(f"/watch/{video.public_id}/", owner).links


def test_nobody_else_is_led_there(visit: Visit, owner: User, stranger: User) -> None:
    video = make_video(owner)
    for person in (None, stranger):
        assert _edit(video) not in visit(f"/watch/{video.public_id}/", person).links


def test_a_film_that_was_not_approved_offers_what_its_owner_can_do(visit: Visit, owner: User, moderator: User) -> None:
    video = make_video(owner, audit_status=AuditStatus.REJECTED, audit_reason="Too loud.")
    page = visit(f"/watch/{video.public_id}/", owner)
    assert "Too loud." in page.text
    assert {_edit(video), _delete(video)} <= set(page.links)
    assert _delete(video) not in visit(f"/watch/{video.public_id}/", moderator).links
