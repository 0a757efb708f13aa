"""An upload that was broken off goes on from where it was: after a refusal, in another tab, from the list of what is
unfinished."""

from __future__ import annotations

import os
import re
import signal
import struct
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.e2e.visits import PASSWORD, sign_up, until
from tests.eventually import eventually
from tests.media_samples import sample
from tests.site_process import Site

pytestmark = pytest.mark.browser

FILM_BYTES = 3_500_000
PART_BYTES = 1 << 20  # what the started site asks for
SLOW_BYTES_PER_SECOND = 400_000


def film_at(path: Path, size: int = FILM_BYTES) -> Path:
    """A short film that is long on the way: a box that players skip makes it large."""
    film = sample("no_audio.mp4").read_bytes()
    padding = size - len(film)
    path.write_bytes(film + struct.pack(">I4s", padding, b"free") + bytes(padding - 8))
    return path


class Watched:
    """What a page asks of the uploads' address, and how fast it may send."""

    def __init__(self, page: Page) -> None:
        self.asked: list[tuple[str, int]] = []
        self._line = page.context.new_cdp_session(page)
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if "/api/uploads/" in request.url:
            self.asked.append((request.method, int(request.headers.get("upload-offset", -1))))

    @property
    def announced(self) -> int:
        return sum(method == "POST" for method, _ in self.asked)

    @property
    def lowest_offset(self) -> int:
        return min(offset for method, offset in self.asked if method == "PATCH")

    def limit(self, bytes_per_second: int, *, is_cut: bool = False) -> None:
        conditions = {"offline": is_cut, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
        self._line.send("Network.emulateNetworkConditions", conditions)


def broken_off(page: Page, film: Path, *, at: str = "/upload/") -> None:
    """Sends a good part of a film, then closes its tab."""
    page.goto(at)
    watched = Watched(page)
    watched.limit(SLOW_BYTES_PER_SECOND)
    page.set_input_files("[data-drop] input[type=file]", film)
    expect(page.locator("upload-row [data-figures]")).to_have_text(re.compile(r"1\.[2-9]\d MB of"))
    page.close()


def test_what_is_unfinished_is_listed_and_goes_on_with_the_same_file(page: Page, tmp_path: Path, site: Site) -> None:
    sign_up(page, "returning")
    context = page.context
    film, other = film_at(tmp_path / "half_sent.mp4"), film_at(tmp_path / "another.mp4", FILM_BYTES - 10)
    broken_off(page, film)

    tab = context.new_page()
    tab.goto("/upload/")
    tab.evaluate("localStorage.clear()")  # as on another browser
    watched = Watched(tab)
    listed = tab.locator("[data-unfinished] li")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text(re.compile(r"half_sent\.mp4 \s*[12]\.\d+ MB of 3\.50 MB are here"))
    listed.locator("input[type=file]").set_input_files(other)
    expect(listed.get_by_role("alert")).to_contain_text("This is another file. Choose “half_sent.mp4” (3.50 MB).")
    listed.locator("input[type=file]").set_input_files(film)
    row = tab.locator("upload-row")
    expect(row.locator("input[name=title]")).to_have_value("Half sent")
    expect(row).to_have_attribute("data-state", re.compile("making|ready"), timeout=60_000)
    expect(tab.locator("[data-unfinished]")).to_be_hidden()
    assert watched.announced == 0
    assert watched.lowest_offset >= PART_BYTES
    assert eventually(lambda: not list((site.data_dir / "incoming").glob("*/original")))


def test_what_is_unfinished_can_be_discarded(page: Page, tmp_path: Path, site: Site) -> None:
    sign_up(page, "undecided")
    context = page.context
    broken_off(page, film_at(tmp_path / "never_mind.mp4"))
    tab = context.new_page()
    tab.goto("/upload/")
    tab.locator("[data-unfinished]").get_by_role("button", name="Discard").click()
    expect(tab.locator("[data-unfinished]")).to_be_hidden()
    tab.reload()
    expect(tab.locator("[data-drop]")).to_be_visible()
    until(tab, "async () => (await (await fetch('/api/uploads/')).json()).results.length === 0")
    assert eventually(lambda: not list((site.data_dir / "incoming").glob("*/original")))


@pytest.mark.parametrize("status", [502, 401])
def test_a_refused_question_never_begins_the_film_anew(page: Page, tmp_path: Path, status: int) -> None:
    """A proxy whose site starts anew, a session that is over: what has arrived stays, and the upload goes on there."""
    sign_up(page, f"patient{status}")
    context = page.context
    film = film_at(tmp_path / f"refused-{status}.mp4")
    broken_off(page, film)
    tab = context.new_page()
    refused: list[str] = []

    def refuse(route: Route) -> None:
        if route.request.method == "HEAD" and len(refused) < (2 if status == 502 else 1):
            refused.append(route.request.method)
            route.fulfill(status=status, body="")
        else:
            route.continue_()

    tab.route("**/api/uploads/*/", refuse)
    tab.goto("/upload/")
    watched = Watched(tab)
    tab.set_input_files("[data-drop] input[type=file]", film)
    row = tab.locator("upload-row")
    if status == 401:
        expect(row.locator("[data-line]")).to_contain_text("You are signed out")
        row.get_by_role("button", name="Try again").click()
    expect(row).to_have_attribute("data-state", re.compile("making|ready"), timeout=60_000)
    assert refused
    assert watched.announced == 0
    assert watched.lowest_offset >= PART_BYTES


def test_who_signs_in_again_elsewhere_goes_on_here(page: Page, tmp_path: Path) -> None:
    """The session is over in the middle; signing in in another tab brings a new one, with a token of its own."""
    sign_up(page, "expired")
    page.goto("/upload/")
    watched = Watched(page)
    watched.limit(SLOW_BYTES_PER_SECOND)
    page.set_input_files("[data-drop] input[type=file]", film_at(tmp_path / "long_day.mp4"))
    row = page.locator("upload-row")
    expect(row.locator("[data-figures]")).to_have_text(re.compile(r"1\.[2-9]\d MB of"))
    page.context.clear_cookies()
    expect(row.locator("[data-line]")).to_contain_text("You are signed out", timeout=30_000)
    tab = page.context.new_page()
    tab.goto("/accounts/login/")
    tab.fill("input[name=login]", "expired")
    tab.fill("input[name=password]", PASSWORD)
    tab.click("main form button[type=submit]")
    tab.wait_for_url(re.compile(r"/$"))
    watched.limit(-1)
    row.get_by_role("button", name="Try again").click()
    expect(row).to_have_attribute("data-state", re.compile("making|ready"), timeout=60_000)
    assert watched.announced == 1


def test_what_went_on_and_was_cancelled_can_be_sent_after_all(page: Page, tmp_path: Path, site: Site) -> None:
    sign_up(page, "wavering")
    context = page.context
    film = film_at(tmp_path / "on_second_thoughts.mp4")
    broken_off(page, film)
    tab = context.new_page()
    tab.goto("/upload/")
    watched = Watched(tab)
    watched.limit(SLOW_BYTES_PER_SECOND)
    tab.locator("[data-unfinished] input[type=file]").set_input_files(film)
    row = tab.locator("upload-row")
    expect(row.locator("[data-figures]")).to_have_text(re.compile(r"[23]\.\d+ MB of"))
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_have_attribute("data-state", "cancelled")
    assert eventually(lambda: not list((site.data_dir / "incoming").glob("*/original")))
    watched.limit(-1)
    row.get_by_role("button", name="Try again").click()
    expect(row).to_have_attribute("data-state", re.compile("making|ready"), timeout=60_000)
    assert watched.announced == 1


def test_a_line_that_is_back_is_used_at_once(page: Page, tmp_path: Path) -> None:
    """Pauses between tries grow to minutes; the browser's word that the network is back ends them."""
    sign_up(page, "in_a_tunnel")
    page.clock.install()
    page.goto("/upload/")
    watched = Watched(page)
    watched.limit(SLOW_BYTES_PER_SECOND)
    page.set_input_files("[data-drop] input[type=file]", film_at(tmp_path / "tunnel.mp4"))
    row = page.locator("upload-row")
    expect(row.locator("[data-figures]")).to_have_text(re.compile(r"\d\d\d kB of|1\.\d+ MB of"))
    watched.limit(0, is_cut=True)
    expect(row.locator("[data-line]")).to_have_text("The line broke. It goes on by itself.")
    page.clock.pause_at(page.evaluate("Date.now() + 100"))  # no pause ends by itself from here on
    watched.limit(-1)
    expect(row).to_have_attribute("data-state", re.compile("making|ready"), timeout=60_000)
    assert watched.announced == 1


def test_a_server_that_dies_in_the_middle_is_waited_for(page: Page, tmp_path: Path, site: Site) -> None:
    sign_up(page, "restarted")
    page.goto("/upload/")
    watched = Watched(page)
    watched.limit(SLOW_BYTES_PER_SECOND)
    page.set_input_files("[data-drop] input[type=file]", film_at(tmp_path / "outage.mp4"))
    row = page.locator("upload-row")
    expect(row.locator("[data-figures]")).to_have_text(re.compile(r"1\.[2-9]\d MB of"))
    servers = site.pids_of("config.asgi:application")
    assert servers
    for pid in servers:
        os.kill(pid, signal.SIGKILL)
    expect(row.locator("[data-line]")).to_have_text("The line broke. It goes on by itself.")
    watched.limit(-1)
    expect(row).to_have_attribute("data-state", re.compile("making|ready"), timeout=60_000)
    assert not set(servers) & set(site.pids_of("config.asgi:application"))
    assert watched.announced == 1


def test_a_film_that_is_to_replace_another_goes_on_at_that_film(
    admin_page: Page, film: str, tmp_path: Path, site: Site
) -> None:
    """Where its place is, and nowhere else: the upload page leads there."""
    panel = f"/me/videos/{film}/"
    other = film_at(tmp_path / "second_cut.mp4")
    context = admin_page.context
    admin_page.goto(panel)
    Watched(admin_page).limit(SLOW_BYTES_PER_SECOND)
    admin_page.set_input_files("film-file [data-actions] input[type=file]", other)
    admin_page.locator("film-file").get_by_role("button", name="Replace the file", exact=True).click()
    expect(admin_page.locator("film-file [data-figures]")).to_have_text(re.compile(r"1\.[2-9]\d MB of"))
    admin_page.close()

    tab = context.new_page()
    tab.goto("/upload/")
    listed = tab.locator("[data-unfinished] li")
    expect(listed).to_contain_text("second_cut.mp4")
    expect(listed.locator("label")).to_be_hidden()
    listed.get_by_role("link", name="Go on at its film").click()
    tab.wait_for_url(f"**{panel}")
    watched = Watched(tab)
    watched.limit(SLOW_BYTES_PER_SECOND)
    tab.locator("film-file [data-unfinished] input[type=file]").set_input_files(other)
    sending = tab.locator("film-file [data-sending]")
    expect(sending.locator("[data-figures]")).to_have_text(re.compile(r"[23]\.\d+ MB of"))
    assert watched.lowest_offset >= PART_BYTES
    sending.get_by_role("button", name="Cancel").click()  # the film is everybody's
    expect(tab.locator("film-file [data-said]")).to_have_text("Cancelled")
    expect(tab.locator("film-file [data-unfinished]")).to_be_hidden()
    assert watched.announced == 0
    assert eventually(lambda: not list((site.data_dir / "incoming").glob("*/original")))


def test_an_upload_that_goes_on_in_another_tab_says_so(page: Page, tmp_path: Path) -> None:
    sign_up(page, "two_tabs")
    film = film_at(tmp_path / "twice.mp4", 8_000_000)
    page.goto("/upload/")
    line = Watched(page)
    line.limit(SLOW_BYTES_PER_SECOND)
    page.set_input_files("[data-drop] input[type=file]", film)
    expect(page.locator("upload-row [data-figures]")).to_have_text(re.compile(r"1\.[1-9]\d MB of"))
    tab = page.context.new_page()
    tab.goto("/upload/")
    watched = Watched(tab)
    tab.set_input_files("[data-drop] input[type=file]", film)
    expect(page.locator("upload-row [data-line]")).to_have_text("It is going on in another tab.", timeout=30_000)
    expect(tab.locator("upload-row")).to_have_attribute("data-state", re.compile("making|ready"), timeout=60_000)
    assert watched.announced == 0


def test_the_servers_picture_comes_where_the_browser_cannot_look_itself(page: Page) -> None:
    sign_up(page, "filmed_in_hevc")
    page.goto("/upload/")
    page.set_input_files("[data-drop] input[type=file]", sample("hevc.mkv"))
    still = page.locator("upload-row [data-still] img")
    expect(still).to_be_visible(timeout=60_000)
    assert still.evaluate("picture => picture.naturalWidth") > 0


def test_the_admins_page_lists_what_is_unfinished_too(admin_page: Page, tmp_path: Path) -> None:
    film = film_at(tmp_path / "from_the_desk.mp4")
    context = admin_page.context
    broken_off(admin_page, film, at="/admin/videos/contentmain/add/")
    tab = context.new_page()
    tab.goto("/admin/videos/contentmain/add/")
    tab.locator("[data-unfinished] input[type=file]").set_input_files(film)
    expect(tab.locator("upload-row")).to_have_attribute("data-state", re.compile("making|ready"), timeout=60_000)
    expect(tab.locator("[data-unfinished]")).to_be_hidden()
