"""What a page that stays open says of a film goes with how it stands."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visits import READY, look, sign_up, until, upload, wait_until_made
from tests.media_samples import sample

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SEND = """async ([method, address]) => {
  const token = document.querySelector('meta[name=csrf-token]').content;
  return (await fetch(address, { method, headers: { 'X-CSRFToken': token } })).status;
}"""


def test_a_watch_page_that_stays_open_follows_its_film(page: Page) -> None:
    sign_up(page, "noticer")
    public_id = upload(page, sample("film.mp4"))
    wait_until_made(page, public_id)
    film = f"/api/videos/{public_id}/"
    page.goto(f"/watch/{public_id}/")
    until(page, READY)
    notice = page.locator("[data-state-notice]")
    expect(notice).to_contain_text("Waiting for approval")

    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 403 else None)
    assert page.evaluate(SEND, ["POST", f"{film}withdraw/"]) == 200
    expect(notice).to_contain_text("withdrawn")
    page.goto(f"/me/videos/{public_id}/")
    expect(page.locator("#owner-poster + p")).to_contain_text("here again when it is brought back")
    expect(page.locator("film-words, film-captions").first).to_be_visible()
    look(page, "withdrawn-edit")
    page.goto("/me/videos/")
    look(page, "withdrawn-mine")
    assert [address for address in refused if "/art/" in address] == []

    page.goto(f"/watch/{public_id}/")
    expect(notice).to_contain_text("withdrawn")
    expect(page.locator("[data-message]")).to_contain_text("Withdrawn")
    assert page.evaluate(SEND, ["POST", f"{film}restore/"]) == 200
    expect(notice).to_contain_text("Waiting for approval")
    until(page, READY)
    assert page.evaluate(SEND, ["DELETE", film]) == 204
    expect(notice).to_have_text("")
    expect(page.locator("[data-message]")).to_contain_text("Not here any more")


def test_a_newer_file_that_cannot_be_used_is_explained(page: Page) -> None:
    sign_up(page, "replacer")
    public_id = upload(page, sample("film.mp4"))
    wait_until_made(page, public_id)
    page.goto(f"/me/videos/{public_id}/")
    page.locator("film-file [data-actions] input[type=file]").set_input_files(sample("half_moov_last.mp4"))
    page.locator("film-file [data-yes]").click()
    news = page.locator("[data-file-news]")
    expect(news).to_contain_text("The new file was not taken", timeout=60_000)
    expect(news).to_contain_text("The film that was there stays as it is.")
    making = page.locator("film-making")
    expect(making).to_contain_text("The new file was not taken")
    expect(making.get_by_role("button", name="Try again")).to_have_count(0)
    expect(making.get_by_role("link", name="Choose another file…")).to_be_visible()
    look(page, "replacement-refused")
