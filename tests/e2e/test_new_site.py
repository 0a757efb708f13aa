"""A new site, as a newcomer starts it: its home page fills with the demonstration films while one looks. Meanwhile
somebody watches, grants run out, and nobody notices. One story, because a start and three films are dear."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Response, expect

from tests.e2e.conftest import Visitors
from tests.e2e.narrow_line import NarrowLine
from tests.e2e.visits import READY, assert_plays, media_time, sign_up, upload, wait_until_made
from tests.media_samples import long_clip
from tests.site_process import Site, started_site

pytestmark = pytest.mark.browser

LIFE_SECONDS = 12
CAPTIONS = """[...document.querySelector('video').textTracks]
  .some(track => track.mode === 'showing' && track.activeCues?.[0]?.text === 'Still here')"""
FILM_SECONDS = 75
DEMO_TITLES = ("Harbour Light", "The Coast That Never Ends", "Windows at Night")


@pytest.fixture(scope="module")
def new_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A first start, demonstration films and all; its media addresses live for 12 s."""
    folder = tmp_path_factory.mktemp("new")
    with started_site(folder, has_demo=True, GRANT_SECONDS=str(LIFE_SECONDS)) as started:
        yield started


@pytest.mark.timeout(400)
def test_a_new_site_fills_while_a_film_plays_on_across_three_grants(visitor: Visitors, new_site: Site) -> None:
    home = visitor(at=new_site)
    home.goto("/")
    home.evaluate("window.isSamePage = true")

    page = visitor(at=new_site)
    sign_up(page, "newcomer")
    public_id = upload(page, long_clip(seconds=FILM_SECONDS, size="320x180"))
    wait_until_made(page, public_id)
    _add_captions(page, public_id)
    _assert_plays_across_grants(page, public_id)

    for title in DEMO_TITLES:
        expect(home.locator("#programme")).to_contain_text(title, timeout=120_000)
    assert home.evaluate("window.isSamePage")


def _add_captions(page: Page, public_id: str) -> None:
    """Nobody switches them on before the grant they were first told under has died."""
    words = f"00:00:00,000 --> 00:0{FILM_SECONDS // 60}:{FILM_SECONDS % 60},000\nStill here\n".encode()
    page.goto(f"/me/videos/{public_id}/")
    panel = page.locator("film-captions")
    panel.locator("input[type=file]").set_input_files(
        {"name": "words.en.srt", "mimeType": "text/plain", "buffer": words}
    )
    expect(panel.get_by_role("listitem")).to_have_count(1)


def _assert_plays_across_grants(page: Page, public_id: str) -> None:
    """A request that the line held until its grant had run out is refused, and the player recovers from that unseen."""
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
    page.keyboard.press("c")
    line.bring_until(CAPTIONS)
