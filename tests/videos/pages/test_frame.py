"""What every page shares: language, appearance, policy, the bar."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from tests.videos.factories import make_video
from tests.videos.pages.conftest import PageReader

pytestmark = pytest.mark.django_db
Visit = Callable[..., PageReader]
TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))


def test_the_chosen_appearance_is_written_by_the_server_so_that_nothing_flashes(client: Client) -> None:
    for theme in ("dark", "light"):
        client.cookies["theme"] = theme
        page = PageReader(client.get("/").content.decode())
        assert page.found("html")[0]["data-theme"] == theme


@pytest.mark.parametrize("theme", ["", "auto", 'dark" onload="x', "sepia"])
def test_an_appearance_that_is_none_of_ours_is_like_the_device(client: Client, theme: str) -> None:
    client.cookies["theme"] = theme
    html = PageReader(client.get("/").content.decode()).found("html")[0]
    assert "data-theme" not in html
    assert "onload" not in html


def test_the_language_switch_changes_the_page_and_brings_one_back(client: Client) -> None:
    answer = client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/browse/"})
    assert answer.headers["Location"] == "/browse/"
    assert PageReader(client.get("/browse/").content.decode()).found("html")[0]["lang"] == "zh-hans"


def test_the_language_switch_leads_nowhere_else(client: Client) -> None:
    answer = client.post("/i18n/setlang/", {"language": "en", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"


def test_guests_find_the_way_in_and_members_the_way_out(visit: Visit, member: User, moderator: User) -> None:
    guest = visit("/browse/")
    assert "/accounts/login/?next=/browse/" in guest.links
    assert "/admin/" not in guest.links
    signed_in = visit("/browse/", member)
    assert "/me/videos/" in signed_in.links
    assert "/admin/" not in signed_in.links
    assert [
        form
        for form in signed_in.found("form")
        if form.get("action") == "/accounts/logout/" and form["method"] == "post"
    ]
    assert "/admin/" in visit("/browse/", moderator).links


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_carries_a_script_or_a_style_of_its_own(template: Path) -> None:
    page = PageReader(re.sub(r"{%.*?%}|{{.*?}}", "x", template.read_text("utf-8")))
    assert not page.found("style")
    assert all("src" in attributes for attributes in page.found("script"))
    for _tag, attributes in page.elements:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]


def test_the_policy_lets_no_inline_script_and_no_written_style_pass(client: Client, owner: User) -> None:
    policy = client.get(f"/watch/{make_video(owner).public_id}/").headers["Content-Security-Policy"]
    directives = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
    assert directives["script-src"] == ["'self'"]
    of_nothing = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    assert sorted(directives["style-src"]) == sorted(["'self'", of_nothing])


def test_a_page_that_is_not_there_helps_on(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "/" in PageReader(answer.content.decode()).links
