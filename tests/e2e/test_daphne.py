"""The site's other server: `python3 run.py manage runserver`, which is daphne, beside the started site."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page
from websockets import Origin
from websockets.sync.client import connect

from tests.e2e.visits import assert_plays
from tests.site_process import Site, managed_server

pytestmark = pytest.mark.browser


def test_daphne_serves_a_film_its_parts_and_its_socket(page: Page, site: Site, film: str) -> None:
    with managed_server(site) as address:
        page.goto(f"{address}/watch/{film}/")
        assert_plays(page)

        playback = page.request.get(f"{address}/api/videos/{film}/playback/").json()
        master = page.request.get(address + playback["hls"])
        assert master.text().startswith("#EXTM3U")
        assert "daphne" in master.headers["server"].lower()
        rung = playback["mp4"][0]
        part = page.request.get(address + rung["url"], headers={"Range": "bytes=100-1099"})
        assert part.status == 206
        assert part.headers["content-range"] == f"bytes 100-1099/{rung['bytes']}"
        assert len(part.body()) == 1000

        with connect(f"ws://{address.removeprefix('http://')}/ws/v1/videos/{film}/", origin=Origin(address)) as socket:
            snapshot = json.loads(socket.recv(timeout=20))
        assert (snapshot["type"], snapshot["id"], snapshot["progress"]["state"]) == ("video", film, "done")
        page.goto("about:blank")
