"""Accounts in Django's admin: who sees what, who may change whom, and what is written down about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from knox.models import AuthToken

from accounts import audit, moderators
from accounts.models import AuditEntry, Invitation, User
from tests.accounts.conftest import NEW_PASSWORD
from tests.videos.factories import make_video

pytestmark = pytest.mark.django_db

USERS = "/admin/accounts/user/"
INVITATIONS = "/admin/accounts/invitation/"
TRAIL = "/admin/accounts/auditentry/"


@pytest.fixture
def chief(admin: User) -> Client:
    """The administrator's browser."""
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def clerk(make_user: Callable[..., User]) -> Client:
    """Staff who may edit people, invite, and read the trail; no superuser."""
    person = make_user("clerk", is_staff=True)
    codenames = ["view_user", "change_user", "delete_user", "add_invitation", "view_invitation", "view_auditentry"]
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(person)
    return client


def test_the_list_is_filtered_by_groups_in_the_reader_s_language(db: None) -> None:
    chief = User.objects.create_superuser("chief", password="correct horse battery")
    first, second = Group.objects.get(name=moderators.GROUP), Group.objects.create(name="Projection")
    for name, group in (("mod", first), ("hand", second)):
        User.objects.create_user(name).groups.add(group)
    client = Client()
    client.force_login(chief)
    page = client.get(USERS, headers={"Accept-Language": "zh-hans"}).content.decode()
    filters = page.split('id="changelist-filter"')[1]
    assert f"groups__id__exact={first.pk}" in filters
    assert "Projection" in filters
    assert "Moderators" not in filters
    found = client.get(f"{USERS}?groups__id__exact={second.pk}").context["cl"].result_list
    assert [person.username for person in found] == ["hand"]


def change(client: Client, person: User, **fields: Any) -> Any:
    """The change page's form, filled in as it is, but for `fields`."""
    page = client.get(f"{USERS}{person.pk}/change/")
    form = page.context["adminform"].form
    filled = {name: value for name, value in form.initial.items() if name in form.fields and value not in (None, False)}
    for name in ("groups", "user_permissions"):
        if name in filled:
            filled[name] = [item.pk for item in filled[name]]
    for inline in page.context["inline_admin_formsets"]:
        management = inline.formset.management_form
        filled |= {management.add_prefix(name): str(value) for name, value in management.initial.items()}
    filled |= fields
    return client.post(f"{USERS}{person.pk}/change/", {k: v for k, v in filled.items() if v not in (None, False)})


# --- People ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [USERS, INVITATIONS, TRAIL])
@pytest.mark.parametrize("who", ["guest", "member", "moderator"])
def test_who_has_no_right_sees_nothing(address: str, who: str, request: pytest.FixtureRequest) -> None:
    client = Client()
    if who != "guest":
        client.force_login(request.getfixturevalue(who))
    assert client.get(address).status_code == (302 if who == "guest" else 403)


def test_people_are_listed_and_found_without_their_addresses(chief: Client, make_user: Callable[..., User]) -> None:
    ana = make_user("ana", email="canary@example.org", phone="+4915112345678")
    page = chief.get(USERS, {"q": ana.public_id}).content.decode()
    assert "ana" in page
    assert ana.public_id in page
    assert "canary@example.org" not in page
    for address in (USERS, f"{USERS}{ana.pk}/change/"):
        assert "15112345678" not in chief.get(address).content.decode()


def test_an_account_can_be_added(chief: Client) -> None:
    fields = {"username": "ana", "usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert chief.post(f"{USERS}add/", fields).status_code == 302
    assert User.objects.get(username="ana").check_password(NEW_PASSWORD)


def test_addresses_stand_with_their_person_and_tokens_nowhere(chief: Client, member: User) -> None:
    EmailAddress.objects.create(user=member, email="member@example.org", verified=True)
    assert "member@example.org" in chief.get(f"{USERS}{member.pk}/change/").content.decode()
    for address in ("/admin/knox/authtoken/", "/admin/account/emailaddress/"):
        assert chief.get(address).status_code == 404


def test_making_somebody_a_moderator_is_written_down(chief: Client, admin: User, member: User) -> None:
    group = Group.objects.get(name="Moderators")
    assert change(chief, member, is_staff="on", groups=[group.pk]).status_code == 302
    member = User.objects.get(pk=member.pk)
    assert member.is_staff
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target) == (admin, "user.rights", f"user:{member.public_id}")
    assert entry.detail == {
        "before": {"is_staff": False, "groups": []},
        "after": {"is_staff": True, "groups": ["Moderators"]},
        "address": "127.0.0.1",
    }
    assert audit.verify() is None


