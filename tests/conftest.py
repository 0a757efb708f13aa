"""Personas and the settings that every test shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any  # a model's fields differ in type

import hypothesis
import pytest
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.models import User
from tests.append_only import let_tests_empty_the_trail

PASSWORD = "correct horse battery"

let_tests_empty_the_trail()
hypothesis.settings.register_profile("untimed", deadline=None)  # a test never times
hypothesis.settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _fast_and_separate(settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    """Cheap password hashes, plain static names, and folders of the test's own."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media")},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INCOMING_DIR = tmp_path / "incoming"
    settings.SCRATCH_DIR = tmp_path / "scratch"
    settings.CACHE_DIR = tmp_path / "cache"
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """`make_user("ana")`: a person with PASSWORD."""

    def make(username: str, **fields: Any) -> User:
        return User.objects.create_user(username=username, password=PASSWORD, **fields)

    return make


@pytest.fixture
def owner(make_user: Callable[..., User]) -> User:
    """Whose videos the tests are about."""
    return make_user("owner")


@pytest.fixture
def member(make_user: Callable[..., User]) -> User:
    """Signed in, neither owner nor staff."""
    return make_user("member")


@pytest.fixture
def stranger(make_user: Callable[..., User]) -> User:
    """Another signed-in person, who must not see what is not public."""
    return make_user("stranger")


@pytest.fixture
def moderator(make_user: Callable[..., User]) -> User:
    """Staff with the right to review."""
    user = make_user("moderator", is_staff=True)
    user.user_permissions.add(
        *Permission.objects.filter(
            codename__in=["review_contentmain", "view_contentmain", "change_contentmain", "add_contentmain"]
        )
    )
    return User.objects.get(pk=user.pk)


@pytest.fixture
def admin(db: None) -> User:
    """The site's administrator."""
    return User.objects.create_superuser(username="chief", password=PASSWORD, email="chief@example.org")


@pytest.fixture
def guest() -> AnonymousUser:
    """Nobody in particular."""
    return AnonymousUser()


@pytest.fixture
def api() -> APIClient:
    """A client of the JSON API, signed out; use `api.force_authenticate(user)`."""
    return APIClient()
