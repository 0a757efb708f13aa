"""Captions in several languages and chapters, as viewers choose them and as the film's owner puts them there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, FilePayload, Page, Playwright, Route, expect

from tests.e2e.conftest import Visitors, send
from tests.e2e.visits import ADMIN_PASSWORD, READY, begin, until
from tests.media_samples import AAC, H264, beeps, ffmpeg, long_clip, numbered
from tests.site_process import Site

pytestmark = pytest.mark.browser

SECONDS = 40
WORDS = {"en": "Good evening", "zh-Hans": "晚上好", "de": "Schild: Bahnhof"}
# The text of the captions that the browser shows now, by their language.
SHOWN = """() => {
  const track = [...document.querySelector('video').textTracks].find(one => one.mode === 'showing');
  return track ? `${track.language}: ${[...(track.activeCues ?? [])].map(cue => cue.text).join()}` : 'off';
}"""
HERE = "seconds => { document.querySelector('video').currentTime = seconds; }"
CHAPTERS = [{"start_seconds": 0, "title": "Rain & <b>wind</b>"}, {"start_seconds": 20, "title": ""}]


def srt(text: str) -> bytes:
    """One line of dialogue for the whole film."""
    return f"1\n00:00:00,000 --> 00:00:{SECONDS - 1},000\n{text}\n".encode()


@pytest.fixture(scope="module")
def program(playwright_driver: Playwright, site: Site) -> Iterator[APIRequestContext]:
    """The administrator's program."""
    login = playwright_driver.request.new_context(base_url=site.address)
    token = login.post("/api/auth/login/", data={"login": "admin", "password": ADMIN_PASSWORD}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    program = playwright_driver.request.new_context(base_url=site.address, extra_http_headers=headers)
    yield program
    program.dispose()
    login.dispose()


def take_in(program: APIRequestContext, site: Site, title: str) -> str:
    """A film of its own for a test."""
    clip = long_clip(seconds=SECONDS, size="320x180", rate=12).read_bytes()
    file: FilePayload = {"name": "walk.mp4", "mimeType": "video/mp4", "buffer": clip}
    sent = program.post("/api/videos/", multipart={"title": title, "file": file})
    assert sent.status == 201, sent.text()
    public_id: str = sent.json()["id"]
    site.wait_until(lambda: program.get(f"/api/videos/{public_id}/playback/").status == 200)
    return public_id


def add(program: APIRequestContext, film: str, language: str, **fields: Any) -> None:
    file: FilePayload = {"name": "words.srt", "mimeType": "application/x-subrip", "buffer": srt(WORDS[language])}
    sent = program.post(f"/api/videos/{film}/captions/", multipart={"file": file, "language": language, **fields})
    assert sent.status == 201, sent.text()


@pytest.fixture(scope="module")
def worded(program: APIRequestContext, site: Site) -> str:
    """A film with Chinese and (by default) English captions, forced German ones, and two chapters."""
    film = take_in(program, site, "Evening Train")
    add(program, film, "zh-Hans")
    add(program, film, "en", is_default="true", label="SDH")
    add(program, film, "de", is_forced="true")
    assert program.put(f"/api/videos/{film}/chapters/", data={"chapters": CHAPTERS}).status == 200
    return film


def open_menu(page: Page) -> None:
    page.locator("media-settings-menu-button").click()
    page.locator("media-settings-menu-item", has_text="Captions").first.click()


def test_captions_are_shown_by_default_chosen_by_language_and_remembered(page: Page, worded: str) -> None:
    page.goto(f"/watch/{worded}/")
    begin(page)
    until(page, f"({SHOWN})() === 'en: {WORDS['en']}'")
    open_menu(page)
    menu = page.locator("media-captions-menu")
    expect(menu.get_by_role("menuitemradio")).to_have_text(["Off", "English (SDH)", "Simplified Chinese"])
    menu.get_by_text("Simplified Chinese").click()
    until(page, f"({SHOWN})() === 'zh-Hans: {WORDS['zh-Hans']}'")
    page.reload()
    begin(page)
    until(page, f"({SHOWN})() === 'zh-Hans: {WORDS['zh-Hans']}'")


def test_a_key_takes_captions_off_and_on_and_forced_words_stay(page: Page, worded: str) -> None:
    page.goto(f"/watch/{worded}/")
    begin(page)
    until(page, f"({SHOWN})() === 'en: {WORDS['en']}'")
    forced = page.locator("[data-forced]")
    expect(forced).to_be_hidden()
    page.keyboard.press("c")
    expect(page.locator("[data-saying]")).to_have_text("Captions off")
    assert page.evaluate(SHOWN) == "off"
    expect(forced).to_have_text(WORDS["de"])
    page.reload()
    begin(page)
    expect(forced).to_have_text(WORDS["de"])
    assert page.evaluate(SHOWN) == "off"
    page.locator("media-captions-button").click()
    until(page, f"({SHOWN})() === 'en: {WORDS['en']}'")
    expect(forced).to_be_hidden()


def two_languages(folder: Path) -> Path:
    """English and German sound, and signs that are forced for those who hear it in German."""
    signs, path = folder / "signs.srt", folder / "two.mkv"
    signs.write_bytes(srt(WORDS["de"]))
    ffmpeg(
        *numbered("160x90", seconds=20), *beeps(20), *beeps(20), "-i", signs,
        "-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:s", *H264, *AAC, "-c:s", "copy", "-t", "20",
        "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger", "-metadata:s:s:0", "language=ger",
        "-disposition:a:0", "default", "-disposition:a:1", "0", "-disposition:s:0", "forced", path,
    )  # fmt: skip
    return path


def test_forced_words_of_the_films_file_follow_the_sound(
    page: Page, playwright_driver: Playwright, site: Site, tmp_path: Path
) -> None:
    content = two_languages(tmp_path).read_bytes()
    film = send(playwright_driver, site, "Two", {"name": "two.mkv", "mimeType": "video/x-matroska", "buffer": content})
    page.goto(f"/watch/{film}/")
    begin(page)
    forced = page.locator("[data-forced]")
    until(page, "document.querySelector('media-controller').hasAttribute('mediaaudiotrackenabled')")
    expect(forced).to_be_hidden()
    page.locator("media-settings-menu-button").click()
    page.locator("media-settings-menu-item", has_text="Sound").first.click()
    page.locator("media-audio-track-menu").get_by_text("German", exact=True).click()
    expect(forced).to_have_text(WORDS["de"])


def test_chapters_are_marks_on_the_bar_with_their_titles(page: Page, worded: str) -> None:
    page.goto(f"/watch/{worded}/")
    begin(page)
    chapter = page.locator("[data-chapter]")
    expect(chapter).to_have_text("Rain & <b>wind</b>")
    page.evaluate(HERE, 25)
    expect(chapter).to_have_text("Chapter 2")
    bar = page.locator("media-time-range")
    assert page.evaluate("document.querySelector('media-time-range').mediaChaptersCues.length") == 2
    box = bar.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2)
    title = "document.querySelector('media-time-range').getAttribute('mediapreviewchapter')"
    until(page, f"{title} === 'Rain & <b>wind</b>'")
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    until(page, f"{title} === 'Chapter 2'")


