"""The poster: upright, in ordinary colours, of a picture worth showing."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any  # how a child is run

import av
import pytest
from PIL import Image, ImageStat

from tests.media_samples import H264, ffmpeg, number_of, sample
from tests.videos.pipeline.encoded import facts_of
from videos.pipeline import poster as poster_module
from videos.pipeline import sandbox
from videos.pipeline.errors import LimitError, PipelineError
from videos.pipeline.ffmpeg import find_ffmpeg
from videos.pipeline.outcome import Finished
from videos.pipeline.poster import PosterFacts, draw_frame, make_poster
from videos.pipeline.poster_child import score
from videos.pipeline.probe import probe


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


def clip(folder: Path, *pictures: str) -> Path:
    """A film of still pictures, a second or more of each, as ffmpeg's generators draw them; a keyframe each second."""
    path = folder / "clip.mp4"
    graph = ";".join(f"{picture},format=yuv420p,setsar=1[{n}]" for n, picture in enumerate(pictures))
    joined = "".join(f"[{n}]" for n in range(len(pictures))) + f"concat=n={len(pictures)}"
    ffmpeg("-f", "lavfi", "-i", f"{graph};{joined}", *H264, "-g", "25", path)
    return path


def picture_of(source: Path, folder: Path) -> Image.Image:
    out = folder / "poster.jpg"
    facts = probe(source)
    assert make_poster(source, facts, out, ffmpeg=find_ffmpeg(None)) is not None
    with Image.open(out, formats=("JPEG",)) as opened:
        return opened.convert("RGB")


BLACK, GREY = "color=black:s=320x180:r=25:d={}", "color=0x808080:s=320x180:r=25:d={}"
SCENE = "testsrc2=s=320x180:r=25:d={}"


@pytest.mark.parametrize(
    "pictures",
    [
        (BLACK.format(3), SCENE.format(1.2), BLACK.format(2)),
        (BLACK.format(5), SCENE.format(1.5)),
        (GREY.format(4), SCENE.format(1.2)),
        ("color=white:s=320x180:r=25:d=4", SCENE.format(1.2)),
    ],
    ids=["black before and after", "mostly black", "grey", "white"],
)
def test_the_one_scene_among_empty_pictures_is_found(tmp_path: Path, pictures: tuple[str, ...]) -> None:
    picture = picture_of(clip(tmp_path, *pictures), tmp_path)
    assert ImageStat.Stat(picture.convert("L")).stddev[0] > 30


def test_a_picture_that_is_still_coming_up_is_not_taken(tmp_path: Path) -> None:
    fading = "testsrc2=s=320x180:r=25:d=8,fade=in:0:175,fade=out:180:20"
    picture = picture_of(clip(tmp_path, fading), tmp_path)
    assert max(picture.convert("L").tobytes()) > 200


@pytest.mark.parametrize("colour", ["black", "white", "0x3060a0"])
def test_a_film_of_one_colour_has_a_picture_all_the_same(tmp_path: Path, colour: str) -> None:
    picture = picture_of(clip(tmp_path, f"color={colour}:s=320x180:r=25:d=3"), tmp_path)
    assert picture.size == (320, 180)


@pytest.mark.parametrize("frames", [1, 2])
def test_a_film_of_two_frames_has_one(tmp_path: Path, frames: int) -> None:
    picture = picture_of(clip(tmp_path, f"testsrc2=s=320x180:r=25:d={frames / 25}"), tmp_path)
    assert picture.size == (320, 180)


@pytest.mark.parametrize(
    ("name", "at_seconds", "frame"),
    [
        ("no_audio.mp4", 0, 0), ("no_audio.mp4", 1.0, 25), ("no_audio.mp4", 1.039, 25), ("no_audio.mp4", 1.041, 26),
        ("no_audio.mp4", 3.99, 99), ("no_audio.mp4", 500, 99), ("late_sound.mkv", 2.02, 50), ("film.ts", 2.02, 50),
        ("edit_list.mp4", 1.0, 62), ("ntsc.mp4", 3.0, 89), ("sixty.mp4", 1.51, 90),
    ],
)  # fmt: skip
def test_the_frame_on_the_screen_at_that_second(tmp_path: Path, name: str, at_seconds: float, frame: int) -> None:
    out = tmp_path / "poster.jpg"
    assert draw_frame(sample(name), facts_of(name), at_seconds, out, ffmpeg=find_ffmpeg(None)) is not None
    with av.open(str(out), format="jpeg_pipe") as opened:
        assert number_of(next(opened.decode(video=0))) == frame


def test_where_the_very_frame_takes_too_long_the_keyframe_before_it_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_run = sandbox.run

    def slow(argv: Sequence[str], **how: Any) -> Finished:
        if any("select=" in word for word in argv):
            raise LimitError("timed_out")
        return really_run(argv, **how)

    monkeypatch.setattr(poster_module, "run", slow)
    out = tmp_path / "poster.jpg"
    assert draw_frame(sample("film.mp4"), facts_of("film.mp4"), 3, out, ffmpeg=find_ffmpeg(None)) is not None
    with av.open(str(out), format="jpeg_pipe") as opened:
        assert number_of(next(opened.decode(video=0))) == 0


def test_pictures_with_something_in_them_win() -> None:
    detailed = [bytes((row * 37 + column * 91) % 200 + 20 for column in range(64)) for row in range(36)]
    plain = [bytes(range(90, 154))] * 36
    black, white, grey = ([bytes([value] * 64)] * 36 for value in (3, 254, 120))
    dim = [bytes(value // 12 for value in row) for row in detailed]
    faded = [bytes(16 + value // 5 for value in row) for row in detailed]
    logo = [bytes(200 if row == 18 and column in {31, 32} else 120 for column in range(64)) for row in range(36)]
    scores = [score(rows) for rows in (detailed, plain, dim, faded, logo, grey, black, white)]
    assert scores[0] > scores[1] > max(scores[2:])
    assert scores[1] > 0 > max(scores[2:])


def test_black_bars_do_not_make_a_picture_dark_and_colour_is_worth_something() -> None:
    detailed = [bytes((row * 37 + column * 91) % 60 + 30 for column in range(64)) for row in range(12)]
    bar = [bytes([16] * 64)] * 12
    assert score([*bar, *detailed, *bar]) == score(detailed) > 0
    grey, red = [[bytes([value] * 64)] * 12 for value in (128, 200)]
    assert score(detailed, [red, grey]) > score(detailed, [grey, grey])