def test_suspending_is_written_down(chief: Client, member: User) -> None:
    change(chief, member, is_active=None)
    assert not User.objects.get(pk=member.pk).is_active
    assert AuditEntry.objects.get().detail["after"] == {"is_active": False}


def test_a_corrected_name_is_no_matter_for_the_trail(chief: Client, member: User) -> None:
    assert change(chief, member, display_name="Member").status_code == 302
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
def test_a_clerk_makes_nobody_mighty(right: str, clerk: Client, member: User) -> None:
    me = User.objects.get(username="clerk")
    for person in (member, me):
        change(clerk, person, **{right: "on"}, groups=[Group.objects.get().pk])
        person = User.objects.get(pk=person.pk)
        assert not person.is_superuser
        assert not person.groups.exists()
    assert not User.objects.get(pk=member.pk).is_staff


def test_a_clerk_cannot_touch_the_administrator(clerk: Client, admin: User) -> None:
    fields = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    assert clerk.post(f"{USERS}{admin.pk}/password/", fields).status_code == 403
    assert clerk.post(f"{USERS}{admin.pk}/change/", {"username": "x"}).status_code == 403
    assert clerk.post(f"{USERS}{admin.pk}/delete/", {"post": "yes"}).status_code == 403
    admin.refresh_from_db()
    assert (admin.username, admin.check_password(NEW_PASSWORD)) == ("chief", False)


def test_a_clerk_cannot_delete_the_administrator_in_a_bulk_action_either(clerk: Client, admin: User) -> None:
    fields = {"action": "delete_selected", "_selected_action": [admin.pk], "post": "yes"}
    clerk.post(USERS, fields)
    assert User.objects.filter(pk=admin.pk).exists()


def test_a_password_set_in_the_admin_revokes_tokens(chief: Client, member: User) -> None:
    AuthToken.objects.create(member)
    fields = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    assert chief.post(f"{USERS}{member.pk}/password/", fields).status_code == 302
    assert not AuthToken.objects.exists()


# --- Invitations ----------------------------------------------------------------------------------------------------


def test_an_invitation_is_made_and_its_link_shown(clerk: Client) -> None:
    assert clerk.post(f"{INVITATIONS}add/", {"note": "for Ana"}).status_code == 302
    invitation = Invitation.objects.get()
    assert invitation.made_by is not None
    assert invitation.made_by.username == "clerk"
    page = clerk.get(f"{INVITATIONS}{invitation.pk}/change/").content.decode()
    assert f"/accounts/signup/?code={invitation.code}" in page


def test_making_one_is_written_down_without_the_code(clerk: Client) -> None:
    clerk.post(f"{INVITATIONS}add/", {"note": "for Ana"})
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail) == ("invitation.make", {"note": "for Ana"})
    assert Invitation.objects.get().code not in str(entry.__dict__)


def test_codes_cannot_be_chosen(chief: Client) -> None:
    chief.post(f"{INVITATIONS}add/", {"note": "x", "code": "easy", "used_at": "2020-01-01"})
    invitation = Invitation.objects.get()
    assert invitation.code != "easy"
    assert not invitation.is_used


def test_a_used_invitation_shows_no_link_and_stays(chief: Client, member: User) -> None:
    from accounts import invitations

    invitation = Invitation.objects.create()
    invitations.use(code=invitation.code, user=member)
    assert "?code=" not in chief.get(f"{INVITATIONS}{invitation.pk}/change/").content.decode()
    assert chief.post(f"{INVITATIONS}{invitation.pk}/delete/", {"post": "yes"}).status_code == 403


# --- The trail ------------------------------------------------------------------------------------------------------


def test_the_trail_is_read_by_whoever_may_view_it(clerk: Client, member: User) -> None:
    entry = audit.record(actor=member, action="video.approve", target="video:film", detail={"reason": "<b>good</b>"})
    assert "Approved the video" in clerk.get(TRAIL).content.decode()
    page = clerk.get(f"{TRAIL}{entry.pk}/change/").content.decode()
    assert entry.entry_hash in page
    assert "<b>good</b>" not in page


