"""The words of a film while it travels: a title that is emptied is no title."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, expect

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
