"""An owner stops a film that is being made, lets it go on, gives it up, has it tried again, and has one size made once
more; the pages say what is so."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visits import PROGRESS, READY, assert_plays, look, sign_up, until, upload, wait_until_made
from tests.eventually import eventually
from tests.media_samples import long_clip
from tests.site_process import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

ENCODING = (
    f"async id => {{ const made = await ({PROGRESS})(id); return made.stage === 'encoding' && made.percent > 4; }}"
)


def job_of(page: Page, public_id: str) -> str:
    return str(page.request.get(f"/api/videos/{public_id}/progress/").json()["job"]["id"])


def encoders(site: Site) -> list[int]:
    return site.pids_of("ffmpeg")


def test_a_film_is_paused_resumed_cancelled_and_made_after_all(page: Page, site: Site) -> None:
    sign_up(page, "steerer")
    public_id = upload(page, long_clip(seconds=75, is_instant=False))
    until(page, ENCODING, public_id, seconds=90)
    row = page.locator("upload-row")
    look(page, "row-running")
    row.get_by_role("button", name="Stop making it").click()
    look(page, "row-asked")
    row.get_by_role("button", name="Go on making it").click()
    expect(row.get_by_role("button", name="Pause")).to_be_visible()
    row.get_by_role("button", name="Stop making it").click()
    row.get_by_role("button", name="Yes, stop it").click()
    expect(row).to_have_attribute("data-state", "failed")
    expect(row.locator("[data-line]")).to_have_text("Its owner stopped the making of this film.")
    look(page, "row-cancelled")
    row.locator("job-buttons").get_by_role("button", name="Try again").click()
    expect(row).to_have_attribute("data-state", "making")
    until(page, ENCODING, public_id, seconds=90)
    row.get_by_role("button", name="Pause").click()
    expect(row.locator("making-of")).to_contain_text("Paused")
    assert eventually(lambda: encoders(site) == []), "who worked on it has stopped"
    look(page, "row-paused")

    page.goto(f"/me/videos/{public_id}/")
    panel = page.locator("film-making")
    expect(panel).to_contain_text("Paused")
    panel.get_by_text("What was done").click()
    expect(panel.locator(".account")).to_contain_text("Looking at the file")
    look(page, "panel-paused")
    panel.get_by_role("button", name="Go on").click()
    expect(panel.get_by_role("button", name="Pause")).to_be_visible()
    until(page, ENCODING, public_id, seconds=60)
    look(page, "panel-running")

    panel.get_by_role("button", name="Stop making it").click()
    panel.get_by_role("button", name="Yes, stop it").click()
    expect(panel).to_contain_text("stopped the making")
    assert eventually(lambda: encoders(site) == [])
    look(page, "panel-cancelled")
    panel.get_by_role("button", name="Try again").click()
    expect(panel.get_by_role("button", name="Pause")).to_be_visible()
    wait_until_made(page, public_id, seconds=180)
    expect(panel.locator(".owner__again")).to_be_visible()
    part = panel.locator("li", has_text="Making a part in every size").first
    part.locator("summary").first.click()
    part.locator(".account__command summary").first.click()
    command = part.locator("pre").first
    expect(command).to_contain_text("ffmpeg")
    expect(command).not_to_contain_text(str(site.data_dir))
    look(page, "panel-done")

    page.goto(f"/watch/{public_id}/")
    until(page, READY, seconds=60)
    page.locator(".owner__summary").click()
    panel = page.locator("film-making")
    first = job_of(page, public_id)
    panel.locator(".owner__again button").last.click()
    expect(panel.get_by_role("button", name="Pause")).to_be_visible()
    assert job_of(page, public_id) != first
    assert_plays(page)
    wait_until_made(page, public_id, seconds=120)
    expect(panel.locator(".owner__again")).to_be_visible()
    look(page, "watch-done")
    heights = page.request.get(f"/api/videos/{public_id}/playback/").json()["mp4"]
    assert [each["height"] for each in heights] == [360], "the same sizes as before, one of them new"
