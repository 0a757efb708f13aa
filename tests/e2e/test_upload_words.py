"""The words of a film while it travels: a title that is emptied is no title; what was chosen outlives its tab."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.test_upload_goes_on import SLOW_BYTES_PER_SECOND, Watched, film_at
from tests.e2e.visits import sign_up
from tests.media_samples import sample

pytestmark = pytest.mark.browser


def test_a_title_that_is_emptied_is_marked_and_comes_back(page: Page) -> None:
    went_wrong: list[str] = []
    page.on("response", lambda answer: went_wrong.append(answer.url) if answer.status >= 400 else None)
    page.on("requestfailed", lambda request: went_wrong.append(request.url) if request.url[:5] == "blob:" else None)
    sign_up(page, "corrector")
    page.goto("/upload/")
    content = sample("no_audio.mp4").read_bytes()
    film: FilePayload = {"name": "the rain.mp4", "mimeType": "video/mp4", "buffer": content}
    page.set_input_files("input[type=file]", film)
    row = page.locator("upload-row")
    expect(row).to_have_attribute("data-state", "ready", timeout=60_000)

    title = row.locator("input[name=title]")
    title.fill("")
    expect(title).to_have_attribute("aria-invalid", "true")
    expect(row.locator("[data-error=title]")).to_have_text("A film needs a title.")
    title.blur()
    expect(title).to_have_value("The rain")
    expect(title).not_to_have_attribute("aria-invalid", "true")
    expect(row.locator("[data-error=title]")).to_be_hidden()

    title.fill("The rain again")
    title.blur()
    expect(row.locator("[data-saved]")).to_have_text("Saved")
    assert went_wrong == []


def shown(page: Page, address: str) -> dict[str, object]:
    """What the API tells about it."""
    answer: dict[str, object] = page.evaluate("async address => (await fetch(address)).json()", address)
    return answer


def test_a_film_that_goes_on_in_another_tab_keeps_the_words_of_the_first(page: Page, tmp_path: Path) -> None:
    """Chosen while the film travels, and the tab closed at once: it is nobody's but the sender's all the same."""
    sign_up(page, "shy")
    page.goto("/upload/")
    Watched(page).limit(SLOW_BYTES_PER_SECOND)
    film = film_at(tmp_path / "in_private.mp4")
    page.set_input_files("[data-drop] input[type=file]", film)
    row = page.locator("upload-row")
    expect(row.locator("[data-figures]")).to_have_text(re.compile(r"1\.[2-9]\d MB of"))
    row.locator("input[name=title]").fill("Nobody’s Business")
    row.locator("select[name=visibility]").select_option("private")
    expect(row.locator("[data-saved]")).to_have_text("Saved")
    tab = page.context.new_page()
    tab.goto("/upload/")
    page.close()

    tab.set_input_files("[data-drop] input[type=file]", film)
    row = tab.locator("upload-row")
    expect(row.locator("select[name=visibility]")).to_have_value("private")
    expect(row.locator("input[name=title]")).to_have_value("Nobody’s Business")
    row.locator("textarea[name=description]").fill("Twice begun.")
    row.locator("textarea[name=description]").blur()
    expect(row).to_have_attribute("data-state", "ready", timeout=60_000)
    expect(row.locator("[data-saved]")).to_have_text("Saved")
    address = row.locator("making-of").get_attribute("data-video")
    words = {"title": "Nobody’s Business", "description": "Twice begun.", "visibility": "private"}
    assert {name: shown(tab, f"/api/videos/{address}/")[name] for name in words} == words
