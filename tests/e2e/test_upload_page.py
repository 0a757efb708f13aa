"""Several films at once through the upload page: a row each, progress, cancelling, a warning on leaving."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.e2e.visits import sign_up, until
from tests.eventually import eventually
from tests.media_samples import sample
from tests.site_process import Site

pytestmark = pytest.mark.browser

FILM_BYTES = 1_500_000
SLOW_BYTES_PER_SECOND = 150_000


def _film(name: str, size: int = FILM_BYTES) -> FilePayload:
    """A short film that is long on the way: a box that players skip makes it large."""
    film = sample("no_audio.mp4").read_bytes()
    padding = size - len(film)
    return {
        "name": name,
        "mimeType": "video/mp4",
        "buffer": film + struct.pack(">I4s", padding, b"free") + bytes(padding - 8),
    }


class _Line:
    """How fast a page sends."""

    def __init__(self, page: Page) -> None:
        self._settings = page.context.new_cdp_session(page)

    def limit(self, bytes_per_second: int, *, is_cut: bool = False) -> None:
        """-1: as fast as it goes."""
        conditions = {"offline": is_cut, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
        self._settings.send("Network.emulateNetworkConditions", conditions)


def _incoming(site: Site) -> list[Path]:
    return list((site.data_dir / "incoming").glob("*/original"))


def test_several_films_travel_at_once_and_one_is_taken_back(page: Page, site: Site) -> None:
    sign_up(page, "sender")
    page.goto("/upload/")
    line = _Line(page)
    line.limit(SLOW_BYTES_PER_SECOND)
    page.set_input_files("input[type=file]", [_film("my_first-walk.mp4"), _film("The rain.mp4"), _film("last_day.mp4")])

    rows = page.locator("upload-row")
    expect(rows).to_have_count(3)
    first, rain, last = (rows.nth(place) for place in range(3))
    titles = [row.locator("input[name=title]").input_value() for row in (first, rain, last)]
    assert titles == ["My first walk", "The rain", "Last day"]
    expect(last).to_have_attribute("data-state", "waiting")
    expect(first.locator("[data-figures]")).to_have_text(re.compile(r"kB of 1\.50 MB · [\d.]+ kB a second · .* left"))
    assert 0 < first.locator("progress[data-bar]").evaluate("bar => bar.value / bar.max") < 1

    page.evaluate("scrollTo(0, 0)")
    expect(first.get_by_role("button", name="Cancel")).to_be_in_viewport()
    assert eventually(lambda: len(_incoming(site)) == 2)
    rain.get_by_role("button", name="Cancel").click()
    expect(rain).to_have_attribute("data-state", "cancelled")
    expect(last).to_have_attribute("data-state", "sending")

    with page.expect_event("dialog") as warning:
        page.close(run_before_unload=True)
    assert warning.value.type == "beforeunload"
    warning.value.dismiss()
    line.limit(-1)
    for row in (first, last):
        expect(row).to_have_attribute("data-state", "ready", timeout=60_000)
    expect(rain).to_have_attribute("data-state", "cancelled")

    page.goto("/me/videos/")  # a warning would be refused, and fail this
    expect(page.locator("[data-mine]")).to_have_count(2)
    expect(page.locator("main")).not_to_contain_text("The rain")
    assert eventually(lambda: not _incoming(site))


def test_cancelling_after_the_last_byte_makes_no_second_film(page: Page) -> None:
    """The answer to the last part is on its way while somebody gives up: there is a film, and the page says so."""
    sign_up(page, "too_late")
    arrived: list[str] = []

    def hold(route: Route) -> None:
        if route.request.method != "PATCH":
            route.continue_()
            return
        arrived.append(route.fetch().headers.get("matinee-video", ""))  # and the page never hears of it

    page.route("**/api/uploads/*/", hold)
    page.goto("/upload/")
    page.set_input_files("input[type=file]", _film("hesitant.mp4", 1_000_000))
    row = page.locator("upload-row")
    until(page, "async () => (await (await fetch('/api/videos/?mine=true')).json()).count === 1")
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_have_attribute("data-state", re.compile("making|ready"))
    expect(row.get_by_role("link", name="Open its page")).to_have_attribute("href", f"/watch/{arrived[0]}/")


def test_an_upload_outlives_a_lost_line_and_a_closed_tab(page: Page, tmp_path: Path) -> None:
    sign_up(page, "traveller")
    page.goto("/upload/")
    line = _Line(page)
    line.limit(2 * SLOW_BYTES_PER_SECOND)
    film = tmp_path / "a_long_way.mp4"
    film.write_bytes(_film(film.name, 3_500_000)["buffer"])
    page.set_input_files("input[type=file]", film)
    row = page.locator("upload-row")
    expect(row.locator("[data-figures]")).to_have_text(re.compile(r"[3-9]\d\d kB of"))
    line.limit(0, is_cut=True)
    expect(row.locator("[data-line]")).to_have_text("The line broke. It goes on by itself.")
    line.limit(2 * SLOW_BYTES_PER_SECOND)
    expect(row.locator("[data-figures]")).to_have_text(re.compile(r"2\.[2-9]\d MB of"))

    tab = page.context.new_page()
    page.close()
    tab.goto("/upload/")
    offsets: list[int] = []
    tab.on("request", lambda request: offsets.append(int(request.headers.get("upload-offset", 0))))
    tab.set_input_files("input[type=file]", film)
    row = tab.locator("upload-row")
    row.locator("input[name=title]").fill("A Longer Way")
    row.locator("input[name=title]").blur()
    expect(row).to_have_attribute("data-state", "ready", timeout=60_000)
    assert min(offset for offset in offsets if offset) >= 2 << 20
    tab.goto("/me/videos/")
    expect(tab.locator("[data-mine]")).to_have_count(1)
    expect(tab.locator("main")).to_contain_text("A Longer Way")
