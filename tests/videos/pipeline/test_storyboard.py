"""The pictures of the seek bar: which frame stands for which time, in which corner of which sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from av.video.frame import VideoFrame
from PIL import Image, ImageStat

from tests.media_samples import AAC, H264, beeps, ffmpeg, number_of, numbered, sample
from tests.videos.pipeline.encoded import facts_of
from videos.pipeline import storyboard
from videos.pipeline.errors import PipelineError
from videos.pipeline.ffmpeg import find_ffmpeg
from videos.pipeline.storyboard import Film, Storyboard

CUE = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\nboard-(\d+)\.jpg#xywh=([\d,]+)")


@dataclass(frozen=True)
class Tile:
    """One picture as a player cuts it out."""

    begin: float
    end: float
    picture: Image.Image

    @property
    def frame(self) -> int:
        return number_of(VideoFrame.from_image(self.picture))  # type: ignore[no-untyped-call]  # PyAV tells none


def tiles(folder: Path) -> list[Tile]:
    found = []
    for hours, minutes, seconds, *end, sheet, corner in CUE.findall((folder / "board.vtt").read_text("utf-8")):
        x, y, width, height = map(int, corner.split(","))
        with Image.open(folder / f"board-{sheet}.jpg", formats=("JPEG",)) as opened:
            picture = opened.convert("RGB").crop((x, y, x + width, y + height))
        begin = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
        found.append(Tile(begin, int(end[0]) * 3600 + int(end[1]) * 60 + float(end[2]), picture))
    return found


def rung(folder: Path, *, seconds: float, size: str = "320x180", rate: str = "25", gop: int = 50) -> Path:
    """As our ladder writes them: fragments, sound whose priming lies before 0."""
    path = folder / "rung.mp4"
    keys = ["-g", str(gop), "-keyint_min", str(gop), "-sc_threshold", "0"]
    fragments = ["-movflags", "frag_keyframe+empty_moov+default_base_moof+delay_moov", "-frag_duration", "4000000"]
    ffmpeg(*numbered(size, rate, seconds), *beeps(seconds), *H264, *keys, *AAC, *fragments, path)
    return path


def make(film: Film | None, folder: Path) -> Storyboard:
    assert film is not None
    return storyboard.make_storyboard(film, folder, "board", ffmpeg=find_ffmpeg(None))


def test_each_picture_is_the_frame_of_its_time(tmp_path: Path) -> None:
    path = rung(tmp_path, seconds=21)
    film = storyboard.of_rung(path, width=320, height=180, start_seconds=0, duration_seconds=21)
    made = make(film, tmp_path)
    found = tiles(tmp_path)
    assert [(tile.begin, tile.frame) for tile in found] == [(2.0 * n, 50 * n) for n in range(11)]
    assert [tile.end for tile in found] == [*(tile.begin for tile in found[1:]), 21]
    assert {tile.picture.size for tile in found} == {(160, 90)} == {(made.width, made.height)}
    files = [tmp_path / "board.vtt", tmp_path / "board-1.jpg"]
    assert (made.sheets, made.pictures, made.bytes) == (1, 11, sum(file.stat().st_size for file in files))
    with Image.open(files[1]) as sheet:
        assert sheet.size == (1600, 180)  # no higher than its pictures need


def test_a_long_film_has_no_more_than_three_hundred_on_several_sheets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storyboard, "LEAST_INTERVAL_SECONDS", 0.1)
    path = rung(tmp_path, seconds=30, rate="10", size="64x36", gop=1)  # three hundred keyframes
    made = make(storyboard.of_rung(path, width=64, height=36, start_seconds=0, duration_seconds=30), tmp_path)
    assert (made.sheets, made.pictures) == (3, 300)
    found = tiles(tmp_path)
    assert [tile.frame for tile in found] == list(range(300))
    assert found[299].begin == 29.9


@pytest.mark.parametrize(("duration", "apart"), [(1, 2), (600, 2), (7200, 24), (36_000, 120)])
def test_pictures_lie_further_apart_the_longer_the_film_is(duration: float, apart: float) -> None:
    assert storyboard.interval_seconds(duration) == apart


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("film.mp4", (160, 90)),
        ("rotated.mp4", (90, 160)),
        ("anamorphic.mp4", (160, 72)),
        ("interlaced.ts", (160, 96)),
        ("tiny.mp4", (2, 2)),
    ],
)
def test_from_a_source_it_has_the_shape_of_the_film(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    facts = facts_of(name)
    made = make(storyboard.of_source(sample(name), facts, ffmpeg=find_ffmpeg(None)), tmp_path)
    assert (made.width, made.height) == size
    assert all(tile.picture.size == size for tile in tiles(tmp_path))


@pytest.mark.parametrize("name", ["film.mp4", "edit_list.mp4", "late_sound.mkv", "film.ts"])
def test_from_a_source_with_few_keyframes_it_counts_time_from_the_first_displayed_frame(
    tmp_path: Path, name: str
) -> None:
    facts = facts_of(name)
    make(storyboard.of_source(sample(name), facts, ffmpeg=find_ffmpeg(None)), tmp_path)
    found = tiles(tmp_path)
    first = 37 if name == "edit_list.mp4" else 0  # what was cut off is not to be seen
    assert [tile.frame for tile in found] == [first + round(25 * tile.begin) for tile in found]
    assert found[0].begin == 0
    assert facts.video is not None
    assert len(found) == 1 + (facts.video.duration_seconds - 0.1) // 2


def test_high_dynamic_range_looks_ordinary(tmp_path: Path) -> None:
    means = []
    for name in ("hdr10.mp4", "no_audio.mp4"):
        make(storyboard.of_source(sample(name), facts_of(name), ffmpeg=find_ffmpeg(None)), tmp_path)
        means.append(ImageStat.Stat(tiles(tmp_path)[0].picture).mean)
    for bright, expected in zip(*means, strict=True):
        assert bright == pytest.approx(expected, rel=0.4)


def test_sound_has_none(tmp_path: Path) -> None:
    assert storyboard.of_source(sample("sound.m4a"), facts_of("sound.m4a"), ffmpeg=find_ffmpeg(None)) is None


def test_what_cannot_be_decoded_has_a_reason(tmp_path: Path) -> None:
    film = storyboard.of_source(sample("damaged.mp4"), facts_of("no_audio.mp4"), ffmpeg=find_ffmpeg(None))
    with pytest.raises(PipelineError) as caught:
        make(film, tmp_path)
    assert caught.value.code == "corrupt"
