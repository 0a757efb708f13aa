"""`/api/auth/login/`, `/api/auth/logout/` and `/api/me/`: tokens and sessions, and every refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from knox.models import AuthToken
from rest_framework.test import APIClient

from accounts.models import User
from tests.accounts.conftest import LOGIN_API, api_sign_in, page_sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

LOGOUT_API = "/api/auth/logout/"
ME = "/api/me/"


def with_token(user: User, **fields: Any) -> APIClient:
    """A program that holds a token of `user`."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {AuthToken.objects.create(user, **fields)[1]}")
    return client


def problem(response: Any) -> tuple[int, str]:
    """(status, code) of a problem document."""
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "code", "detail"} <= set(body)
    assert body["status"] == response.status_code
    return response.status_code, body["code"]


# --- Signing in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["ana", "Ana", "ana@example.org", "ANA@EXAMPLE.ORG"])
def test_a_name_or_address_and_its_password_give_a_token(login: str, make_user: Callable[..., User]) -> None:
    make_user("ana", email="ana@example.org")
    response = api_sign_in(login, PASSWORD)
    assert response.status_code == 200
    assert set(response.json()) == {"token", "expires_at"}
    expires_at = parse_datetime(response.json()["expires_at"])
    assert expires_at is not None
    assert timedelta(days=29) < expires_at - timezone.now() <= timedelta(days=30)
    assert "no-store" in response["Cache-Control"]
    assert "sessionid" not in response.cookies


def test_only_a_hash_of_the_token_is_stored(member: User) -> None:
    token = api_sign_in(member.username, PASSWORD).json()["token"]
    (stored,) = AuthToken.objects.values()
    assert token not in json.dumps(stored, default=str)
    assert stored["token_key"] == token[:15]  # knox keeps a prefix to find rows by; 49 of 64 digits stay unknown


def test_signing_in_is_noted_and_takes_away_expired_tokens(member: User) -> None:
    AuthToken.objects.create(member, expiry=timedelta(seconds=-1))
    api_sign_in(member.username, PASSWORD)
    member.refresh_from_db()
    assert member.last_login is not None
    assert AuthToken.objects.filter(user=member).count() == 1


def test_unknown_accounts_wrong_passwords_and_suspended_accounts_are_told_alike(
    member: User, make_user: Callable[..., User]
) -> None:
    make_user("suspended", is_active=False)
    answers = [
        api_sign_in("member", "wrong"),
        api_sign_in("nobody", PASSWORD),
        api_sign_in("nobody@example.org", PASSWORD),
        api_sign_in("suspended", PASSWORD),
    ]
    assert {problem(answer) for answer in answers} == {(401, "invalid_credentials")}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0]["WWW-Authenticate"] == "Bearer"
    assert not AuthToken.objects.exists()


@pytest.mark.parametrize(
    "body",
    [{}, {"login": "member"}, {"password": PASSWORD}, {"login": "", "password": ""}, {"login": ["a"], "password": {}}],
)
def test_a_body_without_both_fields_is_refused(body: dict[str, Any], api: APIClient, member: User) -> None:
    assert problem(api.post(LOGIN_API, body)) == (400, "invalid")


@pytest.mark.parametrize("login", ["mem\x00ber", "mem\ud800ber", "x" * 255])
def test_text_that_is_none_is_refused(login: str, api: APIClient) -> None:
    body = json.dumps({"login": login, "password": PASSWORD})
    assert problem(api.post(LOGIN_API, body, content_type="application/json")) == (400, "invalid")


def test_a_password_keeps_its_blanks(make_user: Callable[..., User]) -> None:
    ana = make_user("ana")
    ana.set_password("  with blanks  ")
    ana.save()
    assert api_sign_in("ana", "  with blanks  ").status_code == 200
    assert api_sign_in("ana", "with blanks").status_code == 401


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_signing_in_is_a_post(method: str, api: APIClient) -> None:
    assert problem(getattr(api, method)(LOGIN_API))[0] == 405


