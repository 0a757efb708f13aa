"""Signing in and out on the pages: sessions, cookies, CSRF, where one lands, and what a stranger learns (nothing)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.test import Client
from knox.models import AuthToken

from accounts.models import User
from tests.accounts.conftest import LOGIN_PAGE, NEW_PASSWORD, CountingHasher, api_sign_in, page_sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

CHANGE_PAGE = "/accounts/password/change/"
LOGOUT_PAGE = "/accounts/logout/"
RESET_PAGE = "/accounts/password/reset/"
CHANGE = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}


def is_signed_in(client: Client) -> bool:
    """Whether the browser's session belongs to somebody, as a page that needs an account sees it."""
    return client.get("/accounts/").status_code == 200


# --- Getting in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["ana", "ANA", " ana ", "ana@example.org", "Ana@Example.org"])
def test_one_signs_in_by_username_or_email_in_any_case(
    login: str, client: Client, make_user: Callable[..., User]
) -> None:
    make_user("ana", email="ana@example.org")
    assert page_sign_in(login, PASSWORD, client=client).status_code == 302
    assert is_signed_in(client)


def test_a_username_that_looks_like_an_address_never_wins_over_the_address(
    make_user: Callable[..., User], client: Client
) -> None:
    owner = make_user("ana", email="ana@example.org")
    impostor = make_user("ana@example.org")
    impostor.set_password("the impostor's phrase")
    impostor.save()
    assert page_sign_in("ana@example.org", "the impostor's phrase", client=client).status_code == 200
    page_sign_in("ana@example.org", PASSWORD, client=client)
    assert client.session[SESSION_KEY] == str(owner.pk)


def test_a_confirmed_address_wins_over_an_older_account_that_only_claims_it(
    make_user: Callable[..., User], client: Client
) -> None:
    make_user("claimant", email="ana@example.org")
    owner = make_user("ana")
    EmailAddress.objects.create(user=owner, email="ana@example.org", verified=True, primary=True)
    page_sign_in("ana@example.org", PASSWORD, client=client)
    assert client.session[SESSION_KEY] == str(owner.pk)


@pytest.mark.parametrize(
    "fields",
    [
        {"login": "member", "password": "wrong"},
        {"login": "nobody", "password": PASSWORD},
        {"login": "", "password": PASSWORD},
        {"login": "member", "password": ""},
        {},
    ],
)
def test_everything_else_stays_outside(fields: dict[str, str], client: Client, member: User) -> None:
    response = client.post(LOGIN_PAGE, fields)
    assert response.status_code == 200
    assert not is_signed_in(client)


def test_a_suspended_account_gets_no_session(client: Client, member: User) -> None:
    User.objects.filter(pk=member.pk).update(is_active=False)
    response = page_sign_in(member.username, PASSWORD, client=client)
    assert (response.status_code, response["Location"]) == (302, "/accounts/inactive/")
    assert SESSION_KEY not in client.session


def test_an_account_page_leads_guests_to_the_sign_in_page_and_back(client: Client, member: User) -> None:
    response = client.get("/accounts/")
    assert response["Location"] == f"{LOGIN_PAGE}?next=/accounts/"


# --- What a stranger learns -----------------------------------------------------------------------------------------


def answer_without_what_was_typed(response: Any, login: str) -> str:
    """The page as sent, but for the field's own echo, the security token and the notices of earlier requests."""
    import re

    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())
    return text.replace(login, "…")


@pytest.mark.parametrize("domain", ["", "@example.org"])
def test_an_unknown_account_looks_like_a_wrong_password(domain: str, make_user: Callable[..., User]) -> None:
    make_user("known", email="known@example.org")
    logins = ["known" + domain, "nobody" + domain]
    known, unknown = (answer_without_what_was_typed(page_sign_in(login, "wrong"), login) for login in logins)
    assert known == unknown


@pytest.mark.parametrize("login", ["known", "nobody", "known@example.org", "nobody@example.org", "twice@example.org"])
def test_every_wrong_sign_in_costs_exactly_one_hash(
    login: str, make_user: Callable[..., User], settings: LazySettings
) -> None:
    settings.PASSWORD_HASHERS = ["tests.accounts.conftest.CountingHasher"]
    make_user("known", email="known@example.org")
    for name in ("first", "second"):
        EmailAddress.objects.create(user=make_user(name, email="twice@example.org"), email="twice@example.org")
    CountingHasher.hashed = 0
    page_sign_in(login, "wrong password")
    by_page = CountingHasher.hashed
    api_sign_in(login, "wrong password")
    assert (by_page, CountingHasher.hashed) == (1, 2)


