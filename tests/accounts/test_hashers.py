"""Passwords as they are really stored; the other tests use a cheap hash."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import identify_hasher

from accounts.models import User
from config import settings as real_settings
from tests.accounts.conftest import api_sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _real_hashes(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = real_settings.PASSWORD_HASHERS


def test_a_password_is_stored_as_argon2id_and_opens_the_account() -> None:
    User.objects.create_user("ana", password=PASSWORD)
    stored = User.objects.get().password
    assert stored.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert api_sign_in("ana", PASSWORD).status_code == 200
    assert api_sign_in("ana", "wrong password").status_code == 401


def test_a_hash_of_another_cost_is_made_anew_at_the_next_sign_in(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    User.objects.create_user("ana", password=PASSWORD)
    settings.PASSWORD_HASHERS = real_settings.PASSWORD_HASHERS
    assert identify_hasher(User.objects.get().password).must_update(User.objects.get().password)
    assert api_sign_in("ana", PASSWORD).status_code == 200
    assert "m=19456" in User.objects.get().password
