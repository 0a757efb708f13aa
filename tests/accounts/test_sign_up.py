"""Making an account, on the page and through the API: who may, by which names, with which invitation."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Invitation, User
from tests.accounts.conftest import (
    NEW_PASSWORD,
    REGISTER_API,
    SIGN_UP_PAGE,
    CountingHasher,
    api_sign_in,
    page_sign_in,
)

pytestmark = pytest.mark.django_db


def page_sign_up(username: str, password: str = NEW_PASSWORD, **fields: str) -> Any:
    """A try at the page."""
    form = {"username": username, "password1": password, "password2": password, **fields}
    return Client().post(SIGN_UP_PAGE, form)


def api_sign_up(username: str, password: str = NEW_PASSWORD, **fields: Any) -> Any:
    """A try at the API."""
    return APIClient().post(REGISTER_API, {"username": username, "password": password, **fields})


DOORS = [page_sign_up, api_sign_up]
Door = Callable[..., Any]


def exists(username: str) -> bool:
    return User.objects.filter(username=username).exists()


@pytest.fixture
def invited(settings: LazySettings) -> Invitation:
    """The site takes accounts by invitation, and here is one."""
    settings.SIGNUP = "invitation"
    return Invitation.objects.create(note="for Ana")


# --- Open -----------------------------------------------------------------------------------------------------------


def test_the_page_makes_an_account_and_signs_in(client: Client) -> None:
    fields = {"username": "ana", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    response = client.post(SIGN_UP_PAGE, fields)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/accounts/").status_code == 200


def test_the_api_makes_an_account_and_gives_a_token() -> None:
    response = api_sign_up("ana", email="Ana@Example.org")
    assert response.status_code == 201
    assert set(response.json()) == {"token", "expires_at"}
    mine = APIClient().get("/api/me/", headers={"Authorization": f"Bearer {response.json()['token']}"})
    assert (mine.json()["username"], mine.json()["email"]) == ("ana", "ana@example.org")
    assert "sessionid" not in response.cookies


def test_the_api_answers_are_kept_by_no_cache() -> None:
    assert "no-store" in api_sign_up("ana")["Cache-Control"]


@pytest.mark.parametrize("door", DOORS)
def test_an_email_address_is_kept_unconfirmed(door: Door) -> None:
    door("ana", email="ana@example.org")
    address = EmailAddress.objects.get(user__username="ana")
    assert (address.email, address.verified, address.primary) == ("ana@example.org", False, True)


@pytest.mark.parametrize("door", DOORS)
def test_nobody_makes_themselves_mighty(door: Door) -> None:
    door("ana", is_staff="true", is_superuser="true", is_active="false", public_id="chosen", groups="1")
    ana = User.objects.get(username="ana")
    assert (ana.is_staff, ana.is_superuser, ana.is_active) == (False, False, True)
    assert ana.public_id != "chosen"
    assert not ana.groups.exists()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", ["a@example.org", "..", ".a", "-a", "a/b", "a b", "a\u202eb", "a+b", "", "x" * 151])
def test_names_that_cannot_be_addresses_are_refused(door: Door, name: str) -> None:
    response = door(name)
    assert response.status_code == (400 if door is api_sign_up else 200)
    assert not User.objects.exists()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", ["李小龍", "josé", "a", "a.b-c_d", "42"])
def test_names_of_every_script_are_welcome(door: Door, name: str) -> None:
    door(name)
    assert exists(name)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", ["member", "MEMBER", "ｍｅｍｂｅｒ"])
def test_a_name_that_is_taken_in_any_spelling_is_refused(door: Door, name: str, member: User) -> None:
    door(name)
    assert User.objects.count() == 1


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("bad", ["short", "password123", "8374651029", "film-lover", ""])
def test_bad_passwords_are_refused(door: Door, bad: str) -> None:
    door("film-lover", bad)
    assert not exists("film-lover")


def test_the_api_names_the_fields_that_need_another_value() -> None:
    body = api_sign_up("ana b", "short", email="nonsense").json()
    assert body["code"] == "invalid"
    assert set(body["errors"]) == {"email"}
    assert set(api_sign_up("ana b", "short").json()["errors"]) == {"username", "password"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
@pytest.mark.parametrize("door", DOORS)
def test_of_two_who_want_one_name_at_once_one_gets_it_and_one_is_told(door: Door) -> None:
    def take(name: str) -> int:
        try:
            return int(door(name).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        statuses = sorted(pool.map(take, ["Ana", "ana", "ANA", "aNa"]))
    assert statuses == ([201, 400, 400, 400] if door is api_sign_up else [200, 200, 200, 302])
    assert User.objects.count() == 1


@pytest.mark.parametrize("door", DOORS)
def test_an_address_that_has_an_account_is_not_told_apart(door: Door, make_user: Callable[..., User]) -> None:
    make_user("ana", email="ana@example.org")
    taken, free = door("first", email="ana@example.org"), door("second", email="free@example.org")
    assert taken.status_code == free.status_code
    assert set(taken.cookies) == set(free.cookies)
    if door is api_sign_up:
        assert set(taken.json()) == set(free.json())


# --- Closed ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
def test_a_closed_site_takes_nobody(door: Door, settings: LazySettings) -> None:
    settings.SIGNUP = "closed"
    response = door("ana")
    assert not exists("ana")
    if door is api_sign_up:
        assert (response.status_code, response.json()["code"]) == (403, "sign_up_closed")
    else:
        assert response.templates[0].name == "account/signup_closed.html"


def test_a_closed_site_offers_no_account_on_the_sign_in_page(client: Client, settings: LazySettings) -> None:
    assert SIGN_UP_PAGE in client.get("/accounts/login/").content.decode()
    settings.SIGNUP = "closed"
    assert SIGN_UP_PAGE not in client.get("/accounts/login/").content.decode()


def test_a_closed_site_still_lets_its_people_in(member: User, settings: LazySettings) -> None:
    from tests.conftest import PASSWORD

    settings.SIGNUP = "closed"
    assert api_sign_in(member.username, PASSWORD).status_code == 200


# --- By invitation --------------------------------------------------------------------------------------------------


def test_the_link_fills_in_the_code(client: Client, invited: Invitation) -> None:
    page = client.get(SIGN_UP_PAGE, {"code": invited.code})
    assert page.context["form"]["invitation"].value() == invited.code


@pytest.mark.parametrize("door", DOORS)
def test_an_invitation_makes_one_account(door: Door, invited: Invitation) -> None:
    door("ana", invitation=invited.code)
    invited.refresh_from_db()
    assert invited.used_by is not None
    assert invited.used_by.username == "ana"
    assert invited.is_used


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "another-one"}, "not known"),
        ({"used_at": timezone.now()}, "already been used"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "expired"),
    ],
)
def test_a_bad_invitation_is_refused_and_says_why(
    door: Door, change: dict[str, Any], said: str, invited: Invitation
) -> None:
    code = invited.code
    Invitation.objects.filter(pk=invited.pk).update(**change)
    response = door("ana", invitation=code)
    assert not exists("ana")
    if door is api_sign_up:
        assert response.status_code == 400
        errors = response.json()["errors"]["invitation"]
    else:
        errors = response.context["form"].errors["invitation"]
    assert said in errors[0]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("fields", [{}, {"invitation": ""}])
def test_without_an_invitation_nobody_gets_in(door: Door, fields: dict[str, str], invited: Invitation) -> None:
    door("ana", **fields)
    assert not exists("ana")


@pytest.mark.parametrize("door", DOORS)
def test_a_refused_account_leaves_the_invitation_unused(door: Door, invited: Invitation, member: User) -> None:
    door(member.username, invitation=invited.code)
    invited.refresh_from_db()
    assert not invited.is_used


@pytest.mark.parametrize("door", DOORS)
def test_a_future_expiry_does_not_matter(door: Door, invited: Invitation) -> None:
    Invitation.objects.update(expires_at=timezone.now() + timedelta(days=1))
    door("ana", invitation=invited.code)
    assert exists("ana")


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
@pytest.mark.parametrize("door", DOORS)
def test_one_invitation_used_by_four_at_once_makes_one_account(door: Door, invited: Invitation) -> None:
    def use(name: str) -> int:
        try:
            return int(door(name, invitation=invited.code).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        statuses = sorted(pool.map(use, ["ana", "ben", "cem", "dua"]))
    assert statuses == ([201, 400, 400, 400] if door is api_sign_up else [200, 200, 200, 302])
    assert User.objects.count() == 1


def test_a_code_is_not_asked_for_where_everybody_may_come(client: Client) -> None:
    assert "invitation" not in client.get(SIGN_UP_PAGE).context["form"].fields
    assert api_sign_up("ana", invitation="whatever").status_code == 201


# --- Confirmed addresses --------------------------------------------------------------------------------------------


@pytest.fixture
def confirming(settings: LazySettings) -> None:
    """EMAIL_VERIFICATION=mandatory."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]


