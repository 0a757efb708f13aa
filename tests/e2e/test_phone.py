"""On a phone: fingers instead of a mouse, and nothing hangs over the edge."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitors
from tests.e2e.visits import READY, begin, media_time, sign_in_as_admin, sign_up, until
from tests.media_samples import sample

pytestmark = pytest.mark.browser

WIDTH_PX, HEIGHT_PX = 390, 844
# How many pixels hang over the right edge, and of what.
OVERHANG = """() => [...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && one.checkVisibility())
  .map((one) => one.outerHTML.slice(0, 120))"""


def _assert_fits(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= WIDTH_PX, f"{wide} px wide: {page.evaluate(OVERHANG)}"


@pytest.fixture
def phone(visitor: Visitors) -> Page:
    return visitor(viewport={"width": WIDTH_PX, "height": HEIGHT_PX}, has_touch=True, is_mobile=True)


def test_no_page_scrolls_sideways(phone: Page, film: str) -> None:
    for address in ("/", "/browse/", f"/watch/{film}/", "/accounts/login/", "/accounts/signup/"):
        phone.goto(address)
        _assert_fits(phone)
    sign_up(phone, "walker")
    for address in ("/upload/", "/me/videos/", "/"):
        phone.goto(address)
        _assert_fits(phone)
    phone.goto("/upload/")
    phone.set_input_files("input[type=file]", {"name": "a_walk.mp4", "mimeType": "video/mp4", "buffer": b"no film"})
    expect(phone.locator("upload-row")).to_have_attribute("data-state", "failed", timeout=60_000)
    _assert_fits(phone)


def test_what_went_wrong_can_be_read_in_the_list_of_jobs(phone: Page) -> None:
    """Not one letter a line."""
    sign_in_as_admin(phone)
    phone.goto("/upload/")
    phone.set_input_files("input[type=file]", str(sample("half_moov_last.mp4")))
    expect(phone.locator("upload-row")).to_have_attribute("data-state", "failed", timeout=60_000)
    phone.goto("/admin/videos/job/?state__exact=failed")
    box = phone.locator("td.field-what_went_wrong").first.bounding_box()
    assert box
    assert box["width"] >= 150
    assert box["x"] + box["width"] <= WIDTH_PX


def test_a_double_tap_goes_ten_seconds(phone: Page, film: str) -> None:
    phone.goto(f"/watch/{film}/?t=40")
    until(phone, READY)
    box = phone.locator("video").bounding_box()
    assert box
    right, left, middle = box["x"] + box["width"] * 0.85, box["x"] + box["width"] * 0.15, box["y"] + box["height"] * 0.4

    def double_tap(x: float) -> None:
        phone.touchscreen.tap(x, middle)
        phone.touchscreen.tap(x, middle)

    double_tap(right)
    expect(phone.locator("[data-saying]")).to_have_text("+10 s")
    until(phone, "Math.abs(document.querySelector('video').currentTime - 50) < 2")
    double_tap(left)
    until(phone, "Math.abs(document.querySelector('video').currentTime - 40) < 2")


def test_every_control_can_be_reached(phone: Page, film: str) -> None:
    phone.goto(f"/watch/{film}/")
    begin(phone)
    until(phone, "customElements.get('media-fullscreen-button') !== undefined")
    phone.touchscreen.tap(WIDTH_PX / 2, phone.locator("video").bounding_box()["y"] + 30)  # type: ignore[index]
    for control in ("play-button", "settings-menu-button", "fullscreen-button", "time-range"):
        part = phone.locator(f".player__chrome media-{control}")
        expect(part).to_be_visible()
        box = part.bounding_box()
        assert box, control
        assert box["x"] >= 0, control
        assert box["x"] + box["width"] <= WIDTH_PX, control
    before = media_time(phone)
    phone.locator(".player__chrome media-play-button").tap()
    until(phone, "document.querySelector('video').paused")
    assert media_time(phone) >= before
    phone.locator("header details.on-phone summary").tap()
    expect(phone.locator("header details.on-phone").get_by_role("link", name="Sign in")).to_be_visible()
    expect(phone.locator("header details.on-phone").get_by_role("button", name="简体中文")).to_be_visible()


def test_every_speed_is_within_reach_on_a_small_screen(phone: Page, film: str) -> None:
    page = phone
    page.goto(f"/watch/{film}/")
    begin(page)
    page.locator("media-settings-menu-button").tap()
    page.locator("media-settings-menu-item").filter(has_text="Speed").tap()
    speeds = page.locator("media-playback-rate-menu [role=menuitemradio]")
    expect(speeds).to_have_count(7)
    for speed in speeds.all():
        expect(speed).to_be_in_viewport(ratio=1)
    speeds.last.tap()
    until(page, "document.querySelector('video').playbackRate === 2")