def test_an_owner_adds_and_names_captions_and_an_open_page_has_them_at_once(
    admin_page: Page, visitor: Visitors, program: APIRequestContext, site: Site, tmp_path: Path
) -> None:
    film = take_in(program, site, "Morning Train")
    viewer = visitor()
    viewer.goto(f"/watch/{film}/")
    begin(viewer)
    expect(viewer.locator("media-captions-button")).to_be_hidden()

    admin_page.goto(f"/me/videos/{film}/")
    panel = admin_page.locator("film-captions")
    expect(panel.get_by_text("There are none yet")).to_be_visible()
    good, bad = tmp_path / "train.de.srt", tmp_path / "diary.srt"
    good.write_bytes("1\n00:00:00,000 --> 00:00:30,000\nGrüße\n".encode("cp1252"))
    bad.write_text("Dear diary")
    panel.locator("input[type=file]").set_input_files([good, bad])
    row = panel.get_by_role("listitem")
    expect(row).to_have_count(1)
    expect(row.locator("[data-name]")).to_have_text("German")
    expect(panel.locator(":scope > [data-wrong]")).to_contain_text("diary.srt: These captions cannot be read")
    row.get_by_label("Shown unless the viewer chooses").check()
    expect(panel.get_by_text("Saved")).to_be_visible()
    row.get_by_label("Language", exact=True).select_option("Dutch")
    expect(row.locator("[data-name]")).to_have_text("Dutch")
    expect(row.get_by_label("Shown unless the viewer chooses")).to_be_checked()

    until(viewer, f"({SHOWN})() === 'nl: Grüße'")
    expect(viewer.locator("media-captions-button")).to_be_visible()

    row.get_by_role("button", name="Remove").click()
    row.get_by_role("button", name="Remove for good?").click()
    expect(row).to_have_count(0)
    expect(viewer.locator("media-captions-button")).to_be_hidden()


def test_an_owner_writes_chapters_where_the_film_stands(
    admin_page: Page, program: APIRequestContext, site: Site
) -> None:
    film = take_in(program, site, "Night Train")
    admin_page.goto(f"/watch/{film}/")
    until(admin_page, READY)
    admin_page.get_by_text("Manage this film").click()
    panel = admin_page.locator("film-chapters")
    panel.get_by_role("button", name="Add a chapter").click()
    panel.get_by_label("Title").fill("Departure")
    admin_page.evaluate(HERE, 12)
    panel.get_by_role("button", name="Add a chapter at 0:12").click()
    last = panel.get_by_role("listitem").last
    expect(last.get_by_label("Begins at")).to_have_value("0:12")
    last.get_by_label("Begins at").fill("2:00")
    panel.get_by_role("button", name="Save chapters").click()
    expect(last.get_by_role("alert")).to_have_text("The film ends before that.")
    last.get_by_label("Begins at").fill("10.5")
    last.get_by_label("Begins at").press("Enter")
    expect(panel.get_by_text("Saved")).to_be_visible()
    expect(last.get_by_label("Begins at")).to_have_value("0:10.5")
    expect(admin_page.locator("[data-chapter]")).to_have_text("Chapter 2")
    found = program.get(f"/api/videos/{film}/chapters/").json()["chapters"]
    assert found == [{"start_seconds": 0, "title": "Departure"}, {"start_seconds": 10.5, "title": ""}]
    panel.get_by_role("button", name="Those of the file").click()
    expect(panel.get_by_text("There are none.")).to_be_visible()


