"""What the tests about accounts share."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from tests.conftest import PASSWORD

LOGIN_PAGE = "/accounts/login/"
LOGIN_API = "/api/auth/login/"
SIGN_UP_PAGE = "/accounts/signup/"
REGISTER_API = "/api/auth/register/"
NEW_PASSWORD = "a rather long phrase"


def page_sign_in(login: str, password: str, *, client: Client | None = None, **extra: Any) -> Any:
    """A try at the page."""
    return (client or Client()).post(LOGIN_PAGE, {"login": login, "password": password}, **extra)


def api_sign_in(login: str, password: str, *, client: APIClient | None = None, **extra: Any) -> Any:
    """A try at the API."""
    return (client or APIClient()).post(LOGIN_API, {"login": login, "password": password}, **extra)


def admin_sign_in(login: str, password: str, **extra: Any) -> Any:
    """A try at the admin's own page."""
    return Client().post("/admin/login/", {"username": login, "password": password}, **extra)


@pytest.fixture
def signed_in(client: Client, member: User) -> Client:
    """A browser in which `member` has signed in on the page."""
    assert page_sign_in(member.username, PASSWORD, client=client).status_code == 302
    return client


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password was hashed: what an attacker's stop-watch would show, without a stop-watch."""

    algorithm = "counting"
    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).hashed += 1
        return super().encode(password, salt)
