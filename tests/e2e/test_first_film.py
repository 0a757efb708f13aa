"""The way of a newcomer: sign up, upload, wait for the moderator, watch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Site
from tests.e2e.visits import assert_plays, sign_in_as_admin, sign_up, until, upload, wait_until_made
from tests.media_samples import sample

pytestmark = pytest.mark.browser


def test_a_newcomer_uploads_a_film_and_everybody_watches_it(page: Page, browser: Browser, site: Site) -> None:
    sign_up(page, "newcomer")
    public_id = upload(page, sample("film.mp4"))
    wait_until_made(page, public_id)
    address = f"/watch/{public_id}/"

    # Pending: its owner sees it, nobody else does, bytes included.
    page.goto(address)
    assert_plays(page)
    playback = page.request.get(f"/api/videos/{public_id}/playback/").json()
    assert page.request.get(playback["hls"]).status == 200
    guest = browser.new_context(base_url=site.address)
    visitor = guest.new_page()
    answer = visitor.goto(address)
    assert answer is not None
    assert answer.status == 404
    assert guest.request.get(f"/api/videos/{public_id}/playback/").status == 404

    # The moderator looks and approves.
    desk = browser.new_context(base_url=site.address).new_page()
    sign_in_as_admin(desk)
    desk.goto("/admin/videos/contentmain/?audit_status__exact=1")
    desk.locator("#result_list a", has_text=re.compile("film", re.IGNORECASE)).first.click()
    assert_plays(desk)
    desk.get_by_role("button", name="Approve").click()
    expect(desk.locator(".messagelist")).to_contain_text("approved")

    # Everybody finds and plays it.
    visitor.goto("/")
    expect(visitor.locator(f"a[href='{address}']").first).to_be_visible()
    visitor.goto(address)
    assert_plays(visitor)


def test_a_file_that_is_no_film_is_told_so_in_words(page: Page, tmp_path: Path) -> None:
    letter = tmp_path / "letter.mp4"
    letter.write_bytes(b"Dear Sir or Madam, " * 4000)
    sign_up(page, "writer")
    page.goto("/upload/")
    page.set_input_files("input[type=file]", str(letter))
    expect(page.locator("main")).to_contain_text(re.compile("neither a video nor sound", re.IGNORECASE), timeout=60_000)


def test_views_count_what_was_watched(page: Page, browser: Browser, site: Site) -> None:
    """Half of a nine-second film is a view; opening the page is none."""
    sign_in_as_admin(page)
    public_id = upload(page, sample("no_audio.mp4"))
    wait_until_made(page, public_id)
    guest = browser.new_context(base_url=site.address).new_page()
    guest.goto(f"/watch/{public_id}/")
    guest.reload()
    assert guest.request.get(f"/api/videos/{public_id}/").json()["clicks"] == 0
    assert_plays(guest)
    until(guest, "async id => (await (await fetch(`/api/videos/${id}/`)).json()).clicks === 1", public_id)