def test_a_stale_token_or_cookie_does_not_keep_one_from_signing_in(member: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(member)
    client.credentials(HTTP_AUTHORIZATION="Bearer stale")
    assert api_sign_in(member.username, PASSWORD, client=client).status_code == 200


# --- Signing out ----------------------------------------------------------------------------------------------------


def test_signing_out_revokes_this_token_and_no_other(member: User) -> None:
    this, other = with_token(member), with_token(member)
    assert this.post(LOGOUT_API).status_code == 204
    assert problem(this.get(ME)) == (401, "authentication_failed")
    assert other.get(ME).status_code == 200


def test_signing_out_with_a_session_ends_the_session(member: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    page_sign_in(member.username, PASSWORD, client=(browser := Client()))
    client.cookies = browser.cookies
    client.get(ME)
    token = browser.get("/accounts/").cookies["csrftoken"].value
    assert client.post(LOGOUT_API, headers={"X-CSRFToken": token}).status_code == 204
    assert problem(client.get(ME)) == (401, "not_authenticated")


def test_guests_have_nothing_to_sign_out_of(api: APIClient) -> None:
    assert problem(api.post(LOGOUT_API)) == (401, "not_authenticated")


# --- Who is asking --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "patch"])
def test_guests_have_no_account_to_show(method: str, api: APIClient) -> None:
    assert problem(getattr(api, method)(ME)) == (401, "not_authenticated")


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Bearer nonsense", "Bearer \xff", "bearer " + "0" * 64])
def test_bad_tokens_are_refused(header: str, member: User) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    response = client.get(ME)
    assert problem(response) == (401, "authentication_failed")
    assert response["WWW-Authenticate"] == "Bearer"


def test_an_expired_token_is_refused(member: User) -> None:
    assert problem(with_token(member, expiry=timedelta(seconds=-1)).get(ME)) == (401, "authentication_failed")


def test_a_suspended_account_s_token_is_refused(member: User) -> None:
    client = with_token(member)
    User.objects.update(is_active=False)
    assert problem(client.get(ME)) == (401, "authentication_failed")


def test_a_new_password_revokes_tokens(member: User) -> None:
    client = with_token(member)
    member.set_password("another rather long phrase")
    member.save()
    assert problem(client.get(ME)) == (401, "authentication_failed")


def test_checking_a_token_is_one_query(member: User, django_assert_num_queries: Any) -> None:
    for _ in range(5):
        AuthToken.objects.create(member)
    client = with_token(member)
    with django_assert_num_queries(1):
        assert client.get(ME).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"X-CSRFToken": "x" * 32}, {"Origin": "http://evil.example"}])
def test_a_session_write_without_the_page_s_token_is_refused(headers: dict[str, str], member: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(member)
    assert problem(client.patch(ME, {"display_name": "x"}, headers=headers)) == (403, "csrf_failed")
    assert problem(client.post(LOGOUT_API, headers=headers)) == (403, "csrf_failed")
    member.refresh_from_db()
    assert member.display_name == ""


def test_foreign_sites_are_told_nothing(member: User) -> None:
    response = with_token(member).get(ME, headers={"Origin": "http://evil.example"})
    assert "Access-Control-Allow-Origin" not in response


# --- One's own account ----------------------------------------------------------------------------------------------


def test_one_s_own_account(make_user: Callable[..., User]) -> None:
    ana = make_user("ana", email="ana@example.org", phone="+4915112345678")
    response = with_token(ana).get(ME)
    body = response.json()
    assert body.pop("date_joined")
    assert body == {
        "id": ana.public_id,
        "username": "ana",
        "display_name": "",
        "name": "ana",
        "email": "ana@example.org",
        "is_staff": False,
        "is_moderator": False,
    }
    assert "no-store" in response["Cache-Control"]


def test_one_changes_one_s_name_and_nothing_else(member: User) -> None:
    wanted = {
        "display_name": "M.",
        "username": "root",
        "email": "x@example.org",
        "is_staff": True,
        "is_superuser": True,
        "id": "chosen",
        "password": "x",
    }
    response = with_token(member).patch(ME, wanted)
    assert (response.status_code, response.json()["name"]) == (200, "M.")
    member.refresh_from_db()
    assert (member.username, member.email, member.is_staff, member.is_superuser) == ("member", "", False, False)
    assert member.check_password(PASSWORD)


@pytest.mark.parametrize("bad", ["a\u202eb", "a\u200bb", "x" * 81, None, {"a": 1}])
def test_bad_names_are_refused(bad: object, member: User) -> None:
    assert problem(with_token(member).patch(ME, {"display_name": bad})) == (400, "invalid")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_accounts_are_not_made_or_deleted_there(method: str, member: User) -> None:
    assert problem(getattr(with_token(member), method)(ME))[0] == 405


def test_moderators_learn_that_they_are(moderator: User) -> None:
    body = with_token(moderator).get(ME).json()
    assert (body["is_staff"], body["is_moderator"]) == (True, True)