def confirm() -> None:
    """Follows the link in the last message."""
    (line,) = [line for line in str(mail.outbox[-1].body).splitlines() if "/confirm-email/" in line]
    Client().post(line.split()[-1])


def test_the_page_asks_to_confirm_before_the_first_session(confirming: None, client: Client) -> None:
    response = page_sign_up("ana", email="ana@example.org")
    assert response["Location"] == "/accounts/confirm-email/"
    assert page_sign_in("ana", NEW_PASSWORD, client=client)["Location"] == "/accounts/confirm-email/"
    assert client.get("/accounts/").status_code == 302
    confirm()
    page_sign_in("ana", NEW_PASSWORD, client=client)
    assert client.get("/accounts/").status_code == 200


def test_the_api_asks_to_confirm_before_the_first_token(confirming: None) -> None:
    response = api_sign_up("ana", email="ana@example.org")
    assert (response.status_code, set(response.json())) == (202, {"detail"})
    refused = api_sign_in("ana", NEW_PASSWORD)
    assert (refused.status_code, refused.json()["code"]) == (403, "email_not_verified")
    assert api_sign_in("ana", "wrong password").status_code == 401
    confirm()
    assert api_sign_in("ana", NEW_PASSWORD).status_code == 200


@pytest.mark.parametrize("door", DOORS)
def test_confirming_needs_an_address(door: Door, confirming: None) -> None:
    door("ana")
    assert not exists("ana")