def test_a_reset_says_the_same_for_an_unknown_address(client: Client, make_user: Callable[..., User]) -> None:
    make_user("known", email="known@example.org")
    answers = [Client().post(RESET_PAGE, {"email": f"{name}@example.org"}) for name in ("known", "nobody")]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/accounts/password/reset/done/")}
    pages = [answer_without_what_was_typed(Client().get(answer["Location"]), "-") for answer in answers]
    assert pages[0] == pages[1]


# --- Sessions and cookies -------------------------------------------------------------------------------------------


def test_the_session_key_changes_when_one_signs_in(client: Client, member: User) -> None:
    session = client.session
    session["planted"] = True
    session.save()
    planted = str(session.session_key)
    client.cookies["sessionid"] = planted
    page_sign_in(member.username, PASSWORD, client=client)
    assert client.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert not is_signed_in(thief)


def test_the_session_dies_with_signing_out(signed_in: Client) -> None:
    stolen = signed_in.cookies["sessionid"].value
    assert signed_in.post(LOGOUT_PAGE).status_code == 302
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert not is_signed_in(thief)
    assert not is_signed_in(signed_in)


def test_opening_the_sign_out_page_signs_nobody_out(signed_in: Client) -> None:
    assert signed_in.get(LOGOUT_PAGE).status_code == 200
    assert is_signed_in(signed_in)


def test_a_new_password_ends_every_other_session_and_every_token(signed_in: Client, member: User) -> None:
    other = Client()
    page_sign_in(member.username, PASSWORD, client=other)
    AuthToken.objects.create(member)
    before = signed_in.cookies["sessionid"].value
    assert signed_in.post(CHANGE_PAGE, CHANGE).status_code == 302
    assert is_signed_in(signed_in)
    assert signed_in.cookies["sessionid"].value != before
    assert not is_signed_in(other)
    assert not AuthToken.objects.filter(user=member).exists()


def test_a_better_hash_of_the_same_password_ends_nothing(member: User, settings: LazySettings) -> None:
    AuthToken.objects.create(member)
    settings.PASSWORD_HASHERS = ["tests.accounts.conftest.CountingHasher", *settings.PASSWORD_HASHERS]
    assert api_sign_in(member.username, PASSWORD).status_code == 200
    member.refresh_from_db()
    assert member.password.startswith("counting$")
    assert AuthToken.objects.filter(user=member).count() == 2


def test_cookies_are_out_of_reach_for_scripts_and_foreign_sites(client: Client, member: User) -> None:
    cookie = page_sign_in(member.username, PASSWORD, client=client).cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert client.get(LOGIN_PAGE.replace("login", "password/change")).cookies["csrftoken"]["samesite"] == "Lax"


def test_behind_https_cookies_travel_encrypted_only() -> None:
    import subprocess
    import sys

    asked = (
        "from config import settings as s; "
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME)"
    )
    import os

    environment = {**os.environ, "PUBLIC_URL": "https://video.example.org"}
    told = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "True", "__Host-sessionid", "__Host-csrftoken"]


# --- CSRF -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        LOGIN_PAGE,
        LOGOUT_PAGE,
        CHANGE_PAGE,
        RESET_PAGE,
        "/accounts/",
        "/accounts/signup/",
        "/accounts/email/",
        "/accounts/reauthenticate/",
        "/admin/login/",
    ],
)
@pytest.mark.parametrize("is_member", [True, False])
def test_no_page_takes_a_form_from_elsewhere(address: str, is_member: bool, member: User) -> None:
    client = Client(enforce_csrf_checks=True)
    if is_member:
        client.force_login(member)
    fields = {"login": "member", "username": "member", "password": PASSWORD, "display_name": "x", **CHANGE}
    assert client.post(address, fields).status_code == 403
    member.refresh_from_db()
    assert member.check_password(PASSWORD)
    assert member.display_name == ""


