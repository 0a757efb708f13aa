"""A film is watched while it is made: as long as it is going to be, with an end that is still to come."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visits import PROGRESS, READY, begin, media_time, sign_up, until, upload
from tests.media_samples import long_clip
from tests.site_process import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SECONDS = 45
GROWS = """async id => {
  const answer = await fetch(`/api/videos/${id}/playback/`);
  return answer.ok && (await answer.json()).is_growing;
}"""
STEER = """async ([id, command]) => {
  const { job } = await (await fetch(`/api/videos/${id}/progress/`)).json();
  const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
  return (await fetch(`/api/jobs/${job.id}/${command}/`, { method: 'POST', headers: { 'X-CSRFToken': token } })).status;
}"""


def test_it_is_shown_as_long_as_it_is_going_to_be(page: Page, site: Site) -> None:
    sign_up(page, "grower")
    public_id = upload(page, long_clip(seconds=SECONDS, is_instant=False))
    until(page, GROWS, public_id, seconds=90)
    assert page.evaluate(STEER, [public_id, "pause"]) == 200

    page.goto(f"/watch/{public_id}/?t={SECONDS - 10}")
    until(page, READY, seconds=60)
    assert media_time(page) < SECONDS / 2, "what is not made yet cannot be begun with"
    page.goto(f"/watch/{public_id}/")
    until(page, READY, seconds=60)
    until(page, f"Math.abs(document.querySelector('video').duration - {SECONDS}) < 1")
    expect(page.get_by_text("/ 0:45")).to_be_visible()
    made = page.evaluate("document.querySelector('video').buffered.end(0)")
    assert 0 < made < SECONDS / 2

    page.keyboard.press("8")
    expect(page.locator("[data-saying]")).to_contain_text("made this far")
    until(page, "!document.querySelector('video').seeking")
    assert media_time(page) < SECONDS / 2, "a jump to what is not made lands where the made part ends"
    begin(page)
    expect(page.locator("[data-waiting]")).to_contain_text("paused")
    at = media_time(page)

    assert page.evaluate(STEER, [public_id, "resume"]) == 200
    until(page, f"document.querySelector('video').currentTime > {at} + 1", seconds=90)
    until(page, f"async id => (await ({PROGRESS})(id)).state === 'done'", public_id, seconds=300)
    page.keyboard.press("9")
    begin(page)  # it may have come to its end meanwhile
    until(page, f"document.querySelector('video').currentTime > {SECONDS} * 0.9 - 1", seconds=60)
    until(page, "document.querySelector('video').ended", seconds=120)
    assert abs(page.evaluate("document.querySelector('video').duration") - SECONDS) < 1


def test_it_is_stopped_only_after_a_question_and_the_page_says_so(page: Page) -> None:
    sign_up(page, "stopper")
    public_id = upload(page, long_clip(seconds=SECONDS, is_instant=False))
    until(page, GROWS, public_id, seconds=90)
    page.goto("/me/videos/")
    expect(page.locator("[data-mine] making-of")).to_contain_text("every size", timeout=60_000)
    page.goto(f"/watch/{public_id}/")
    until(page, READY, seconds=60)
    page.locator(".owner__summary").click()
    panel = page.locator("film-making")
    panel.get_by_role("button", name="Stop making it").click()
    expect(panel).to_contain_text("Nobody can watch it then")
    panel.get_by_role("button", name="Yes, stop it").click()
    expect(page.locator("[data-state-notice]")).to_contain_text("You stopped making this film.")
    expect(page.locator("[data-message]")).to_contain_text("not being made any more")
    expect(page.locator("[data-better]")).to_be_hidden()
    page.goto("/me/videos/")
    expect(page.locator("[data-mine]")).to_contain_text("You stopped making this film.")
    expect(page.locator("[data-mine]")).to_contain_text("Stopped")