@pytest.mark.parametrize("door", DOORS)
def test_with_confirmation_a_taken_address_makes_no_account_and_looks_the_same(
    door: Door, confirming: None, make_user: Callable[..., User], settings: LazySettings
) -> None:
    settings.PASSWORD_HASHERS = ["tests.accounts.conftest.CountingHasher"]
    make_user("ana", email="ana@example.org")
    answers, hashes = [], []
    for name, email in (("first", "ana@example.org"), ("second", "free@example.org")):
        CountingHasher.hashed = 0
        answers.append(door(name, email=email))
        hashes.append(CountingHasher.hashed)
    assert hashes == [1, 1]
    assert [answer.status_code for answer in answers] == ([202, 202] if door is api_sign_up else [302, 302])
    assert answers[0].content == answers[1].content
    assert answers[0].get("Location") == answers[1].get("Location")
    assert set(answers[0].cookies) == set(answers[1].cookies)
    assert not exists("first")
    assert [message.to for message in mail.outbox] == [["ana@example.org"], ["free@example.org"]]


@pytest.mark.parametrize("door", [page_sign_in, api_sign_in])
def test_an_administrator_without_an_address_has_nothing_to_confirm(
    door: Door, confirming: None, make_user: Callable[..., User]
) -> None:
    from tests.conftest import PASSWORD

    make_user("operator")
    response = door("operator", PASSWORD)
    assert response.status_code == (200 if door is api_sign_in else 302)
    assert response.get("Location") in {None, "/"}


def test_optional_confirmation_sends_the_message_and_lets_in(settings: LazySettings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "optional"
    assert api_sign_up("ana", email="ana@example.org").status_code == 201
    assert page_sign_up("ben", email="ben@example.org")["Location"] == "/"
    assert [message.to for message in mail.outbox] == [["ana@example.org"], ["ben@example.org"]]
