"""What people do on the pages, for the tests to say in a word."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from playwright.sync_api import Page, expect

ADMIN_PASSWORD = "a very good password"
PASSWORD = "a rather long password"
# The brightest value of any colour in the picture that the video element shows now.
BRIGHTEST = """() => {
  const video = document.querySelector('video');
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 16;
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 16, 16);
  return Math.max(...pen.getImageData(0, 0, 16, 16).data.filter((_, index) => index % 4 !== 3));
}"""
# The player has a picture and hears keys.
READY = """() => document.querySelector('matinee-player')?.dataset.phase === 'ready'
  && document.querySelector('video').readyState >= 2"""
PROGRESS = "async id => await (await fetch(`/api/videos/${id}/progress/`)).json()"


def until(page: Page, expression: str, argument: object = None, *, seconds: float = 30) -> None:
    """Waits until the expression is true in the page. Playwright's own waiting evaluates strings inside the page, which
    our content security policy rightly forbids."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression, argument):
        assert time.monotonic() < deadline, f"not true after {seconds} s: {expression}"
        page.wait_for_timeout(100)


def sign_up(page: Page, username: str) -> None:
    """A new account, signed in."""
    page.goto("/accounts/signup/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password1]", PASSWORD)
    page.fill("input[name=password2]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(re.compile(r"/$"))


def sign_in(page: Page, username: str) -> None:
    """Somebody who signed up elsewhere."""
    page.goto("/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(re.compile(r"/$"))


def sign_in_as_admin(page: Page) -> None:
    """The administrator, in the admin."""
    page.goto("/admin/login/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", ADMIN_PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/admin/")


def upload(page: Page, film: Path) -> str:
    """Sends a film through the upload page; its public id, as soon as the server has it."""
    page.goto("/upload/")
    page.set_input_files("input[type=file]", str(film))
    link = page.locator("main a[href^='/watch/']").first
    expect(link).to_be_visible(timeout=60_000)
    return (link.get_attribute("href") or "").strip("/").split("/")[-1]


def wait_until_made(page: Page, public_id: str, *, seconds: int = 120) -> None:
    """Until the item's job is done."""
    until(page, f"async id => (await ({PROGRESS})(id)).state === 'done'", public_id, seconds=seconds)


def media_time(page: Page) -> float:
    """Where the player is, in seconds."""
    seconds: float = page.evaluate("document.querySelector('video').currentTime")
    return seconds


def begin(page: Page) -> None:
    """Presses the play key as soon as the player listens, unless it plays already, and sees the film move."""
    until(page, READY)
    if page.evaluate("document.querySelector('video').paused"):
        page.keyboard.press("k")
    until(page, "!document.querySelector('video').paused && document.querySelector('video').currentTime > 0")


def assert_plays(page: Page) -> None:
    """Presses play as people do, and sees the film move with a picture that is not black."""
    begin(page)
    until(page, f"document.querySelector('video').currentTime > {media_time(page)} + 0.5")
    assert page.evaluate(BRIGHTEST) > 20


def choose_quality(page: Page, label: str) -> None:
    """By the player's own menu."""
    page.locator("media-settings-menu-button").click()
    page.locator("media-settings-menu-item", has_text="Quality").first.click()
    page.locator("media-rendition-menu").get_by_text(label, exact=True).click()


def look(page: Page, name: str) -> None:
    """Pictures of the page, narrow and wide, light and dark, for who wants to see them: SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        for width in (390, 1280):
            for scheme in ("light", "dark"):
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                page.wait_for_timeout(300)
                page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 800})
