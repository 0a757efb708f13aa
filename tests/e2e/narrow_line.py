"""A network that is as slow as a test wants it."""

from __future__ import annotations

import time

from playwright.sync_api import Page, Route

PATIENCE_SECONDS = 60
# How much of the film the player holds beyond the picture it shows.
AHEAD = """() => {
  const video = document.querySelector('video');
  const { buffered, currentTime } = video ?? { buffered: [], currentTime: 0 };
  return buffered.length ? buffered.end(buffered.length - 1) - currentTime : 0;
}"""


class NarrowLine:
    """Holds the parts of a film and brings each shortly before its time, so that a player asks all along."""

    def __init__(self, page: Page, *, ahead_seconds: float = 10) -> None:
        self.page = page
        self.ahead_seconds = ahead_seconds
        self.waiting: list[Route] = []
        self.is_open = False
        page.route("**/media/**/*.mp4", self._hold)

    def _hold(self, route: Route) -> None:
        if self.is_open:
            route.continue_()
        else:
            self.waiting.append(route)

    def bring(self) -> None:
        """Lets the next part through when it is due."""
        if self.waiting and self.page.evaluate(AHEAD) < self.ahead_seconds:
            self.waiting.pop(0).continue_()

    def bring_until(self, expression: str) -> None:
        """Serves until the expression is true in the page."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, f"not true after {PATIENCE_SECONDS} s: {expression}"
            self.bring()
            self.page.wait_for_timeout(50)

    def open(self) -> None:
        """From now on everything passes at once."""
        self.is_open = True
        while self.waiting:
            self.waiting.pop(0).continue_()
