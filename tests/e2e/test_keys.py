"""The player's keys, and the buttons for what not every film or browser has."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.visits import READY, begin, media_time, until

pytestmark = pytest.mark.browser

VIDEO = "document.querySelector('video')"


def _press(page: Page, key: str, outcome: str) -> None:
    """The key, and what must come of it; `v` is the video."""
    page.keyboard.press(key)
    until(page, f"() => {{ const v = {VIDEO}; return {outcome}; }}")


def test_keys_drive_the_film(page: Page, film: str) -> None:
    page.goto(f"/watch/{film}/")
    begin(page)
    _press(page, "k", "v.paused")
    _press(page, " ", "!v.paused")
    _press(page, "K", "v.paused")
    _press(page, "5", "Math.abs(v.currentTime - 40) < 0.1")
    _press(page, "l", "Math.abs(v.currentTime - 50) < 0.1")
    expect(page.locator("[data-saying]")).to_have_text("+10 s")
    _press(page, "j", "Math.abs(v.currentTime - 40) < 0.1")
    _press(page, "ArrowRight", "Math.abs(v.currentTime - 45) < 0.1")
    _press(page, "ArrowLeft", "Math.abs(v.currentTime - 40) < 0.1")
    _press(page, "0", "v.currentTime < 0.1")
    _press(page, "m", "v.muted")
    _press(page, "m", "!v.muted")
    _press(page, ">", "v.playbackRate === 1.25")
    _press(page, "<", "v.playbackRate === 1")
    _press(page, "f", "document.fullscreenElement !== null")
    _press(page, "f", "document.fullscreenElement === null")
    page.locator("matinee-player media-play-button").last.focus()
    _press(page, "ArrowDown", "v.volume === 0.95")
    _press(page, "ArrowUp", "v.volume === 1")


def test_a_key_pressed_before_the_controls_are_there_waits_for_them(page: Page, film: str) -> None:
    late: list[Route] = []
    page.route("**/js/player/chrome/elements*.js", lambda route: late.append(route))  # noqa: PLW0108 -- not a builtin
    page.goto(f"/watch/{film}/")
    until(page, READY)
    page.keyboard.press("k")
    for route in late:
        route.continue_()
    until(page, f"!{VIDEO}.paused")


def test_a_question_mark_lists_the_keys(page: Page, film: str) -> None:
    page.goto(f"/watch/{film}/")
    until(page, READY)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys of the player")
    expect(keys).to_be_visible()
    expect(keys).to_contain_text("play or pause")
    page.keyboard.press("k")  # read, not obeyed, while the list is open
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    assert page.evaluate(f"{VIDEO}.paused")


def test_who_types_in_a_field_drives_nothing(admin_page: Page, film: str) -> None:
    page = admin_page
    page.goto(f"/admin/videos/contentmain/?q={film}")
    page.locator("#result_list tbody th a").first.click()
    until(page, READY)
    title = page.locator("input[name=title]")
    title.press("End")
    page.keyboard.type(" mk5")
    expect(title).to_have_value("The Long Walk mk5")
    assert page.evaluate(f"{VIDEO}.paused && !{VIDEO}.muted")
    assert media_time(page) == 0


def test_a_film_without_captions_says_so(page: Page, film: str) -> None:
    page.goto(f"/watch/{film}/")
    until(page, READY)
    page.keyboard.press("c")
    expect(page.locator("[data-saying]")).to_have_text("This film has no captions")
    expect(page.locator("media-captions-button")).to_be_hidden()  # what there is nothing to choose from is not offered


def test_picture_in_picture_leaves_the_film_playing(page: Page, film: str) -> None:
    page.goto(f"/watch/{film}/")
    begin(page)
    page.keyboard.press("i")
    before = media_time(page)
    until(page, f"{VIDEO}.currentTime > {before} + 0.5")
    page.keyboard.press("i")
    until(page, "document.pictureInPictureElement === null")
    before = media_time(page)
    until(page, f"{VIDEO}.currentTime > {before} + 0.5")
