"""The Moderators group exists after migrate, with the right to review."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def rights() -> set[str]:
    return set(Group.objects.get(name="Moderators").permissions.values_list("codename", flat=True))


def test_the_group_may_review_and_read_the_trail() -> None:
    assert {"review_contentmain", "view_contentmain", "view_auditentry"} <= rights()
    assert not {"delete_contentmain", "change_user", "add_auditentry"} & rights()


def test_staff_in_the_group_are_moderators_and_others_are_not(make_user: Callable[..., User]) -> None:
    group = Group.objects.get(name="Moderators")
    for name, is_staff in (("staff", True), ("plain", False)):
        make_user(name, is_staff=is_staff).groups.add(group)
    assert User.objects.get(username="staff").is_moderator
    assert not User.objects.get(username="plain").is_moderator
    assert not make_user("stranger", is_staff=True).is_moderator


@pytest.mark.django_db(transaction=True)
def test_a_deleted_group_comes_back_and_a_changed_one_stays_as_it_is() -> None:
    before = rights()
    Group.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert rights() == before
    Group.objects.get().permissions.clear()
    call_command("migrate", verbosity=0)
    assert rights() == set()