def test_a_form_of_ours_with_a_foreign_origin_is_refused(member: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get(LOGIN_PAGE)
    token = client.cookies["csrftoken"].value
    fields = {"login": member.username, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert client.post(LOGIN_PAGE, fields, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post(LOGIN_PAGE, fields, headers={"Origin": "http://testserver"}).status_code == 302


@pytest.mark.parametrize(
    ("came_from", "way"),
    [
        ("http://testserver/accounts/login/?next=/upload/", "/accounts/login/?next=/upload/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_a_refused_form_leads_back_to_its_page_and_nowhere_else(came_from: str, way: str) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post(LOGIN_PAGE, {}, headers={"Referer": came_from}).content.decode()
    assert f'<a class="button button--primary" href="{way}">' in page


# --- Where one lands ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "https://evil.example/",
        "http:evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://testserver@evil.example/",
        "\t//evil.example",
    ],
)
@pytest.mark.parametrize("address", [LOGIN_PAGE, LOGOUT_PAGE])
def test_nobody_is_sent_to_a_foreign_site(address: str, target: str, member: User) -> None:
    client = Client()
    if address == LOGOUT_PAGE:
        client.force_login(member)
    response = client.post(address, {"login": member.username, "password": PASSWORD, "next": target})
    assert (response.status_code, response["Location"]) == (302, "/")


def test_one_lands_where_one_wanted_to_go(member: User) -> None:
    response = Client().post(LOGIN_PAGE, {"login": member.username, "password": PASSWORD, "next": "/upload/?a=b"})
    assert response["Location"] == "/upload/?a=b"


# --- Passwords ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["short", "password123", "8374651029", "member-1"])
def test_bad_passwords_are_refused(bad: str, signed_in: Client, member: User) -> None:
    fields = {"oldpassword": PASSWORD, "password1": bad, "password2": bad}
    assert signed_in.post(CHANGE_PAGE, fields).status_code == 200
    member.refresh_from_db()
    assert member.check_password(PASSWORD)


def test_a_refused_password_is_told_why_once(signed_in: Client) -> None:
    rule = "at least 8 characters"
    assert signed_in.get(CHANGE_PAGE).content.decode().count(rule) == 1
    refused = signed_in.post(CHANGE_PAGE, {"oldpassword": PASSWORD, "password1": "short", "password2": "short"})
    assert refused.content.decode().count(rule) == 1


def test_a_new_password_needs_the_old_one(signed_in: Client, member: User) -> None:
    assert signed_in.post(CHANGE_PAGE, {**CHANGE, "oldpassword": "wrong"}).status_code == 200
    member.refresh_from_db()
    assert member.check_password(PASSWORD)


def reset_link() -> str:
    """The link in the one message that was sent."""
    (message,) = mail.outbox
    (line,) = [line for line in str(message.body).splitlines() if "/password/reset/key/" in line]
    return line.strip()


def test_a_forgotten_password_is_set_by_mail_and_ends_sessions_and_tokens(make_user: Callable[..., User]) -> None:
    ana = make_user("ana", email="ana@example.org")
    old = Client()
    page_sign_in("ana", PASSWORD, client=old)
    AuthToken.objects.create(ana)
    browser = Client()
    browser.post(RESET_PAGE, {"email": "ana@example.org"})
    form = browser.get(reset_link(), follow=True).redirect_chain[-1][0]
    assert browser.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}).status_code == 302
    ana.refresh_from_db()
    assert ana.check_password(NEW_PASSWORD)
    assert is_signed_in(browser)
    assert not is_signed_in(old)
    assert not AuthToken.objects.filter(user=ana).exists()


def test_a_reset_link_works_once(make_user: Callable[..., User]) -> None:
    ana = make_user("ana", email="ana@example.org")
    browser = Client()
    browser.post(RESET_PAGE, {"email": "ana@example.org"})
    link = reset_link()
    form = browser.get(link, follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert Client().get(link).status_code == 200  # a page that says the link is no good, not a redirect to the form
    stranger = Client()
    stranger.get(link)
    stranger.post(form, {"password1": "something else now", "password2": "something else now"})
    ana.refresh_from_db()
    assert ana.check_password(NEW_PASSWORD)


def test_links_in_mails_lead_to_the_public_address_whatever_host_was_asked(
    make_user: Callable[..., User], settings: LazySettings
) -> None:
    settings.PUBLIC_URL = "https://video.example.org"
    settings.ALLOWED_HOSTS = ["video.example.org", "localhost"]
    make_user("ana", email="ana@example.org")
    Client().post(RESET_PAGE, {"email": "ana@example.org"}, headers={"Host": "localhost"})
    assert reset_link().startswith("https://video.example.org/accounts/password/reset/key/")
    assert "localhost" not in str(mail.outbox[0].body)


def test_a_host_that_is_not_ours_gets_no_mail_sent(make_user: Callable[..., User]) -> None:
    make_user("ana", email="ana@example.org")
    response = Client().post(RESET_PAGE, {"email": "ana@example.org"}, headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert mail.outbox == []


def test_a_mail_server_that_is_down_breaks_no_page(make_user: Callable[..., User], settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # discard: nobody listens
    make_user("ana", email="ana@example.org")
    response = Client().post(RESET_PAGE, {"email": "ana@example.org"}, follow=True)
    assert response.status_code == 200
    assert "could not be sent" in " ".join(str(message) for message in response.context["messages"])


@pytest.mark.parametrize("address", ["login/code/", "login/code/confirm/", "phone/verify/", "signup/passkey/"])
def test_what_is_not_built_is_not_routed(address: str, client: Client) -> None:
    assert client.get(f"/accounts/{address}").status_code == 404