def holding(held: list[Route]) -> Callable[[Route], None]:
    """Lets no request go on by itself."""

    def hold(route: Route) -> None:
        held.append(route)

    return hold


def test_saving_one_caption_leaves_what_is_written_in_another(
    admin_page: Page, program: APIRequestContext, site: Site, tmp_path: Path
) -> None:
    film = take_in(program, site, "Slow Train")
    admin_page.goto(f"/me/videos/{film}/")
    panel = admin_page.locator("film-captions")
    words = [tmp_path / f"train.{language}.srt" for language in ("de", "nl")]
    for path in words:
        path.write_text("1\n00:00:00,000 --> 00:00:30,000\nHello\n")
    panel.locator("input[type=file]").set_input_files(words)
    expect(panel.get_by_role("listitem")).to_have_count(2)
    first, second = panel.get_by_role("listitem").all()
    second.get_by_label("Shown unless the viewer chooses").check()
    expect(panel.get_by_text("Saved")).to_be_visible()

    held: list[Route] = []
    admin_page.route("**/captions/*/", holding(held))
    with admin_page.expect_request("**/captions/*/"):
        first.get_by_label("Shown unless the viewer chooses").check()
    name = second.get_by_label("Name, if the language does not say enough")
    name.press_sequentially("for the de")
    held.pop().continue_()
    expect(second.get_by_label("Shown unless the viewer chooses")).not_to_be_checked()
    expect(name).to_have_value("for the de")
    expect(name).to_be_focused()
    admin_page.unroute_all()
    name.press_sequentially("af")
    name.press("Enter")
    expect(second.locator("[data-name]")).to_contain_text("for the deaf")
    expect(first.get_by_label("Shown unless the viewer chooses")).to_be_checked()


def test_chapters_that_are_written_while_others_are_saved_stay_and_are_warned_about(
    admin_page: Page, program: APIRequestContext, site: Site
) -> None:
    film = take_in(program, site, "Mail Train")
    admin_page.route("**/chapters/", lambda route: route.abort())
    admin_page.goto(f"/me/videos/{film}/")
    panel = admin_page.locator("film-chapters")
    expect(panel.get_by_role("alert").last).to_have_text("The server cannot be reached. Please try again.")
    expect(panel.get_by_role("button", name="Add a chapter")).to_be_disabled()
    admin_page.unroute_all()
    panel.get_by_role("button", name="Try again").click()
    panel.get_by_role("button", name="Add a chapter").click()
    expect(panel.get_by_role("button", name="Try again")).to_be_hidden()
    panel.get_by_label("Title").fill("Departure")

    held: list[Route] = []
    admin_page.route("**/chapters/", holding(held))
    with admin_page.expect_request("**/chapters/"):
        panel.get_by_role("button", name="Save chapters").click()
    panel.get_by_label("Title").fill("Departure, late")
    with admin_page.expect_response("**/chapters/") as saved:
        held.pop().continue_()
    assert saved.value.json()["chapters"] == [{"start_seconds": 0, "title": "Departure"}]
    expect(panel.get_by_role("button", name="Those of the file")).to_be_visible()
    expect(panel.get_by_label("Title")).to_have_value("Departure, late")
    with admin_page.expect_event("dialog") as warning:
        admin_page.close(run_before_unload=True)
    assert warning.value.type == "beforeunload"
    warning.value.dismiss()
    admin_page.unroute_all()
    panel.get_by_role("button", name="Save chapters").click()
    expect(panel.get_by_text("Saved")).to_be_visible()
    admin_page.reload()  # a warning would stand in its way
    expect(admin_page.locator("film-chapters").get_by_label("Title")).to_have_value("Departure, late")


def test_a_panel_whose_code_does_not_arrive_stays_folded_and_says_why(admin_page: Page, film: str) -> None:
    admin_page.route("**/all-sections*.js", lambda route: route.abort())
    admin_page.goto(f"/watch/{film}/")
    panel = admin_page.locator("[data-owner-panel]")
    panel.get_by_text("Manage this film").click()
    expect(panel.locator(":scope > [role=alert]")).to_have_text("The line is lost. Please try again.")
    expect(panel.get_by_role("heading", name="Chapters")).to_be_hidden()
    admin_page.unroute_all()
    panel.get_by_text("Manage this film").click()
    expect(panel.get_by_role("heading", name="Chapters")).to_be_visible()
    expect(panel.locator(":scope > [role=alert]")).to_have_count(0)
