"""Grants run out while one watches, and nobody notices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Response

from tests.e2e.conftest import Visitors
from tests.e2e.narrow_line import NarrowLine
from tests.e2e.visits import (
    ADMIN_PASSWORD,
    READY,
    assert_plays,
    media_time,
    sign_in_as_admin,
    upload,
    wait_until_made,
)
from tests.media_samples import long_clip
from tests.site_process import Site, started_site

pytestmark = pytest.mark.browser

LIFE_SECONDS = 20
FILM_SECONDS = 75


@pytest.fixture(scope="module")
def hasty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose media addresses live for 20 s."""
    folder = tmp_path_factory.mktemp("hasty")
    with started_site(folder, ADMIN_PASSWORD=ADMIN_PASSWORD, GRANT_SECONDS=str(LIFE_SECONDS)) as started:
        yield started


@pytest.mark.timeout(400)
def test_a_film_plays_on_across_three_grants(visitor: Visitors, hasty_site: Site) -> None:
    """A request that the line held until its grant had run out is refused, and the player recovers from that unseen."""
    page = visitor(at=hasty_site)
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
    line.bring_until(READY)
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
