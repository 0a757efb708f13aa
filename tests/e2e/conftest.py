"""One started site and one made film for all tests, and Chromium with its visitors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Protocol  # the options of a browser context are Playwright's own

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FilePayload,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from config.cli.testing import chromium
from tests.e2e.visits import ADMIN_PASSWORD, sign_in_as_admin
from tests.media_places import s3_server
from tests.media_samples import long_clip
from tests.site_process import Site, started_site

__all__ = ["s3_server"]

FILM_SECONDS = 80
expect.set_options(timeout=20_000)  # the machine may do something else at the same time


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One application for all tests that do not break it."""
    folder = tmp_path_factory.mktemp("site")
    with started_site(folder, ADMIN_PASSWORD=ADMIN_PASSWORD, UPLOAD_PART_BYTES=str(1 << 20)) as started:
        yield started


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright_driver: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, or the user's own. No autoplay flag: a film starts when somebody presses play."""
    path = chromium.installed(os.environ)
    if not path:
        pytest.skip("no Chromium found: set CHROMIUM or install Debian's package chromium")
    launched = playwright_driver.chromium.launch(executable_path=path, args=[*chromium.ARGUMENTS])
    yield launched
    launched.close()


class Faults:
    """What goes wrong without anybody seeing it: script errors and breaches of the content security policy."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        """Every tab of it, those that are still to come too."""
        context.on("weberror", lambda web_error: self.seen.append(str(web_error.error)))
        context.on("console", self._listen)

    def _listen(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.seen.append(message.text)


class Visitors(Protocol):
    """`visitor()`: the tab of somebody new; `visitor(at=other_site, has_touch=True)`: somewhere else, otherwise."""

    def __call__(self, *, at: Site | None = None, **options: Any) -> Page: ...


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Visitors]:
    """Opens the door to as many visitors as a test wants. A script error or a breach of the content security policy on
    any tab of theirs fails it."""
    contexts: list[BrowserContext] = []
    faults = Faults()

    def enter(*, at: Site | None = None, **options: Any) -> Page:
        settings = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options}
        context = browser.new_context(base_url=(at or site).address, **settings)
        contexts.append(context)
        faults.watch(context)
        return context.new_page()

    yield enter
    for context in contexts:
        context.close()
    assert faults.seen == []


@pytest.fixture
def page(visitor: Visitors) -> Page:
    """The tab of one new visitor."""
    return visitor()


@pytest.fixture(scope="session")
def _admin_cookies(browser: Browser, site: Site) -> object:
    context = browser.new_context(base_url=site.address)
    sign_in_as_admin(context.new_page())
    cookies = context.storage_state()
    context.close()
    return cookies


@pytest.fixture
def admin_page(visitor: Visitors, _admin_cookies: object) -> Page:
    """The tab of the administrator, signed in. What it uploads is approved at once."""
    return visitor(storage_state=_admin_cookies)


def send(driver: Playwright, site: Site, title: str, file: FilePayload) -> str:
    """Public id of a film that everybody may watch, sent as a program would, and made."""
    login = driver.request.new_context(base_url=site.address)
    token = login.post("/api/auth/login/", data={"login": "admin", "password": ADMIN_PASSWORD}).json()["token"]
    program = driver.request.new_context(base_url=site.address, extra_http_headers={"Authorization": f"Bearer {token}"})
    sent = program.post("/api/videos/", multipart={"title": title, "file": file})
    assert sent.status == 201, sent.text()
    public_id: str = sent.json()["id"]
    site.wait_until(lambda: program.get(f"/api/videos/{public_id}/progress/").json()["state"] == "done")
    login.dispose()
    program.dispose()
    return public_id


@pytest.fixture(scope="session")
def film(playwright_driver: Playwright, site: Site) -> str:
    """Public id of a film of FILM_SECONDS in two sizes. Nobody changes it."""
    clip = long_clip(seconds=FILM_SECONDS, size="854x480", rate=12).read_bytes()
    return send(playwright_driver, site, "The Long Walk", {"name": "walk.mp4", "mimeType": "video/mp4", "buffer": clip})
