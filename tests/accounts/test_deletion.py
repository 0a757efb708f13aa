"""Deleting an account: who may, what goes along, what is written down."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.db.models import ProtectedError
from django.test import Client
from knox.models import AuthToken

from accounts import audit, deletion
from accounts.errors import (
    AccountError,
    AccountNotEmpty,
    BelongingsNotYours,
    LastAdministrator,
    MightierAccount,
    OwnAccount,
)
from accounts.models import AuditEntry, User

pytestmark = [pytest.mark.django_db, pytest.mark.database]

USERS = "/admin/accounts/user/"


@pytest.fixture
def chief(admin: User) -> Client:
    """The administrator's browser."""
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def clerk(make_user: Callable[..., User]) -> User:
    """Staff who may delete people, and nothing else."""
    person = make_user("clerk", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user", "delete_user"]))
    return User.objects.get(pk=person.pk)


def test_an_account_goes_and_the_trail_tells_who_did_it(member: User, admin: User) -> None:
    public_id = member.public_id
    deletion.delete_account(person=member, actor=admin)
    assert not User.objects.filter(public_id=public_id).exists()
    closed, deleted = AuditEntry.objects.order_by("pk")
    assert (closed.action, deleted.action) == ("user.close", "user.delete")
    assert (deleted.actor, deleted.target) == (admin, f"user:{public_id}")
    assert deleted.detail == {"username": "member"}
    assert audit.verify() is None


def test_somebody_who_stands_in_the_trail_can_go_and_the_trail_stays_whole(member: User, admin: User) -> None:
    entry = audit.record(actor=member, action="video.delete", target="video:film", detail={})
    deletion.delete_account(person=member, actor=admin)
    entry.refresh_from_db()
    assert entry.actor_name == "member"
    assert audit.verify() is None


def test_nobody_deletes_themselves(admin: User, make_user: Callable[..., User]) -> None:
    make_user("second", is_superuser=True, is_staff=True)
    with pytest.raises(OwnAccount):
        deletion.delete_account(person=admin, actor=admin)
    assert not AuditEntry.objects.exists()


def test_the_last_administrator_stays(admin: User, make_user: Callable[..., User]) -> None:
    make_user("suspended", is_superuser=True, is_active=False)
    with pytest.raises(LastAdministrator):
        deletion.delete_account(person=admin, actor=None)
    admin.refresh_from_db()
    assert admin.is_active


def test_of_two_administrators_who_delete_each_other_one_stays(admin: User, make_user: Callable[..., User]) -> None:
    second = make_user("second", is_superuser=True, is_staff=True)
    deletion.delete_account(person=second, actor=admin)
    with pytest.raises(LastAdministrator):
        deletion.delete_account(person=admin, actor=second)  # whose request was under way


@pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
def test_a_clerk_deletes_nobody_mightier(right: str, clerk: User, admin: User, make_user: Callable[..., User]) -> None:
    person = make_user("person", **{right: True})
    with pytest.raises(MightierAccount):
        deletion.delete_account(person=person, actor=clerk)
    assert User.objects.filter(pk=person.pk, is_active=True).exists()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What some app above keeps of everybody: two letters, that only `videos.delete_contentmain` may remove."""
    letters = ["one", "two"]
    held = deletion.Belongings(
        name="letters",
        permission="videos.delete_contentmain",
        count=lambda _person: len(letters),
        described=lambda number: f"{number} letters",
        remove=lambda _person, _actor: letters.clear(),
    )
    monkeypatch.setattr(deletion, "_registered", {"letters": held})
    return letters


def test_what_apps_above_keep_is_removed_first_and_counted(kept: list[str], member: User, admin: User) -> None:
    deletion.delete_account(person=member, actor=admin)
    assert kept == []
    assert AuditEntry.objects.get(action="user.delete").detail == {"username": "member", "letters": 2}


def test_the_right_to_delete_people_is_no_right_to_delete_their_work(
    kept: list[str], member: User, clerk: User
) -> None:
    with pytest.raises(BelongingsNotYours):
        deletion.delete_account(person=member, actor=clerk)
    assert kept == ["one", "two"]
    assert User.objects.filter(pk=member.pk, is_active=True).exists()


def test_an_account_is_closed_before_anything_goes(member: User, admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The power fails half-way: nobody signs in any more, and the same call goes on."""
    AuthToken.objects.create(member)

    def fail(_person: User, _actor: User | None) -> None:
        raise KeyboardInterrupt

    held = deletion.Belongings("x", "accounts.delete_user", lambda _: 1, str, fail)
    monkeypatch.setattr(deletion, "_registered", {"x": held})
    with pytest.raises(KeyboardInterrupt):
        deletion.delete_account(person=member, actor=admin)
    member.refresh_from_db()
    assert not member.is_active
    assert not AuthToken.objects.filter(user=member).exists()
    monkeypatch.setattr(deletion, "_registered", {})
    deletion.delete_account(person=member, actor=admin)
    assert not User.objects.filter(pk=member.pk).exists()


def test_what_arrives_meanwhile_is_removed_too(member: User, admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []
    really_delete = User.delete

    def protected_once(self: User, *args: object, **kwargs: object) -> object:
        if len(rounds) < 2:
            raise ProtectedError("an upload", set())
        return really_delete(self)

    held = deletion.Belongings("x", "accounts.delete_user", lambda _: 0, str, lambda *_: rounds.append(1))
    monkeypatch.setattr(deletion, "_registered", {"x": held})
    monkeypatch.setattr(User, "delete", protected_once)
    deletion.delete_account(person=member, actor=admin)
    assert len(rounds) == 2
    assert not User.objects.filter(pk=member.pk).exists()


def test_an_account_that_never_gets_empty_stays_closed(
    member: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def protected(self: User, *args: object, **kwargs: object) -> object:
        raise ProtectedError("an upload", set())

    monkeypatch.setattr(User, "delete", protected)
    with pytest.raises(AccountNotEmpty) as caught:
        deletion.delete_account(person=member, actor=admin)
    assert caught.value.retryable
    member.refresh_from_db()
    assert not member.is_active


# --- In the admin -----------------------------------------------------------------------------------------------------


def test_the_admin_deletes_an_account_by_the_service(chief: Client, member: User) -> None:
    page = chief.get(f"{USERS}{member.pk}/delete/").content.decode()
    assert "member" in page
    assert chief.post(f"{USERS}{member.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=member.pk).exists()
    assert AuditEntry.objects.filter(action="user.delete").exists()


def test_the_confirmation_page_says_what_goes_along(chief: Client, member: User, kept: list[str]) -> None:
    assert "2 letters" in chief.get(f"{USERS}{member.pk}/delete/").content.decode()
    fields = {"action": "delete_selected", "_selected_action": [member.pk]}
    assert "2 letters" in chief.post(USERS, fields).content.decode()
    assert kept == ["one", "two"]


def test_several_accounts_go_in_a_bulk_action(chief: Client, member: User, stranger: User) -> None:
    fields = {"action": "delete_selected", "_selected_action": [member.pk, stranger.pk], "post": "yes"}
    assert chief.post(USERS, fields).status_code == 302
    assert not User.objects.filter(pk__in=[member.pk, stranger.pk]).exists()
    assert AuditEntry.objects.filter(action="user.delete").count() == 2


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_admin_says_why_one_cannot_delete_oneself(method: str, chief: Client, admin: User) -> None:
    answer = getattr(chief, method)(f"{USERS}{admin.pk}/delete/", {"post": "yes"}, follow=True)
    assert "cannot delete your own account" in answer.content.decode()
    assert User.objects.filter(pk=admin.pk).exists()


def test_a_bulk_action_with_oneself_in_it_deletes_nobody_and_says_why(chief: Client, admin: User, member: User) -> None:
    fields = {"action": "delete_selected", "_selected_action": [member.pk, admin.pk], "post": "yes"}
    answer = chief.post(USERS, fields, follow=True)
    assert "hief: You cannot delete your own account" in answer.content.decode()  # the page writes a capital
    assert User.objects.filter(pk__in=[member.pk, admin.pk]).count() == 2


def test_a_clerk_without_the_right_to_their_films_is_told(
    clerk: User, member: User, kept: list[str], client: Client
) -> None:
    client.force_login(clerk)
    answer = client.post(f"{USERS}{member.pk}/delete/", {"post": "yes"}, follow=True)
    assert "may not delete what goes with this account" in answer.content.decode()
    assert User.objects.filter(pk=member.pk).exists()


@pytest.mark.parametrize("who", ["guest", "member", "moderator"])
def test_who_has_no_right_deletes_nobody(who: str, stranger: User, request: pytest.FixtureRequest) -> None:
    client = Client()
    if who != "guest":
        client.force_login(request.getfixturevalue(who))
    assert client.post(f"{USERS}{stranger.pk}/delete/", {"post": "yes"}).status_code in {302, 403}
    assert User.objects.filter(pk=stranger.pk, is_active=True).exists()


def test_the_deletion_needs_the_form_s_token(admin: User, member: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.post(f"{USERS}{member.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=member.pk).exists()


def test_every_refusal_has_a_sentence() -> None:
    for error in (OwnAccount, LastAdministrator, MightierAccount, BelongingsNotYours, AccountNotEmpty):
        assert issubclass(error, AccountError)
        assert len(str(error.message)) > 20
