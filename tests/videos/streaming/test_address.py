"""Media addresses: the names we give, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.streaming.address import MediaAddress, MediaKind, parse_media_path

GRANT = "Ab-_9"
ITEM = "a1B2c3D4e5F"
BASE = f"/media/{GRANT}/{ITEM}"

GOOD = {
    f"{BASE}/v1/master.m3u8": MediaAddress(GRANT, ITEM, 1, MediaKind.PLAYLIST, "master.m3u8"),
    f"{BASE}/v1/ts.m3u8": MediaAddress(GRANT, ITEM, 1, MediaKind.PLAYLIST, "ts.m3u8"),
    f"{BASE}/v12/720p.m3u8": MediaAddress(GRANT, ITEM, 12, MediaKind.PLAYLIST, "720p.m3u8"),
    f"{BASE}/v12/720p.ts.m3u8": MediaAddress(GRANT, ITEM, 12, MediaKind.PLAYLIST, "720p.ts.m3u8"),
    f"{BASE}/v2/audio.mp4": MediaAddress(GRANT, ITEM, 2, MediaKind.FILE, "audio.mp4"),
    f"{BASE}/v2/720p/0.ts": MediaAddress(GRANT, ITEM, 2, MediaKind.SEGMENT, "0.ts", "720p", 0),
    f"{BASE}/v2/720p/107.ts": MediaAddress(GRANT, ITEM, 2, MediaKind.SEGMENT, "107.ts", "720p", 107),
    f"{BASE}/words/0f1e2d.vtt": MediaAddress(GRANT, ITEM, 0, MediaKind.WORDS, "0f1e2d.vtt"),
    f"{BASE}/art/0f1e2d.jpg": MediaAddress(GRANT, ITEM, 0, MediaKind.PICTURE, "0f1e2d.jpg"),
    f"{BASE}/art/0f1e2d.vtt": MediaAddress(GRANT, ITEM, 0, MediaKind.PICTURE, "0f1e2d.vtt"),
    f"{BASE}/art/0f1e2d-3.jpg": MediaAddress(GRANT, ITEM, 0, MediaKind.PICTURE, "0f1e2d-3.jpg"),
}

BAD = [
    "",
    "/",
    "/media/",
    "/media",
    f"/media/{GRANT}",
    f"/media/{GRANT}/{ITEM}",
    f"{BASE}/",
    f"{BASE}/v1",
    f"{BASE}/v1/",
    f"/{BASE}/v1/720p.mp4",
    f"{BASE}//v1/720p.mp4",
    f"{BASE}/v1/720p.mp4/",
    f"{BASE}/v1/720p.mp4\n",
    f"{BASE}/v1/720p.mp4\x00",
    f"{BASE}/v0/720p.mp4",
    f"{BASE}/v01/720p.mp4",
    f"{BASE}/v-1/720p.mp4",
    f"{BASE}/v/720p.mp4",
    f"{BASE}/v1234567890/720p.mp4",
    f"{BASE}/v1/720p/00.ts",
    f"{BASE}/v1/720p/-1.ts",
    f"{BASE}/v1/720p/12345678.ts",
    f"{BASE}/v1/720p/1.mp4",
    f"{BASE}/v1/0.ts",
    f"{BASE}/v1/720p.mkv",
    f"{BASE}/v1/.mp4",
    f"{BASE}/v1/.hidden.mp4",
    f"{BASE}/v1/-720p.mp4",
    f"{BASE}/words/0f1e2d.srt",
    f"{BASE}/words/../art/0f1e2d.vtt",
    f"{BASE}/v1/0f1e2d.vtt",
    f"{BASE}/v1/720p.MP4",
    f"{BASE}/v1/../v1/720p.mp4",
    f"{BASE}/v1/../../other/v1/720p.mp4",
    f"{BASE}/../{ITEM}/v1/720p.mp4",
    f"{BASE}/v1/..%2f720p.mp4",
    f"{BASE}/v1/%2e%2e/720p.mp4",
    f"{BASE}/v1/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    f"{BASE}/v1%2f720p.mp4",
    f"{BASE}/v1/%252e%252e/720p.mp4",
    f"{BASE}/v1/..\\720p.mp4",
    f"{BASE}/v1/..%5c720p.mp4",
    f"{BASE}/v1/....//720p.mp4",
    f"{BASE}/v1//etc/passwd",
    f"{BASE}/v1/720p%00.mp4",
    f"{BASE}/v1/720p.mp4%00",
    f"{BASE}/v1/\uff0e\uff0e/720p.mp4",
    f"{BASE}/v1/%c0%ae%c0%ae/720p.mp4",
    f"{BASE}/v1/720p.mp4;x",
    f"{BASE}/v1/./720p.mp4",
    f"{BASE}/v1/720p.ts.ts.m3u8",
    f"{BASE}/source/0f1e/original",
    f"{BASE}/art/",
    f"{BASE}/art/x.svg",
    f"{BASE}/art/x.html",
    f"{BASE}/art/../v1/720p.mp4",
    f"{BASE}/v\u0661/720p.mp4",
    f"{BASE}/v1/{'a' * 33}.mp4",
    f"/media/{'a' * 401}/{ITEM}/v1/a.mp4",
    f"/media/{GRANT}/short/v1/a.mp4",
]


@pytest.mark.parametrize(("path", "address"), GOOD.items())
def test_our_names_are_understood(path: str, address: MediaAddress) -> None:
    assert parse_media_path(path) == address


@pytest.mark.parametrize("path", BAD)
def test_nothing_else_names_anything(path: str) -> None:
    assert parse_media_path(path) is None


@given(st.text(max_size=40), st.sampled_from(sorted(GOOD)), st.integers(min_value=0, max_value=60))
def test_a_name_with_something_inserted_never_reaches_another_folder(noise: str, path: str, place: int) -> None:
    address = parse_media_path(path[:place] + noise + path[place:])
    if address is not None:
        for part in (address.filename, address.label, address.item):
            assert "/" not in part
            assert "\\" not in part
            assert ".." not in part
