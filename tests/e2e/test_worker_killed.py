"""The encode worker dies in the middle of a film, and the film is made all the same."""

from __future__ import annotations

import os
import signal

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Site
from tests.e2e.visits import PROGRESS, assert_plays, sign_in_as_admin, until, upload, wait_until_made
from tests.media_samples import long_clip

pytestmark = pytest.mark.browser


@pytest.mark.timeout(300)
def test_kill_9_mid_encode_ends_in_a_published_video(page: Page, site: Site) -> None:
    sign_in_as_admin(page)
    public_id = upload(page, long_clip(seconds=75))
    until(
        page,
        f"async id => {{ const made = await ({PROGRESS})(id);"
        " return made.stage === 'encoding' && made.percent > 10; }",
        public_id,
        seconds=60,
    )
    workers = site.worker_pids("encode")
    assert workers
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    wait_until_made(page, public_id, seconds=180)
    page.goto(f"/watch/{public_id}/")
    assert_plays(page)
