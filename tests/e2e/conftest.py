"""The really started application (`python3 run.py`) on a free port with its own data folder, and Chromium to look at
it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
ADMIN_PASSWORD = "a very good password"
START_SECONDS = 90
BROWSER_ARGUMENTS = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio"]


def chromium_path() -> str | None:
    """CHROMIUM, else the first browser on PATH that plays H.264."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next((found for name in names if (found := shutil.which(name))), None)


@dataclass(frozen=True)
class Site:
    """A running Matinee."""

    address: str
    data_dir: Path
    process: subprocess.Popen[bytes]

    def get(self, path: str) -> dict[str, object]:
        """A JSON document of the site, as a guest sees it."""
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:
            body: dict[str, object] = json.load(answer)
            return body

    def worker_pids(self, lane: str) -> list[int]:
        """Processes of a lane's worker, the pool's children included."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    environment = (entry / "environ").read_bytes()
                except OSError:
                    continue  # gone, or not ours
                if "celery" in command and f"-Q {lane}" in command and str(self.data_dir).encode() in environment:
                    found.append(int(entry.name))
        return found


def start_site(data_dir: Path, **environment: str) -> Site:
    """Starts the application and waits until it can work."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = data_dir.parent / f"{data_dir.name}.log"
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DATA_DIR"}
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "run.py"), "--port", str(port), "--data-dir", str(data_dir), "--no-demo"],
            cwd=ROOT,
            env={**clean, "ADMIN_PASSWORD": ADMIN_PASSWORD, "DISK_RESERVE_BYTES": "1000000", **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    site = Site(f"http://127.0.0.1:{port}", data_dir, process)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if site.get("/readyz")["status"] == "ok":
                return site
        except OSError:
            if process.poll() is not None:
                break
        time.sleep(0.3)
    stop_site(site)
    pytest.fail(f"the application did not become ready:\n{log.read_text('utf-8', 'replace')[-4000:]}")


def stop_site(site: Site) -> None:
    """Ends it as Ctrl-C would; what does not end is killed."""
    if site.process.poll() is None:
        site.process.send_signal(signal.SIGTERM)
        try:
            site.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(site.process.pid, signal.SIGKILL)
            site.process.wait(5)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One application for all tests that do not break it."""
    started = start_site(tmp_path_factory.mktemp("site"))
    yield started
    stop_site(started)


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright_driver: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, or the user's own. No autoplay flag: a film starts when somebody presses play."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium found: set CHROMIUM or install Debian's package chromium")
    launched = playwright_driver.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
    yield launched
    launched.close()


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A fresh visitor."""
    opened = browser.new_context(base_url=site.address, viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield opened
    opened.close()


class Faults:
    """What went wrong on a tab without anybody seeing it: script errors and breaches of the content security policy."""

    def __init__(self, tab: Page) -> None:
        self.seen: list[str] = []
        tab.on("pageerror", lambda error: self.seen.append(str(error)))
        tab.on("console", self._listen)

    def _listen(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.seen.append(message.text)


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """The visitor's tab. A script error or a breach of the content security policy on it fails the test."""
    tab = context.new_page()
    faults = Faults(tab)
    yield tab
    assert faults.seen == []