def test_the_trail_is_told_in_words_and_leads_to_what_it_is_about(chief: Client, admin: User, member: User) -> None:
    video = make_video(member, title="Nine Kinds of Rain")
    invitation = Invitation.objects.create(note="for Ana")
    before_after = {"before": "pending", "after": "rejected", "title": "Rain", "reason": "too <loud>"}
    audit.record(actor=admin, action="video.reject", target=f"video:{video.public_id}", detail=before_after)
    rights = {"before": {"is_staff": False, "groups": []}, "after": {"is_staff": True, "groups": ["Moderators"]}}
    audit.record(actor=admin, action="user.rights", target=f"user:{member.public_id}", detail=rights)
    audit.record(actor=admin, action="invitation.make", target=f"invitation:{invitation.pk}", detail={"note": "x"})
    page = chief.get(TRAIL).content.decode()
    for link in (f"/admin/videos/contentmain/{video.pk}/change/", f"{USERS}{member.pk}/change/", INVITATIONS):
        assert f'<a href="{link}' in page
    for text in ("Nine Kinds of Rain</a>", "pending → rejected", "too &lt;loud&gt;", "no → yes", "– → Moderators"):
        assert text in page
    assert video.public_id not in page
    assert "<dd>Rain</dd>" in page, "the name it had then"
    assert "3 entries" in page
    entry = AuditEntry.objects.get(action="video.reject")
    page = chief.get(f"{TRAIL}{entry.pk}/change/").content.decode()
    assert "Nine Kinds of Rain</a>" in page
    assert "pending → rejected" in page


def test_what_is_gone_is_told_by_the_name_it_had(chief: Client, admin: User) -> None:
    audit.record(actor=admin, action="video.delete", target="video:gone", detail={"title": "Lost film"})
    audit.record(actor=admin, action="user.rights", target="user:unknown", detail={})
    page = chief.get(TRAIL).content.decode()
    assert ">Lost film<" in page
    assert '<code class="code">user:unknown</code>' in page
    assert "2 entries" in page


def test_what_the_site_did_itself_is_told_so_and_its_rule_in_words(chief: Client) -> None:
    rule = "staff uploads are approved"
    audit.record(actor=None, action="video.approve", target="video:x", detail={"rule": rule})
    page = chief.get(TRAIL).content.decode()
    assert ">the site</td>" in page
    assert rule in page
    page = chief.get(TRAIL, headers={"Accept-Language": "zh-CN"}).content.decode()
    assert rule not in page


def test_the_trail_costs_one_query_for_each_kind_of_target(chief: Client, admin: User, member: User) -> None:
    for number in range(10):
        video = make_video(member, title=f"Film {number}")
        audit.record(actor=admin, action="video.approve", target=f"video:{video.public_id}", detail={})
    with CaptureQueriesContext(connection) as few:
        chief.get(TRAIL)
    for number in range(20):
        video = make_video(member, title=f"Film {number}")
        audit.record(actor=admin, action="video.approve", target=f"video:{video.public_id}", detail={})
    with CaptureQueriesContext(connection) as many:
        chief.get(TRAIL)
    assert len(many) == len(few)


# --- The way in -----------------------------------------------------------------------------------------------------


def test_a_guest_signs_in_on_a_page_of_ours_with_a_way_back(client: Client) -> None:
    page = client.get("/admin/login/?next=/admin/").content.decode()
    assert 'name="username"' in page
    assert 'class="wordmark" href="/"' in page
    assert 'name="next" value="/admin/"' in page


@pytest.mark.parametrize("address", ["/admin/", USERS, "/admin/login/", "/admin/nothing/"])
def test_a_member_without_rights_is_told_so_and_not_asked_to_sign_in(address: str, member: User) -> None:
    client = Client()
    client.force_login(member)
    answer = client.get(address)
    assert answer.status_code == 403
    assert "This is not for you" in answer.content.decode()


def test_the_administration_speaks_the_readers_language(chief: Client) -> None:
    page = chief.get("/admin/").content.decode()
    assert 'action="/i18n/setlang/"' in page
    assert "简体中文" in page
    page = chief.get("/admin/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert ">English</button>" in page


def test_the_group_of_moderators_is_listed_by_a_name_people_know(chief: Client, member: User) -> None:
    address = f"{USERS}{member.pk}/change/"
    assert ">Moderators</option>" in chief.get(address).content.decode()
    assert ">审核员</option>" in chief.get(address, headers={"Accept-Language": "zh-CN"}).content.decode()


def test_nobody_changes_the_trail_in_the_admin(chief: Client, member: User) -> None:
    entry = audit.record(actor=member, action="video.approve", target="video:film", detail={})
    assert chief.get(f"{TRAIL}add/").status_code == 403
    assert chief.post(f"{TRAIL}add/", {"action": "x"}).status_code == 403
    assert chief.post(f"{TRAIL}{entry.pk}/change/", {"action": "x"}).status_code == 403
    assert chief.post(f"{TRAIL}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    chief.post(TRAIL, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    assert audit.verify() is None
    assert AuditEntry.objects.get() == entry
