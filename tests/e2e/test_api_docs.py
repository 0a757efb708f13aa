"""The API's pages work in a browser, from our own files alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_the_pages_of_the_api_show_its_operations(page: Page) -> None:
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if "127.0.0.1" not in request.url else None)
    page.goto("/api/docs/")
    expect(page.locator(".opblock").first).to_be_visible()
    operation = page.locator(".opblock", has=page.locator("[data-path$='/playback/']"))
    operation.locator(".opblock-summary").click()
    expect(operation).to_contain_text("Responses")
    assert [url for url in foreign if not url.startswith(("data:", "blob:"))] == []
