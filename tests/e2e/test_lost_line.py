"""The network goes away and comes back; whoever waits is told why."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.narrow_line import NarrowLine
from tests.e2e.visits import READY, begin, media_time, until

pytestmark = pytest.mark.browser

# Notes when the sign of waiting came and went, with its words.
NOTE_SIGNS = """() => {
  const sign = document.querySelector('[data-waiting]');
  window.noted = [];
  const note = (what) => window.noted.push({ what, words: sign.textContent.trim() });
  new MutationObserver(() => note(sign.hidden ? 'gone' : 'shown')).observe(sign, { attributeFilter: ['hidden'] });
}"""


def test_the_film_goes_on_by_itself_when_the_line_is_back(page: Page, film: str) -> None:
    line = NarrowLine(page, ahead_seconds=5)
    page.goto(f"/watch/{film}/")
    line.bring_until(READY)
    begin(page)
    line.bring_until("document.querySelector('video').currentTime > 1")
    page.evaluate("window.isSamePage = true")

    page.context.set_offline(True)
    line.open()
    left_at = media_time(page)
    sign = page.locator("[data-waiting]")
    expect(sign).to_be_visible(timeout=60_000)
    expect(sign).to_contain_text("You are offline")
    stopped_at = media_time(page)
    assert stopped_at > left_at + 2, "what was there already is played"

    page.context.set_offline(False)
    until(page, f"document.querySelector('video').currentTime > {stopped_at} + 2")
    expect(sign).to_be_hidden()
    assert page.evaluate("window.isSamePage")


def test_a_server_that_does_not_answer_is_named_and_waited_for(page: Page, film: str) -> None:
    page.route("**/media/**", lambda route: route.abort())
    page.goto(f"/watch/{film}/")
    sign = page.locator("[data-waiting]")
    expect(sign).to_contain_text("The server does not answer", timeout=60_000)
    page.unroute_all(behavior="ignoreErrors")
    until(page, READY)
    expect(sign).to_be_hidden()


def test_the_spinner_comes_says_why_and_goes(page: Page, film: str) -> None:
    line = NarrowLine(page)
    page.goto(f"/watch/{film}/")
    line.bring_until(READY)
    begin(page)
    page.evaluate(NOTE_SIGNS)
    page.keyboard.press("9")
    sign = page.locator("[data-waiting]")
    expect(sign).to_be_visible()
    line.open()
    expect(sign).to_be_hidden()
    until(page, "document.querySelector('video').currentTime > 72.2")

    noted = page.evaluate("window.noted")
    assert [one["what"] for one in noted][:2] == ["shown", "gone"]
    assert noted[0]["words"] == "Loading the next seconds…"
