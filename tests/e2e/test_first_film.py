"""The way of a newcomer: sign up, upload, wait for the moderator, watch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitors
from tests.e2e.visits import assert_plays, sign_in_as_admin, sign_up, until, upload, wait_until_made
from tests.media_samples import sample

pytestmark = pytest.mark.browser


def test_a_newcomer_uploads_a_film_and_everybody_watches_it(page: Page, visitor: Visitors) -> None:
    sign_up(page, "newcomer")
    public_id = upload(page, sample("film.mp4"))
    wait_until_made(page, public_id)
    address = f"/watch/{public_id}/"

    # Pending: its owner sees it, nobody else does, bytes included.
    page.goto(address)
    assert_plays(page)
    playback = page.request.get(f"/api/videos/{public_id}/playback/").json()
    assert page.request.get(playback["hls"]).status == 200
    guest = visitor()
    answer = guest.goto(address)
    assert answer is not None
    assert answer.status == 404
    assert guest.request.get(f"/api/videos/{public_id}/playback/").status == 404

    # The moderator looks and approves.
    desk = visitor()
    sign_in_as_admin(desk)
    desk.goto("/admin/videos/contentmain/?audit_status__exact=1")
    desk.locator("#result_list a", has_text=re.compile("film", re.IGNORECASE)).first.click()
    assert_plays(desk)
    desk.get_by_role("button", name="Approve").click()
    expect(desk.locator(".messagelist")).to_contain_text("approved")

    # Everybody finds and plays it.
    guest.goto("/")
    expect(guest.locator(f"a[href='{address}']").first).to_be_visible()
    guest.goto(address)
    assert_plays(guest)


def test_a_file_that_is_no_film_is_told_so_in_words_and_the_next_one_is_made(page: Page, tmp_path: Path) -> None:
    letter = tmp_path / "letter.mp4"
    letter.write_bytes(b"Dear Sir or Madam, " * 4000)
    reason = re.compile("neither a video nor sound", re.IGNORECASE)
    sign_up(page, "writer")
    page.goto("/upload/")
    page.set_input_files("input[type=file]", str(letter))
    row = page.locator("upload-row")
    expect(row).to_contain_text(reason, timeout=60_000)
    expect(row).to_have_attribute("data-state", "failed")

    page.goto("/me/videos/")
    mine = page.locator("[data-mine]")
    expect(mine).to_contain_text("Failed")
    expect(mine).to_contain_text(reason)
    mine.get_by_role("link", name="Letter", exact=True).click()
    expect(page.locator("[data-message]")).to_contain_text("This film could not be prepared")
    expect(page.locator("[data-message]")).to_contain_text(reason)

    wait_until_made(page, upload(page, sample("no_audio.mp4")))


def test_views_count_what_was_watched(page: Page, visitor: Visitors) -> None:
    """Half of a nine-second film is a view; opening the page is none."""
    sign_in_as_admin(page)
    public_id = upload(page, sample("no_audio.mp4"))
    wait_until_made(page, public_id)
    guest = visitor()
    guest.goto(f"/watch/{public_id}/")
    guest.reload()
    assert guest.request.get(f"/api/videos/{public_id}/").json()["clicks"] == 0
    assert_plays(guest)
    until(guest, "async id => (await (await fetch(`/api/videos/${id}/`)).json()).clicks === 1", public_id)
