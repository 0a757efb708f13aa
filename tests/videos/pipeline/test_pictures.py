"""Pictures as phones, tapes and tools leave them: upright, in their shape, progressive, whatever a file says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.media_samples import H264, number_of, numbered
from tests.videos.pipeline.shown import (
    QUARTERS,
    Quarters,
    difference,
    facts_of_picture,
    make,
    quarters,
    quarters_of,
    shown,
)

CLOSE = 14  # encoded twice, with a quarter of the colour samples


def turned(colours: Quarters, degrees: int) -> Quarters:
    """Counterclockwise."""
    for _ in range(degrees // 90):
        a, b, c, d = colours
        colours = (b, d, a, c)
    return colours


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("flips", [(), ("-display_hflip",), ("-display_vflip",)])
def test_a_picture_stands_as_its_matrix_says(tmp_path: Path, degrees: int, flips: tuple[str, ...]) -> None:
    lying = make(tmp_path / "lying.mp4", *quarters("64x48"), "-pix_fmt", "yuv420p", *H264)
    options = ["-display_rotation", str(degrees), *flips]
    source = make(tmp_path / "told.mp4", *options, "-i", lying, "-c", "copy")
    a, b, c, d = turned(QUARTERS, degrees)
    expected = (b, a, d, c) if "-display_hflip" in flips else (c, d, a, b) if flips else (a, b, c, d)
    frame = shown(source)[0]
    assert (frame.width, frame.height) == ((48, 64) if degrees in {90, 270} else (64, 48))
    assert difference(quarters_of(frame), expected) <= CLOSE
    assert frame.rotation == 0


@pytest.mark.parametrize(
    ("stored", "ratio", "size"),
    [
        ("72x58", "16/11", (104, 58)),  # television in widescreen
        ("72x48", "8/9", (64, 48)),
        ("40x40", "1/4", (10, 40)),
        ("36x20", "4/1", (144, 20)),
    ],
)
def test_pixels_become_square(tmp_path: Path, stored: str, ratio: str, size: tuple[int, int]) -> None:
    source = make(tmp_path / "wide.mp4", *quarters(stored, extra=f"setsar={ratio}"), "-pix_fmt", "yuv420p", *H264)
    frame = shown(source)[0]
    assert (frame.width, frame.height) == pytest.approx(size, abs=2)
    assert difference(quarters_of(frame), QUARTERS) <= CLOSE


def test_a_lying_picture_with_wide_pixels_is_turned_with_its_shape(tmp_path: Path) -> None:
    """Stored 40x40 in the shape of 80x40, lying: shown as 40x80."""
    lying = make(tmp_path / "lying.mp4", *quarters("40x40", extra="setsar=2/1"), "-pix_fmt", "yuv420p", *H264)
    source = make(tmp_path / "told.mp4", "-display_rotation", "90", "-i", lying, "-c", "copy")
    frame = shown(source)[0]
    assert (frame.width, frame.height) == (40, 80)
    assert difference(quarters_of(frame), turned(QUARTERS, 90)) <= CLOSE


@pytest.mark.parametrize(
    ("stored", "size"),
    [("1x1", (2, 2)), ("2x2000", (2, 2000)), ("4096x2", (4096, 2)), ("7x333", (6, 286)), ("15x15", (16, 16))],
)
def test_the_oddest_sizes_are_shown(tmp_path: Path, stored: str, size: tuple[int, int]) -> None:
    pattern = ["-f", "lavfi", "-i", f"color=c=0xc04020:s={stored}:r=10:d=0.3,format=yuv444p"]
    frames = shown(make(tmp_path / "odd.mkv", *pattern, "-c:v", "libx264", "-profile:v", "high444", "-qp", "0"))
    assert len(frames) == 3
    assert (frames[0].width, frames[0].height) == pytest.approx(size, abs=2)


def combing(frame: object) -> float:
    """How far lines differ from the mean of their neighbours, beyond what the picture itself does."""
    plane = frame.reformat(format="gray").planes[0]  # type: ignore[attr-defined]
    content, step = bytes(plane), plane.line_size
    rows = [content[row * step : row * step + plane.width] for row in range(plane.height)]
    fields = sum(abs(a - b) for one, other in zip(rows[40:-3:2], rows[41:-2:2], strict=True) for a, b in zip(one, other, strict=True))  # fmt: skip  # noqa: E501
    lines = sum(abs(a - b) for one, other in zip(rows[40:-3:2], rows[42:-1:2], strict=True) for a, b in zip(one, other, strict=True))  # fmt: skip  # noqa: E501
    return fields / max(1, lines)


MOVING = "color=c=gray:s=320x192:r=50:d=1,drawbox=x=0:y=0:w=0:h=0,format=yuv420p,geq=lum='if(between(mod(X-N*8\\,160)\\,0\\,60)\\,200\\,50)':cb=128:cr=128"  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("order", ["tff", "bff"])
@pytest.mark.parametrize("codec", ["mpeg2video", "libx264"])
def test_fields_become_whole_pictures(tmp_path: Path, order: str, codec: str) -> None:
    fields = ["-f", "lavfi", "-i", f"{MOVING},interlace=scan={order}:lowpass=off"]
    encoding = {
        "mpeg2video": ["-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-b:v", "8M"],
        "libx264": ["-c:v", "libx264", "-flags", "+ilme+ildct", "-x264-params", f"{order}=1", "-crf", "10"],
    }[codec]
    source = make(tmp_path / "fields.ts", *fields, *encoding)
    video = facts_of_picture(source)
    assert video.is_interlaced
    frames = shown(source)
    assert len(frames) in {24, 25}
    assert max(combing(frame) for frame in frames[2:-2]) < 1.3


def test_whole_pictures_that_call_themselves_fields_stay_sharp(tmp_path: Path) -> None:
    """Flagged wrongly: nothing combs, and the numbers drawn into them are still read."""
    encoding = ["-c:v", "libx264", "-flags", "+ilme+ildct", "-x264-params", "tff=1", "-crf", "10"]
    source = make(tmp_path / "flagged.ts", *numbered("320x192", seconds=1), *encoding)
    assert facts_of_picture(source).is_interlaced
    frames = shown(source)
    assert [number_of(frame) for frame in frames] == list(range(25))


def test_a_cover_is_no_picture_of_the_film(tmp_path: Path) -> None:
    """Larger than the film, and before it in the file."""
    cover = make(tmp_path / "cover.png", *quarters("640x640"), "-frames:v", "1")
    film = make(tmp_path / "film.mp4", *quarters("64x48"), "-pix_fmt", "yuv420p", *H264)
    source = make(
        tmp_path / "covered.mp4", "-i", cover, "-i", film, "-map", "0", "-map", "1", "-c", "copy",
        "-disposition:v:0", "attached_pic",
    )  # fmt: skip
    video = facts_of_picture(source)
    assert (video.width, video.height, video.codec) == (64, 48, "h264")
    assert len(shown(source)) == 4
