"""The encode worker dies in the middle of a film, and the film is made all the same."""

from __future__ import annotations

import os
import signal

import pytest
from playwright.sync_api import Page

from tests.e2e.visits import PROGRESS, READY, assert_plays, sign_in_as_admin, until, upload, wait_until_made
from tests.media_samples import long_clip
from tests.site_process import Site

pytestmark = pytest.mark.browser


@pytest.mark.timeout(300)
def test_kill_9_mid_encode_ends_in_a_published_video(page: Page, site: Site) -> None:
    sign_in_as_admin(page)
    public_id = upload(page, long_clip(seconds=75, is_instant=False))
    until(
        page,
        f"async id => {{ const made = await ({PROGRESS})(id);"
        " return made.stage === 'encoding' && made.percent > 10; }",
        public_id,
        seconds=60,
    )
    workers = site.pids_of("-Q encode")
    assert workers
    for pid in workers:
        os.kill(pid, signal.SIGKILL)

    # Who waits on its page sees what there is of it, and it is made all the same.
    page.goto(f"/watch/{public_id}/")
    page.evaluate("window.isSamePage = true")
    until(page, READY, seconds=180)
    assert_plays(page)
    wait_until_made(page, public_id, seconds=180)
    assert page.evaluate("window.isSamePage")
