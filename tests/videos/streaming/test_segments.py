"""The cutter of transport streams: kept, cut once at a time, thrown away by age of use."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from django.conf import LazySettings

from accounts.public_ids import new_public_id
from tests.videos.fragmented import clip, transport_segments
from tests.videos.streaming.published import LABEL, Published, publish
from videos import storage
from videos.errors import FileGone, StorageError
from videos.streaming import segments
from videos.streaming.address import MediaAddress, MediaKind
from videos.streaming.files import MemoryFile, OpenFile
from videos.streaming.segments import SegmentCache, forget_item, sweep


@pytest.fixture
def film(tmp_path: Path) -> Published:
    """A published item."""
    return publish(tmp_path / "scratch")


def _address(film: Published, index: int, label: str = LABEL) -> MediaAddress:
    return MediaAddress("grant", film.item, 1, MediaKind.SEGMENT, f"{index}.ts", label, index)


async def _read(cache: SegmentCache, address: MediaAddress) -> bytes:
    file = await cache.open(address)
    try:
        return await file.read(0, file.bytes)
    finally:
        file.close()


def _kept(settings: LazySettings) -> list[Path]:
    return sorted(path for path in Path(settings.CACHE_DIR).rglob("*") if path.is_file())


async def test_a_segment_is_cut_once_and_kept(film: Published, settings: LazySettings) -> None:
    cache = SegmentCache()
    assert await _read(cache, _address(film, 1)) == transport_segments(clip())[1]
    (kept,) = _kept(settings)
    kept.write_bytes(b"proof that this file is what is served")
    assert await _read(cache, _address(film, 1)) == b"proof that this file is what is served"


async def test_many_who_ask_at_once_wait_for_one_cut(film: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    cuts: list[int] = []
    cut = segments.cut_segment

    def counted(address: MediaAddress) -> tuple[bytes, int]:
        cuts.append(address.index)
        time.sleep(0.05)
        return cut(address)

    monkeypatch.setattr(segments, "cut_segment", counted)
    cache = SegmentCache()
    found = await asyncio.gather(*(_read(cache, _address(film, number % 2)) for number in range(20)))
    assert sorted(cuts) == [0, 1]
    assert found == transport_segments(clip())[:2] * 10


async def test_one_who_leaves_does_not_take_the_cut_along(film: Published) -> None:
    cache = SegmentCache()
    first = asyncio.ensure_future(_read(cache, _address(film, 0)))
    second = asyncio.ensure_future(_read(cache, _address(film, 0)))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == transport_segments(clip())[0]


async def test_what_is_cut_again_is_dated_as_before(film: Published, settings: LazySettings) -> None:
    cache = SegmentCache()
    file = await cache.open(_address(film, 0))
    file.close()
    (kept,) = _kept(settings)
    kept.unlink()
    again = await cache.open(_address(film, 0))
    again.close()
    assert isinstance(again, OpenFile)
    assert again.modified_at == file.modified_at


async def test_unknown_rungs_and_segments_are_gone(film: Published) -> None:
    cache = SegmentCache()
    for address in (
        _address(film, 3),
        _address(film, 0, "720p"),
        _address(Published(new_public_id(), b""), 0),
    ):
        with pytest.raises(FileGone):
            await cache.open(address)


async def test_a_rung_that_is_damaged_is_an_error_of_the_storage(film: Published) -> None:
    path = storage.local_path(f"{storage.version_folder(film.item, 1)}/{LABEL}.mp4")
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(StorageError):
        await SegmentCache().open(_address(film, 2))


async def test_a_disk_that_takes_nothing_does_not_stop_the_film(
    film: Published, settings: LazySettings, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    settings.CACHE_DIR = blocked
    file = await SegmentCache().open(_address(film, 0))
    assert isinstance(file, MemoryFile)
    assert file.content == transport_segments(clip())[0]


async def test_the_longest_unused_go_first_and_the_youngest_never(film: Published, settings: LazySettings) -> None:
    cache = SegmentCache()
    for index in range(3):
        await _read(cache, _address(film, index))
    paths = _kept(settings)
    now = time.time()
    for path, age in zip(paths, (5000, 9000, 0), strict=True):
        os.utime(path, (now - age, path.stat().st_mtime))
    sizes = [path.stat().st_size for path in paths]
    sweep(sum(sizes))
    assert _kept(settings) == paths
    sweep(sum(sizes) - 1)
    assert _kept(settings) == [paths[0], paths[2]]
    sweep(0)
    assert _kept(settings) == [paths[2]]


async def test_use_keeps_a_segment_young(film: Published, settings: LazySettings) -> None:
    cache = SegmentCache()
    await _read(cache, _address(film, 0))
    (path,) = _kept(settings)
    modified = path.stat().st_mtime
    os.utime(path, (time.time() - 5000, modified))
    await _read(cache, _address(film, 0))
    assert time.time() - path.stat().st_atime < 60
    assert path.stat().st_mtime == modified


async def test_writing_sweeps_by_itself(film: Published, settings: LazySettings) -> None:
    cache = SegmentCache()
    await _read(cache, _address(film, 0))
    (old,) = _kept(settings)
    os.utime(old, (time.time() - 5000, old.stat().st_mtime))
    settings.SEGMENT_CACHE_BYTES = 1
    await _read(cache, _address(film, 1))
    assert old not in _kept(settings)


async def test_a_deleted_item_leaves_nothing(film: Published, settings: LazySettings, tmp_path: Path) -> None:
    other = publish(tmp_path / "scratch")
    cache = SegmentCache()
    await _read(cache, _address(film, 0))
    await _read(cache, _address(other, 0))
    forget_item(film.item)
    assert [path for path in _kept(settings) if film.item in str(path)] == []
    assert len(_kept(settings)) == 1


async def test_what_an_earlier_way_to_cut_has_left_counts_and_goes(film: Published, settings: LazySettings) -> None:
    await _read(SegmentCache(), _address(film, 0))
    old = Path(settings.CACHE_DIR) / "segments" / "r0.0" / "an-item" / "v1" / "360p" / "0.ts"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"x")
    os.utime(old, (time.time() - 5000, time.time() - 5000))
    sweep(1)
    assert not old.exists()
    assert not old.parent.exists()
    assert len(_kept(settings)) == 1  # of this minute
