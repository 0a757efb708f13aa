"""One's own account on the pages: name and e-mail addresses."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

CHANGE_PAGE = "/accounts/password/change/"
EMAIL_PAGE = "/accounts/email/"


def test_one_changes_the_name_that_others_read(signed_in: Client, member: User) -> None:
    assert signed_in.post("/accounts/", {"display_name": "Ana Lucía 李"}).status_code == 302
    member.refresh_from_db()
    assert member.shown_name == "Ana Lucía 李"


@pytest.mark.parametrize("bad", ["a\u202eb", "a\u200bb", "a\x07b", "a" + "\u0301" * 9, "x" * 81, "a\u2066b"])
def test_names_that_would_harm_the_page_around_them_are_refused(bad: str, signed_in: Client, member: User) -> None:
    assert signed_in.post("/accounts/", {"display_name": bad}).status_code == 200
    member.refresh_from_db()
    assert member.display_name == ""


def test_nothing_else_of_the_account_is_changed_there(signed_in: Client, member: User) -> None:
    signed_in.post("/accounts/", {"display_name": "M", "is_staff": "on", "username": "root", "email": "x@example.org"})
    member.refresh_from_db()
    assert (member.username, member.email, member.is_staff) == ("member", "", False)


def _an_hour_passes(client: Client) -> None:
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()


def test_changing_email_addresses_asks_for_no_password_right_after_signing_in(signed_in: Client) -> None:
    response = signed_in.post(EMAIL_PAGE, {"action_add": "", "email": "new@example.org"}, follow=True)
    assert response.redirect_chain == [(EMAIL_PAGE, 302)]
    assert EmailAddress.objects.filter(email="new@example.org").exists()
    assert "new@example.org" in " ".join(str(message) for message in response.context["messages"])


def test_an_address_that_was_added_after_the_password_was_asked_for_is_announced_too(
    signed_in: Client, member: User
) -> None:
    _an_hour_passes(signed_in)
    response = signed_in.post(EMAIL_PAGE, {"action_add": "", "email": "new@example.org"})
    response = signed_in.post(response["Location"], {"password": PASSWORD, "next": EMAIL_PAGE}, follow=True)
    assert EmailAddress.objects.filter(user=member, email="new@example.org").count() == 1
    assert "new@example.org" in " ".join(str(message) for message in response.context["messages"])


def test_the_main_address_stands_first_and_pages_lead_back_to_the_account(signed_in: Client, member: User) -> None:
    EmailAddress.objects.create(user=member, email="aaa@example.org")
    EmailAddress.objects.create(user=member, email="zzz@example.org", primary=True)
    page = signed_in.get(EMAIL_PAGE).content.decode()
    assert page.index("zzz@example.org") < page.index("aaa@example.org")
    for address in (EMAIL_PAGE, CHANGE_PAGE):
        assert '<a class="way-back" href="/accounts/">' in signed_in.get(address).content.decode()


def test_changing_email_addresses_asks_for_the_password_again_after_a_while(signed_in: Client) -> None:
    _an_hour_passes(signed_in)
    response = signed_in.post("/accounts/email/", {"action_add": "", "email": "new@example.org"})
    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert not EmailAddress.objects.filter(email="new@example.org").exists()
