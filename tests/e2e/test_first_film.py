"""The way of a newcomer: sign up, upload, wait for the moderator, watch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import ADMIN_PASSWORD, Site, assert_no_faults
from tests.media_samples import sample

pytestmark = pytest.mark.browser

PIXEL = """() => {
  const video = document.querySelector('video');
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 16;
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 16, 16);
  return Math.max(...pen.getImageData(0, 0, 16, 16).data.filter((_, index) => index % 4 !== 3));
}"""


def sign_up(page: Page, username: str) -> None:
    page.goto("/accounts/signup/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password1]", "a rather long password")
    page.fill("input[name=password2]", "a rather long password")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/")


def sign_in_as_admin(page: Page) -> None:
    page.goto("/admin/login/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", ADMIN_PASSWORD)
    page.click("input[type=submit]")
    page.wait_for_url("**/admin/")


def plays(page: Page) -> None:
    """Presses play and sees the film move, with a picture that is not black."""
    page.wait_for_function("document.querySelector('video')?.readyState >= 2", timeout=30_000)
    page.keyboard.press("k")
    page.wait_for_function("document.querySelector('video').currentTime > 0.5", timeout=20_000)
    before = page.evaluate("document.querySelector('video').currentTime")
    page.wait_for_function(f"document.querySelector('video').currentTime > {before} + 0.5", timeout=20_000)
    assert page.evaluate(PIXEL) > 20


def test_a_newcomer_uploads_a_film_and_everybody_watches_it(page: Page, browser: Browser, site: Site) -> None:
    film = sample("film.mp4")
    sign_up(page, "newcomer")
    page.goto("/upload/")
    page.set_input_files("input[type=file]", str(film))
    link = page.locator("a[href^='/watch/']").first
    expect(link).to_be_visible(timeout=60_000)
    address = link.get_attribute("href")
    assert address is not None
    public_id = address.strip("/").split("/")[-1]
    page.wait_for_function(
        "async id => (await (await fetch(`/api/videos/${id}/progress/`)).json()).state === 'done'",
        arg=public_id,
        timeout=120_000,
    )

    # Pending: its owner sees it, nobody else does, bytes included.
    page.goto(address)
    plays(page)
    media = page.evaluate("async id => (await (await fetch(`/api/videos/${id}/playback/`)).json()).hls", public_id)
    assert page.request.get(media).status == 200
    guest = browser.new_context(base_url=site.address)
    stranger = guest.new_page()
    assert stranger.goto(address).status == 404  # type: ignore[union-attr] -- a navigation answers
    assert guest.request.get(f"/api/videos/{public_id}/playback/").status == 404

    # The moderator looks and approves.
    desk = browser.new_context(base_url=site.address).new_page()
    sign_in_as_admin(desk)
    desk.goto("/admin/videos/contentmain/?audit_status__exact=1")
    desk.get_by_role("link", name=re.compile("film", re.IGNORECASE)).first.click()
    plays(desk)
    desk.get_by_role("button", name="Approve").click()
    expect(desk.locator(".messagelist, .success")).to_contain_text("approved")

    # Everybody finds and plays it.
    stranger.goto("/")
    expect(stranger.locator(f"a[href='{address}']").first).to_be_visible()
    stranger.goto(address)
    plays(stranger)
    assert_no_faults(page)


def test_a_file_that_is_no_film_is_told_so_in_words(page: Page, tmp_path: Path) -> None:
    letter = tmp_path / "letter.mp4"
    letter.write_bytes(b"Dear Sir or Madam, " * 4000)
    sign_up(page, "writer")
    page.goto("/upload/")
    page.set_input_files("input[type=file]", str(letter))
    expect(page.locator("main")).to_contain_text(
        re.compile("not a video|no video|cannot be read", re.IGNORECASE), timeout=60_000
    )
    assert_no_faults(page)
