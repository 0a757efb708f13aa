"""The owner's panel in a browser: another file takes the film's place, and the film is taken back and brought back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visits import sign_up
from tests.eventually import eventually
from tests.media_samples import sample
from tests.site_process import Site

pytestmark = pytest.mark.browser


def test_a_film_is_replaced_and_withdrawn_by_its_owner(page: Page, site: Site) -> None:
    sign_up(page, "cutter")
    page.goto("/upload/")
    page.set_input_files("input[type=file]", sample("no_audio.mp4"))
    expect(page.locator("upload-row")).to_have_attribute("data-state", re.compile("ready"), timeout=60_000)
    film = page.locator("upload-row [data-watch]").get_attribute("href")
    assert film
    page.goto(film.replace("/watch/", "/me/videos/"))
    section = page.locator("film-file")
    expect(section).to_contain_text("no_audio.mp4")

    section.locator("input[type=file]").set_input_files(sample("ntsc.mp4"))
    expect(section.locator("[data-question]")).to_contain_text("ntsc.mp4")
    section.get_by_role("button", name="Keep the old one").click()
    expect(section.locator("[data-ask]")).to_be_hidden()
    section.locator("input[type=file]").set_input_files(sample("ntsc.mp4"))
    with page.expect_navigation():
        section.get_by_role("button", name="Replace the file", exact=True).click()
    expect(section.locator(".owner__name")).to_have_text("ntsc.mp4")
    progress = f"/api/videos/{film.split('/')[2]}/progress/"
    assert eventually(lambda: page.request.get(progress).json()["state"] == "done")

    with page.expect_navigation():
        section.get_by_role("button", name="Withdraw").click()
    playback = f"/api/videos/{film.split('/')[2]}/playback/"
    assert page.request.get(playback).json()["code"] == "withdrawn"
    with page.expect_navigation():
        section.get_by_role("button", name="Bring it back").click()
    assert page.request.get(playback).ok
