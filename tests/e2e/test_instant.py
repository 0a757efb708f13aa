"""A film plays as soon as it has arrived, and nobody who watches it notices that its rungs arrive."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visits import PROGRESS, READY, begin, choose_quality, media_time, sign_in_as_admin, until, upload
from tests.media_samples import AAC, H264, NUMBER_BITS, beeps, ffmpeg, media_folder, numbered

pytestmark = pytest.mark.browser

RATE = 25
# The number that is burned into the next frame on the screen, and the frame's own time.
FRAME = f"""() => new Promise((resolve) => {{
  const video = document.querySelector('video');
  video.requestVideoFrameCallback((_, {{ mediaTime }}) => {{
    const canvas = document.createElement('canvas');
    canvas.width = 8 * {NUMBER_BITS};
    canvas.height = 48;
    const pen = canvas.getContext('2d');
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const row = pen.getImageData(0, 6, canvas.width, 1).data;
    let number = 0;
    for (let bit = 0; bit < {NUMBER_BITS}; bit += 1) number += row[4 * (8 * bit + 4)] > 128 ? 2 ** bit : 0;
    resolve([number, mediaTime]);
  }});
}})"""
RUNGS = "document.querySelector('video').videoRenditions.length"


def _numbered_film() -> Path:
    path = media_folder() / "numbered-film.mp4"
    ffmpeg(*numbered("854x480", seconds=70), *beeps(70), *H264, "-g", "50", *AAC, path)
    return path


def _assert_frames_are_in_time(page: Page, count: int) -> None:
    for _ in range(count):
        number, at = page.evaluate(FRAME)
        assert number == pytest.approx(at * RATE, abs=1)


@pytest.mark.timeout(300)
def test_a_film_plays_at_once_and_goes_on_untouched_while_its_rungs_arrive(page: Page) -> None:
    sign_in_as_admin(page)
    public_id = upload(page, _numbered_film())
    page.goto(f"/watch/{public_id}/")
    until(page, READY)
    made = page.evaluate(PROGRESS, public_id)
    assert made["state"] != "done"
    assert page.evaluate(RUNGS) < 2
    notice = page.get_by_text("What is still missing is being made")
    expect(notice).to_be_visible()
    begin(page)
    page.evaluate("document.querySelector('video').addEventListener('emptied', () => { window.wasEmptied = true; })")
    _assert_frames_are_in_time(page, 5)

    # Slowly, so that the film outlasts the encoder on any machine.
    page.evaluate("document.querySelector('video').playbackRate = 0.25")
    until(page, f"{RUNGS} > 1", seconds=180)
    page.evaluate("document.querySelector('video').playbackRate = 1")
    assert page.evaluate(PROGRESS, public_id)["stage"] in {"publishing", "done"}
    assert page.evaluate("window.wasEmptied") is None
    expect(notice).to_be_hidden()
    assert not page.evaluate("document.querySelector('video').paused")
    before = media_time(page)
    assert before > 0

    choose_quality(page, "360p")
    until(page, "document.querySelector('video').videoHeight === 360 && !document.querySelector('video').paused")
    assert page.evaluate("window.wasEmptied")
    assert media_time(page) >= before
    _assert_frames_are_in_time(page, 5)


HEVC = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p"]


@pytest.mark.timeout(300)
def test_what_browsers_cannot_play_is_watched_while_it_is_made(page: Page) -> None:
    """From its first part to its last frame, without a break when the ladder takes the parts' place."""
    film = media_folder() / "numbered-hevc.mkv"
    ffmpeg(*numbered("854x480", seconds=26), *beeps(26), *HEVC, *AAC, film)
    sign_in_as_admin(page)
    public_id = upload(page, film)
    page.goto(f"/watch/{public_id}/")
    until(page, READY, seconds=60)
    assert page.evaluate(PROGRESS, public_id)["state"] != "done"
    begin(page)
    page.evaluate("document.querySelector('video').addEventListener('emptied', () => { window.wasEmptied = true; })")
    _assert_frames_are_in_time(page, 5)
    until(page, "document.querySelector('video').webkitAudioDecodedByteCount > 0")
    until(page, "document.querySelector('video').ended", seconds=120)
    assert media_time(page) == pytest.approx(26, abs=0.1)
    assert page.evaluate("window.wasEmptied") is None
    until(page, f"async id => (await ({PROGRESS})(id)).state === 'done'", public_id, seconds=120)


@pytest.mark.timeout(200)
def test_another_container_is_copied_and_plays_before_anything_is_encoded(page: Page) -> None:
    sign_in_as_admin(page)
    matroska = media_folder() / "numbered-film.mkv"
    ffmpeg(*numbered("854x480", seconds=40), *beeps(40), *H264, "-g", "50", *AAC, matroska)
    public_id = upload(page, matroska)
    page.goto(f"/watch/{public_id}/")
    until(page, READY, seconds=60)
    assert page.evaluate(PROGRESS, public_id)["state"] != "done"
    begin(page)
    _assert_frames_are_in_time(page, 5)
