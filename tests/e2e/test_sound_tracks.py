"""A film with several sound tracks: the menu tells them, the choice is heard and remembered; films are equally loud."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, Playwright, expect

from tests.e2e.conftest import Visitors, send
from tests.e2e.visits import begin, media_time, until
from tests.media_samples import AAC, H264, ffmpeg, media_folder, numbered
from tests.site_process import Site

pytestmark = pytest.mark.browser

SECONDS = 40
TONES = (300, 1500, 3000)
# How strong a tone is in what the film sounds like, before anybody's volume: decibels of the nearest bin.
HEARD = """async hertz => {
  const video = document.querySelector('video');
  window.ear ??= (() => {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 4096;
    context.createMediaStreamSource(video.captureStream()).connect(analyser);
    return {context, analyser};
  })();
  const {context, analyser} = window.ear;
  await context.resume();
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  return bins[Math.round(hertz * analyser.fftSize / context.sampleRate)];
}"""
OWN_VOLUME = (
    "Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'volume').get.call(document.querySelector('video'))"
)


def _film() -> Path:
    """A low tone, quiet, as the main track; a high one, loud; a very high one as commentary."""
    path = media_folder() / "two-languages.mkv"
    tones = [
        argument
        for hertz in TONES
        for argument in ("-f", "lavfi", "-i", f"sine=frequency={hertz}:sample_rate=48000:duration={SECONDS}")
    ]
    ffmpeg(
        *numbered("640x360", seconds=SECONDS), *tones,
        "-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:a", *H264, *AAC,
        "-filter:a:0", "volume=-6dB", "-filter:a:1", "volume=12dB",
        "-metadata:s:a:0", "language=chi", "-metadata:s:a:0", "title=国语", "-metadata:s:a:1", "language=eng",
        "-metadata:s:a:2", "language=eng", "-metadata:s:a:2", "title=Director's commentary",
        "-disposition:a:0", "default", "-disposition:a:1", "0", "-disposition:a:2", "0", path,
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def film_id(playwright_driver: Playwright, site: Site) -> str:
    """Nobody changes it."""
    file: FilePayload = {"name": "two.mkv", "mimeType": "video/x-matroska", "buffer": _film().read_bytes()}
    return send(playwright_driver, site, "Two Languages", file)


def _open_menu(page: Page) -> None:
    if page.evaluate("document.querySelector('media-settings-menu').hidden"):
        page.locator("media-settings-menu-button").click()


def _choose_sound(page: Page, name: str) -> None:
    _open_menu(page)
    page.locator("media-settings-menu-item", has_text="Sound").first.click()
    page.locator("media-audio-track-menu").get_by_text(name, exact=True).click()


def _hears(page: Page, hertz: int) -> None:
    """This tone, and none of the others."""
    others = [other for other in TONES if other != hertz]
    until(page, f"async () => {{ const hear = {HEARD}; const others = await Promise.all({others}.map(hear));"
          f" return await hear({hertz}) > Math.max(...others) + 20; }}")  # fmt: skip


def test_the_viewer_chooses_a_track_by_its_name_and_finds_it_again(film_id: str, visitor: Visitors) -> None:
    page = visitor()
    page.goto(f"/watch/{film_id}/")
    begin(page)
    _hears(page, 300)
    before = media_time(page)
    _choose_sound(page, "English")
    _hears(page, 1500)
    assert not page.evaluate("document.querySelector('video').paused")
    assert before < media_time(page) < before + 15
    _open_menu(page)
    entry = page.locator("media-settings-menu-item", has_text="Sound").first
    expect(entry).to_contain_text("English")
    page.reload()
    begin(page)
    _hears(page, 1500)
    _choose_sound(page, "English (Director's commentary)")
    _hears(page, 3000)


def test_a_film_with_one_track_offers_no_choice_of_sound(film: str, page: Page) -> None:
    page.goto(f"/watch/{film}/")
    begin(page)
    _open_menu(page)
    expect(page.locator("media-settings-menu-item", has_text="Quality").first).to_be_visible()
    expect(page.locator("media-settings-menu-item", has_text="Sound").first).to_be_hidden()


def test_loud_sound_is_lowered_behind_the_viewers_back_and_only_while_they_wish(film_id: str, page: Page) -> None:
    page.goto(f"/watch/{film_id}/")
    begin(page)
    sounds = page.evaluate("async id => (await (await fetch(`/api/videos/${id}/playback/`)).json()).sounds", film_id)
    gains = {sound["language"]: sound["loudness"]["gain_db"] for sound in sounds[:2]}
    assert gains["en"] < -3
    _choose_sound(page, "English")
    lowered = 10 ** (gains["en"] / 20)
    until(page, f"Math.abs({OWN_VOLUME} - {lowered}) < 0.001")
    assert page.evaluate("document.querySelector('video').volume") == 1
    page.evaluate("document.querySelector('video').volume = 0.5")
    assert page.evaluate(OWN_VOLUME) == pytest.approx(lowered / 2, abs=1e-3)
    assert page.evaluate("document.querySelector('media-volume-range').mediaVolume") == 0.5

    _open_menu(page)
    page.get_by_role("menuitemcheckbox", name="Even loudness").click()
    until(page, f"{OWN_VOLUME} === 0.5")
    page.reload()
    begin(page)
    assert page.evaluate(OWN_VOLUME) == 0.5, "what was remembered is what the viewer chose"
    _open_menu(page)
    entry = page.get_by_role("menuitemcheckbox", name="Even loudness")
    expect(entry).to_have_attribute("aria-checked", "false")
    entry.press("Enter")
    until(page, f"Math.abs({OWN_VOLUME} - {lowered / 2}) < 0.001")
    assert page.evaluate("document.querySelector('video').volume") == 0.5


def test_quiet_sound_is_raised_and_the_picture_goes_on(film_id: str, page: Page) -> None:
    page.add_init_script(
        "const made = AudioContext.prototype.createGain;"
        "AudioContext.prototype.createGain = function () { return window.gainNode = made.call(this); };"
    )
    page.goto(f"/watch/{film_id}/")
    begin(page)
    sounds = page.evaluate("async id => (await (await fetch(`/api/videos/${id}/playback/`)).json()).sounds", film_id)
    raised = 10 ** (sounds[0]["loudness"]["gain_db"] / 20)
    assert raised > 1.1
    until(page, f"Math.abs((window.gainNode?.gain.value ?? 0) - {raised}) < 0.01")
    assert page.evaluate(OWN_VOLUME) == 1
    at = media_time(page)
    until(page, f"document.querySelector('video').currentTime > {at} + 1")
    _choose_sound(page, "English")
    until(page, "Math.abs(window.gainNode.gain.value - 1) < 0.01")
