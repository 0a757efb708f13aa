"""Members go on where they stopped, on any device; guests in the same browser, because only it knows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitors
from tests.e2e.visits import READY, begin, media_time, sign_in, sign_up, until

pytestmark = pytest.mark.browser

PLACE_IS_KEPT = """async id => {
  const { position_seconds } = await (await fetch(`/api/videos/${id}/playback/`)).json();
  return position_seconds > 41;
}"""


def _watch_a_little_from_the_middle(page: Page, film: str) -> None:
    page.goto(f"/watch/{film}/")
    begin(page)
    page.keyboard.press("5")
    until(page, "document.querySelector('video').currentTime > 42")
    page.goto("/")


def test_a_member_goes_on_on_another_device(visitor: Visitors, film: str) -> None:
    page = visitor()
    sign_up(page, "commuter")
    _watch_a_little_from_the_middle(page, film)
    until(page, PLACE_IS_KEPT, film)

    other = visitor()
    sign_in(other, "commuter")
    other.goto(f"/watch/{film}/")
    expect(other.locator("[data-saying]")).to_contain_text("Going on at 0:4")
    until(other, READY)
    assert 41 < media_time(other) < 60
    begin(other)

    other.goto(f"/watch/{film}/?t=12")
    until(other, READY)
    assert 11.5 < media_time(other) < 13, "an address that names a second comes first"


def test_a_guest_goes_on_in_the_same_browser_and_nowhere_else(visitor: Visitors, film: str) -> None:
    page = visitor()
    _watch_a_little_from_the_middle(page, film)
    page.goto(f"/watch/{film}/")
    expect(page.locator("[data-saying]")).to_contain_text("Going on at 0:4")
    until(page, READY)
    assert 41 < media_time(page) < 60

    page.goto(f"/watch/{film}/?t=12")
    until(page, READY)
    assert 11.5 < media_time(page) < 13, "an address that names a second comes first"

    other = visitor()
    other.goto(f"/watch/{film}/")
    until(other, READY)
    assert media_time(other) == 0


def test_a_guest_who_saw_the_beginning_or_the_end_begins_anew(page: Page, film: str) -> None:
    page.goto(f"/watch/{film}/")
    begin(page)
    until(page, "document.querySelector('video').currentTime > 1")
    page.reload()
    until(page, READY)
    assert media_time(page) == 0

    begin(page)
    page.keyboard.press("5")
    until(page, "document.querySelector('video').currentTime > 40")
    page.evaluate("document.querySelector('video').currentTime = 79")
    until(page, "document.querySelector('video').ended")
    page.reload()
    until(page, READY)
    assert media_time(page) == 0
