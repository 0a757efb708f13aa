"""What a visitor chooses is done at once and remembered: quality, speed, sound, language, appearance."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visits import READY, begin, choose_quality, until

pytestmark = pytest.mark.browser

HEIGHT = "document.querySelector('video').videoHeight"


def test_a_quality_from_the_menu_plays_without_a_reload_and_is_remembered(page: Page, film: str) -> None:
    page.goto(f"/watch/{film}/")
    begin(page)
    page.evaluate("window.isSamePage = true")
    before = page.evaluate(HEIGHT)
    other = {360: 480, 480: 360}[before]
    choose_quality(page, f"{other}p")
    until(page, f"{HEIGHT} === {other} && !document.querySelector('video').paused")
    assert page.evaluate("window.isSamePage")

    page.reload()
    until(page, READY)
    until(page, f"{HEIGHT} === {other}")


def test_speed_and_sound_are_remembered(page: Page, film: str) -> None:
    page.goto(f"/watch/{film}/")
    begin(page)
    for _ in range(2):
        page.keyboard.press(">")
    page.locator("matinee-player media-play-button").last.focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    chosen = "() => { const { playbackRate, volume, muted } = document.querySelector('video');"
    chosen += " return playbackRate === 1.5 && volume === 0.8 && muted; }"
    until(page, chosen)
    page.reload()
    until(page, READY)
    assert page.evaluate(chosen)


def test_the_language_of_the_header_lasts(page: Page, film: str) -> None:
    page.goto("/browse/")
    page.locator("header summary[aria-label=Language]").click()
    page.locator("header").get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    assert page.url.endswith("/browse/")
    page.goto(f"/watch/{film}/")
    expect(page.locator("header nav")).to_contain_text("浏览")
    until(page, READY)
    page.keyboard.press("c")
    expect(page.locator("[data-saying]")).to_contain_text("字幕")

    page.locator("header summary[aria-label=语言]").click()
    page.locator("header").get_by_role("button", name="English").click()
    expect(page.locator("header nav")).to_contain_text("Browse")


def test_the_appearance_lasts(page: Page) -> None:
    def background() -> str:
        colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return colour

    page.emulate_media(color_scheme="light")
    page.goto("/")
    light = background()
    page.locator("header summary[aria-label=Appearance]").click()
    page.locator("header").get_by_role("button", name="Dark").click()
    dark = background()
    assert dark != light
    page.goto("/browse/")
    assert background() == dark
    page.locator("header summary[aria-label=Appearance]").click()
    page.locator("header").get_by_role("button", name="Like the device").click()
    assert background() == light
    page.reload()
    assert background() == light
