"""Segments of an original that is played as it is: cut from the file on disk or in a bucket, once, however many ask."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import LazySettings

from accounts.public_ids import new_public_id
from tests.media_samples import AAC, H264, beeps, ffmpeg, media_folder, number_of, numbered
from tests.videos.pipeline.encoded import frames_of
from videos import storage
from videos.pipeline.inspect import inspect
from videos.pipeline.playable import PlayLimits
from videos.streaming import segments
from videos.streaming.address import INIT, MediaAddress, MediaKind
from videos.streaming.segments import SegmentCache, cut_segment, sweep

SEGMENTS = 6


@dataclass(frozen=True)
class Original:
    """An item whose version 1 is its original."""

    item: str

    def segment(self, index: int, extension: str = "m4s") -> MediaAddress:
        filename = f"{index}.{extension}"
        return MediaAddress("grant", self.item, 1, MediaKind.SEGMENT, filename, "original", index)


def film() -> Path:
    path = media_folder() / "original-in-six-segments.mp4"
    if not path.exists():
        ffmpeg(*numbered("160x90", seconds=4 * SEGMENTS), *beeps(4 * SEGMENTS), *H264, "-g", "50", *AAC, path)
    return path


@pytest.fixture(params=["uploaded file", "copy beside the index"])
def original(request: pytest.FixtureRequest, media_place: str, tmp_path: Path) -> Original:
    """Published as the first step of a job does."""
    item = new_public_id()
    folder = tmp_path / "version"
    folder.mkdir()
    is_copy = request.param == "copy beside the index"
    source = storage.source_name(item, "token")
    inspect(film(), folder, source_name="original.mp4" if is_copy else source, play_limits=PlayLimits())
    shutil.copy(film(), folder / "original.mp4" if is_copy else tmp_path / "original")
    if not is_copy:
        storage.put_file(tmp_path / "original", source)
    storage.publish_folder(folder, storage.version_folder(item, 1))
    return Original(item)


def _kept(settings: LazySettings) -> list[Path]:
    return [path for path in Path(settings.CACHE_DIR).rglob("*") if path.is_file()]


async def _read(cache: SegmentCache, address: MediaAddress) -> bytes:
    file = await cache.open(address)
    try:
        return await file.read(0, file.bytes)
    finally:
        file.close()


async def test_twenty_at_once_get_every_segment_from_one_cut_each(
    original: Original, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts: list[str] = []

    def counted(address: MediaAddress) -> tuple[bytes, int]:
        cuts.append(address.filename)
        return cut_segment(address)

    monkeypatch.setattr(segments, "cut_segment", counted)
    cache = SegmentCache()
    wanted = [original.segment(number % SEGMENTS, "ts" if number % 2 else "m4s") for number in range(20)]
    found = await asyncio.gather(*(_read(cache, address) for address in wanted))
    assert sorted(cuts) == sorted({address.filename for address in wanted})
    assert found == [cut_segment(address)[0] for address in wanted]


async def test_what_is_served_is_the_film(original: Original, tmp_path: Path) -> None:
    cache = SegmentCache()
    init = MediaAddress("grant", original.item, 1, MediaKind.SEGMENT, "init.mp4", "original", INIT)
    parts = [await _read(cache, address) for address in [init, *map(original.segment, range(SEGMENTS))]]
    (tmp_path / "served.mp4").write_bytes(b"".join(parts))
    assert [number_of(frame) for frame in frames_of(tmp_path / "served.mp4")] == list(range(100 * SEGMENTS))


async def test_the_cap_holds_when_many_ask_at_once(original: Original, settings: LazySettings) -> None:
    """What was just used may stand above it; what was not is thrown away down to it."""
    settings.SEGMENT_CACHE_BYTES = 1
    cache = SegmentCache()
    await asyncio.gather(*(_read(cache, original.segment(number % SEGMENTS)) for number in range(20)))
    assert len(_kept(settings)) == SEGMENTS
    for path in _kept(settings):
        os.utime(path, (1, path.stat().st_mtime))
    sweep(settings.SEGMENT_CACHE_BYTES)
    assert not _kept(settings)
