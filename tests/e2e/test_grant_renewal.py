"""Grants run out while one watches, and nobody notices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.e2e.conftest import Site, start_site, stop_site
from tests.e2e.visits import assert_plays, media_time, sign_in_as_admin, until, upload, wait_until_made
from tests.media_samples import long_clip

pytestmark = pytest.mark.browser

LIFE_SECONDS = 20


@pytest.fixture(scope="module")
def hasty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose media addresses live for 20 s."""
    started = start_site(tmp_path_factory.mktemp("hasty"), GRANT_SECONDS=str(LIFE_SECONDS))
    yield started
    stop_site(started)


@pytest.mark.timeout(300)
def test_a_film_plays_on_across_three_grants(browser: Browser, hasty_site: Site) -> None:
    page: Page = browser.new_context(base_url=hasty_site.address).new_page()
    sign_in_as_admin(page)
    public_id = upload(page, long_clip(seconds=75))
    wait_until_made(page, public_id)
    grants: list[str] = []
    refused: list[str] = []

    def note(response: Response) -> None:
        url, status = response.url, response.status
        if "/media/" in url and f"/{public_id}/v" in url:
            grant = url.split("/media/")[1].split("/")[0]
            if grant not in grants:
                grants.append(grant)
            if status >= 400:
                refused.append(url)

    page.on("response", note)
    page.goto(f"/watch/{public_id}/")
    assert_plays(page)
    page.evaluate("""() => {
      window.waits = 0;
      document.querySelector('video').addEventListener('waiting', () => { window.waits += 1; });
    }""")
    for moment in (22, 44, 66):
        until(page, f"document.querySelector('video').currentTime > {moment}", seconds=60)
        assert media_time(page) > moment
    assert page.evaluate("window.waits") == 0
    assert refused == []
    # The player keeps about 30 s ahead, so the last bytes of 75 s are asked for well after the second grant has ended.
    assert len(grants) >= 3
