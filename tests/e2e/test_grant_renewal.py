"""Grants run out while one watches, and nobody notices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, Route

from tests.e2e.conftest import Site, start_site, stop_site
from tests.e2e.visits import assert_plays, media_time, sign_in_as_admin, upload, wait_until_made
from tests.media_samples import long_clip

pytestmark = pytest.mark.browser

LIFE_SECONDS = 20
FILM_SECONDS = 75
AHEAD_SECONDS = 10
# How much of the film the player holds beyond the picture it shows.
AHEAD = """() => {
  const { buffered, currentTime } = document.querySelector('video');
  return buffered.length ? buffered.end(buffered.length - 1) - currentTime : 0;
}"""


@pytest.fixture(scope="module")
def hasty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose media addresses live for 20 s."""
    started = start_site(tmp_path_factory.mktemp("hasty"), GRANT_SECONDS=str(LIFE_SECONDS))
    yield started
    stop_site(started)


class NarrowLine:
    """A network that brings each part of the film shortly before its time, so that a player asks all along. A request
    that it held until its grant had run out is refused, and the player has to recover from that unseen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.waiting: list[Route] = []
        page.route("**/media/**/*.mp4", self._hold)

    def _hold(self, route: Route) -> None:
        self.waiting.append(route)

    def bring(self) -> None:
        """Lets the next part through when it is due."""
        if self.waiting and self.page.evaluate(AHEAD) < AHEAD_SECONDS:
            self.waiting.pop(0).continue_()


@pytest.mark.timeout(400)
def test_a_film_plays_on_across_three_grants(browser: Browser, hasty_site: Site) -> None:
    page = browser.new_context(base_url=hasty_site.address).new_page()
    sign_in_as_admin(page)
    public_id = upload(page, long_clip(seconds=FILM_SECONDS))
    wait_until_made(page, public_id)
    grants: list[str] = []

    def note(response: Response) -> None:
        if f"/{public_id}/v" in response.url:
            grant = response.url.split("/media/")[1].split("/")[0]
            grants.extend([grant] if grant not in grants else [])

    page.on("response", note)
    line = NarrowLine(page)
    page.goto(f"/watch/{public_id}/")
    while page.evaluate("(document.querySelector('video')?.readyState ?? 0) < 2"):
        line.bring()
        page.wait_for_timeout(100)
    assert_plays(page)
    page.evaluate("document.querySelector('video').addEventListener('seeking', () => { window.jumped = true; })")
    while media_time(page) < 3 * LIFE_SECONDS + 5:
        before = media_time(page)
        for _ in range(50):
            line.bring()
            page.wait_for_timeout(100)
        assert media_time(page) > before, "the film stands still"
    assert page.evaluate("window.jumped") is None
    assert len(grants) >= 3
