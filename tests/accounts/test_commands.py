"""What set-up and operators run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from tests.accounts.conftest import api_sign_in

pytestmark = pytest.mark.django_db


def make_admin() -> str:
    out = StringIO()
    call_command("make_admin", stdout=out)
    (line,) = out.getvalue().splitlines()
    return line


@pytest.fixture(autouse=True)
def _no_chosen_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)


def test_the_generated_password_is_told_once_and_works() -> None:
    word, password = make_admin().split(" ")
    assert word == "created"
    assert len(password) >= 16
    admin = User.objects.get()
    assert (admin.username, admin.is_staff, admin.is_superuser) == ("admin", True, True)
    assert api_sign_in("admin", password).status_code == 200


def test_a_chosen_password_is_taken_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", "chosen by the operator")
    assert make_admin() == "created"
    assert User.objects.get().check_password("chosen by the operator")


def test_a_second_run_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    make_admin()
    before = User.objects.get().password
    monkeypatch.setenv("ADMIN_PASSWORD", "another one")
    assert make_admin() == "exists"
    assert User.objects.get().password == before


def test_another_administrator_is_enough(admin: User) -> None:
    assert make_admin() == "exists"
    assert not User.objects.filter(username="admin").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_two_starts_at_once_make_one_administrator() -> None:
    def make(_number: int) -> str:
        try:
            return make_admin().split(" ")[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=3) as pool:
        assert sorted(pool.map(make, range(3))) == ["created", "exists", "exists"]
    assert User.objects.count() == 1
