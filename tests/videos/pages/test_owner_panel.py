"""The owner's panel is on the pages of whom it is for, and nowhere else."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests.videos.factories import make_video

pytestmark = pytest.mark.django_db

PANEL, SCRIPT = "data-owner-panel", "js/owner/panel.js"


@pytest.mark.parametrize(
    ("who", "is_there"),
    [("owner", True), ("moderator", True), ("admin", True), ("member", False), (None, False)],
)
def test_below_the_player_it_is_folded_for_its_owner_and_staff(
    client: Client, owner: User, who: str | None, is_there: bool, request: pytest.FixtureRequest
) -> None:
    if who:
        client.force_login(request.getfixturevalue(who))
    page = client.get(f"/watch/{make_video(owner).public_id}/").content.decode()
    assert (PANEL in page, SCRIPT in page) == (is_there, is_there)
    assert ("owner__fold" in page) is is_there


def test_a_member_of_staff_without_the_right_to_change_films_does_not_find_it(client: Client, owner: User) -> None:
    plain = User.objects.create_user(username="plain", password="correct horse battery", is_staff=True)
    client.force_login(plain)
    assert PANEL not in client.get(f"/watch/{make_video(owner).public_id}/").content.decode()


def test_on_the_edit_page_it_is_open(client: Client, owner: User) -> None:
    client.force_login(owner)
    page = client.get(f"/me/videos/{make_video(owner).public_id}/").content.decode()
    assert PANEL in page
    assert SCRIPT in page
    assert "owner__fold" not in page
    assert page.count('name="csrf-token"') == 1
