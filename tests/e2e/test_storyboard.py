"""The picture that one sees at a place on the seek bar, and the one that its owner chooses to stand for the film."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import FILM_SECONDS, Visitors
from tests.e2e.visits import READY, until, upload, wait_until_made
from tests.media_samples import long_clip

pytestmark = pytest.mark.browser

# What media-chrome shows over the seek bar: [address, x, y, width, height, is it to be seen, has it arrived].
PREVIEW = """() => {
  const range = document.querySelector('media-time-range');
  const thumbnail = range?.shadowRoot?.querySelector('media-preview-thumbnail');
  const image = thumbnail?.shadowRoot.querySelector('img');
  const coordinates = (thumbnail?.getAttribute('mediapreviewcoords') ?? '').split(' ').map(Number);
  const isSeen = thumbnail ? getComputedStyle(thumbnail).visibility === 'visible' : false;
  return [image?.src ?? '', ...coordinates, isSeen, (image?.naturalWidth ?? 0) > 0];
}"""
SHOWN = f"() => {{ const shown = ({PREVIEW})(); return shown.at(-1) && shown.at(-2); }}"
TRACKS = "document.querySelectorAll('video track').length"


def place(page: Page, share: float) -> tuple[float, float]:
    """A point on the seek bar."""
    box = page.locator("media-time-range").bounding_box()
    assert box
    return box["x"] + box["width"] * share, box["y"] + box["height"] / 2


def open_film(page: Page, public_id: str) -> None:
    page.goto(f"/watch/{public_id}/")
    until(page, READY)
    page.locator("media-time-range").wait_for()


def tile_at(page: Page, share: float) -> tuple[int, int]:
    """Points there, sees the picture come, and says which tile of which row it is."""
    page.mouse.move(*place(page, share - 0.02))
    page.mouse.move(*place(page, share))
    until(page, SHOWN)
    _, x, y, width, height, *_ = page.evaluate(PREVIEW)
    return int(x / width), int(y / height)


def test_pointing_at_the_seek_bar_shows_the_film_at_that_second(page: Page, film: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_film(page, film)
    page.mouse.move(200, 300)
    assert [url for url in asked if url.endswith(".vtt")] == []  # nobody has asked for it yet
    column, row = tile_at(page, 0.5)
    assert abs(10 * row + column - FILM_SECONDS / 2 / 2) <= 1
    column, row = tile_at(page, 0.9)
    assert abs(10 * row + column - 0.9 * FILM_SECONDS / 2) <= 1
    assert len([url for url in asked if url.endswith(".vtt")]) == 1
    page.mouse.move(200, 200)
    until(page, f"!({PREVIEW})()[5]")


def test_dragging_with_a_finger_shows_it_too(visitor: Visitors, film: str) -> None:
    phone = visitor(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone.goto(f"/watch/{film}/")
    until(phone, READY)
    phone.locator("media-time-range").wait_for()
    client = phone.context.new_cdp_session(phone)

    def touch(kind: str, share: float) -> None:
        x, y = place(phone, share)
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0.2)
    for step in range(5):
        touch("touchMove", 0.2 + 0.1 * step)
    until(phone, SHOWN)
    touch("touchMove", 0.7)
    until(phone, f"() => {{ const [, x, y, width, height] = ({PREVIEW})(); return 10 * y / height + x / width > 25; }}")
    box = phone.evaluate("""() => {
      const range = document.querySelector('media-time-range');
      const box = range.shadowRoot.querySelector('media-preview-thumbnail').getBoundingClientRect();
      return [box.left, box.right, innerWidth];
    }""")
    assert 0 <= box[0] < box[1] <= box[2]
    touch("touchEnd", 0.7)
    until(phone, f"!({PREVIEW})()[5]")


@pytest.mark.parametrize("missing", ["vtt", "jpg"])
def test_a_storyboard_that_does_not_come_leaves_the_time_alone(page: Page, film: str, missing: str) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=404) if "-" in route.request.url or missing == "vtt" else route.continue_()

    page.route(f"**/art/*.{missing}", refuse)
    open_film(page, film)
    page.mouse.move(*place(page, 0.3))
    page.mouse.move(*place(page, 0.6))
    until(page, f"({TRACKS}) === 0")
    page.mouse.move(*place(page, 0.65))
    until(page, f"!({PREVIEW})()[5]")
    time = page.locator("media-time-range").locator("media-preview-time-display")
    expect(time).to_be_visible()


def picture() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (64, 36), (10, 200, 30)).save(content, "PNG")
    return content.getvalue()


def poster_of(page: Page, public_id: str) -> dict[str, object]:
    answer: dict[str, object] = page.evaluate(
        "async id => await (await fetch(`/api/videos/${id}/poster/`)).json()", public_id
    )
    return answer


def test_an_owner_chooses_the_picture_of_a_film(admin_page: Page, tmp_path: Path) -> None:
    page = admin_page
    public_id = upload(page, long_clip(seconds=12))
    wait_until_made(page, public_id)
    page.goto(f"/me/videos/{public_id}/")
    section = page.locator("film-poster")
    now = section.locator("[data-picture]")
    expect(section).to_contain_text("Found by itself")
    automatic = now.get_attribute("src") or ""

    section.locator("input[type=file]").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": picture()})
    expect(section).to_contain_text("Chosen by you")
    own = now.get_attribute("src") or ""
    assert own != automatic
    assert page.locator(".edit__film img").last.get_attribute("src") == own

    section.locator("input[type=file]").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": b"none"})
    expect(section.get_by_role("alert")).to_contain_text("not a picture")
    assert now.get_attribute("src") == own

    tiles = section.locator(".poster__tile")
    expect(tiles).to_have_count(6)
    tiles.nth(2).click()
    until(page, "src => document.querySelector('[data-picture]').getAttribute('src') !== src", own)
    framed = now.get_attribute("src") or ""
    assert poster_of(page, public_id)["width"] == 640

    section.get_by_role("textbox", name="The picture at").fill("99:00")
    section.get_by_role("button", name="Take it").click()
    expect(section.get_by_role("alert")).to_contain_text("The film ends at 0:12")
    section.get_by_role("textbox", name="The picture at").fill("0:07.5")
    section.get_by_role("button", name="Take it").click()
    until(page, "src => document.querySelector('[data-picture]').getAttribute('src') !== src", framed)

    section.get_by_role("button", name="Back to the automatic one").click()
    expect(section).to_contain_text("Found by itself")
    assert poster_of(page, public_id)["is_own"] is False

    page.goto(f"/watch/{public_id}/?t=5")
    until(page, READY)
    page.get_by_text("Manage this film").click()
    take = page.locator("film-poster").get_by_role("button", name="Take the picture at 0:05")
    take.click()
    expect(page.locator("film-poster")).to_contain_text("Chosen by you")
