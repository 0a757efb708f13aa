"""The poster: upright, in ordinary colours, of a picture worth showing."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from tests.media_samples import sample
from tests.videos.pipeline.encoded import facts_of
from videos.pipeline.errors import PipelineError
from videos.pipeline.ffmpeg import find_ffmpeg
from videos.pipeline.poster import PosterFacts, make_poster
from videos.pipeline.poster_child import score


def poster(name: str, folder: Path) -> tuple[PosterFacts, Image.Image]:
    """The poster of a sample, and the picture in it."""
    out = folder / "poster.jpg"
    facts = make_poster(sample(name), facts_of(name), out, ffmpeg=find_ffmpeg(None))
    assert facts is not None
    with Image.open(out, formats=("JPEG",)) as opened:
        opened.load()
        assert facts == PosterFacts(*opened.size, out.stat().st_size)
        assert not opened.getexif()
        return facts, opened.convert("RGB")


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("film.mp4", (854, 480)),
        ("rotated.mp4", (180, 320)),
        ("anamorphic.mp4", (640, 288)),
        ("interlaced.ts", (320, 192)),
        ("film.ts", (320, 180)),
        ("slow.mp4", (320, 180)),
        ("late_sound.mkv", (320, 180)),
        ("tiny.mp4", (2, 2)),
    ],
)
def test_it_has_the_shape_of_the_film(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    facts, picture = poster(name, tmp_path)
    assert (facts.width, facts.height) == picture.size == size


def test_it_is_not_the_black_beginning(tmp_path: Path) -> None:
    _, picture = poster("dark_start.mp4", tmp_path)
    assert statistics.fmean(ImageStat.Stat(picture).mean) > 40


def test_high_dynamic_range_looks_as_it_does_in_the_film(tmp_path: Path) -> None:
    _, picture = poster("hdr10.mp4", tmp_path)
    _, plain = poster("no_audio.mp4", tmp_path)
    for bright, expected in zip(ImageStat.Stat(picture).mean, ImageStat.Stat(plain).mean, strict=True):
        assert bright == pytest.approx(expected, rel=0.4)


@pytest.mark.parametrize("name", ["sound.m4a", "cover.m4a"])
def test_sound_has_none(tmp_path: Path, name: str) -> None:
    out = tmp_path / "poster.jpg"
    assert make_poster(sample(name), facts_of(name), out, ffmpeg=find_ffmpeg(None)) is None
    assert not out.exists()


def test_a_damaged_film_has_a_reason_instead(tmp_path: Path) -> None:
    facts = facts_of("no_audio.mp4")
    with pytest.raises(PipelineError) as caught:
        make_poster(sample("damaged.mp4"), facts, tmp_path / "poster.jpg", ffmpeg=find_ffmpeg(None))
    assert caught.value.code == "corrupt"


def test_pictures_with_something_in_them_win() -> None:
    detailed = [bytes((row * 37 + column * 91) % 200 + 20 for column in range(64)) for row in range(36)]
    plain = [bytes(range(90, 154))] * 36
    black, white, grey = ([bytes([value] * 64)] * 36 for value in (3, 254, 120))
    dim = [bytes(value // 12 for value in row) for row in detailed]
    scores = [score(rows) for rows in (detailed, plain, dim, grey, black, white)]
    assert scores[0] > scores[1] > max(scores[2:])
    assert scores[1] > 0 > max(scores[2:])
