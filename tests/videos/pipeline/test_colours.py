"""Colours: whatever numbers a file writes them in, viewers see what was meant, in the numbers of BT.709."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.videos.pipeline.shown import (
    QUARTERS,
    difference,
    facts_of_picture,
    make,
    quarters,
    quarters_of,
    shown,
)
from videos.pipeline import sandbox
from videos.pipeline.ffmpeg import find_ffmpeg

CLOSE = 12


def converted(matrix: str, pix_fmt: str, range_: str = "tv") -> str:
    """Filters from RGB."""
    return f"scale=out_color_matrix={matrix}:out_range={range_}:flags=accurate_rnd+full_chroma_int,format={pix_fmt}"


def tagged(space: str, primaries: str = "", transfer: str = "", range_: str = "tv") -> list[str]:
    """Output arguments that say what the numbers mean."""
    return [
        "-colorspace", space, "-color_primaries", primaries or space, "-color_trc", transfer or primaries or space,
        "-color_range", range_,
    ]  # fmt: skip


X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "8"]


@pytest.mark.parametrize(
    ("filters", "tags"),
    [
        (converted("bt709", "yuv420p"), tagged("bt709")),
        (converted("bt709", "yuv420p", "pc"), tagged("bt709", range_="pc")),
        (converted("bt601", "yuv420p"), tagged("smpte170m")),
        (converted("bt601", "yuvj420p", "pc"), tagged("smpte170m", range_="pc")),
        (converted("bt601", "yuv420p"), tagged("bt470bg", transfer="smpte170m")),
        (converted("bt601", "yuv420p"), []),  # small and untagged: old television
        (converted("bt709", "yuv420p10le"), tagged("bt709")),
        (converted("bt709", "yuv422p"), tagged("bt709")),
        (converted("bt709", "yuv422p10le"), tagged("bt709")),
        (converted("bt709", "yuv444p"), tagged("bt709")),
        (converted("bt709", "yuv444p10le", "pc"), tagged("bt709", range_="pc")),
        (converted("bt601", "yuv444p"), tagged("smpte170m")),
        (converted("bt2020", "yuv420p10le"), tagged("bt2020nc", "bt709", "bt709")),
    ],
)
def test_colours_stay_what_they_were(tmp_path: Path, filters: str, tags: list[str]) -> None:
    source = make(tmp_path / "source.mp4", *quarters(), "-vf", filters, *X264, *tags)
    assert difference(quarters_of(shown(source)[0]), QUARTERS) <= CLOSE


def test_large_untagged_pictures_are_taken_for_high_definition(tmp_path: Path) -> None:
    source = make(tmp_path / "source.mp4", *quarters("1280x720", 0.1), "-vf", converted("bt709", "yuv420p"), *X264)
    assert difference(quarters_of(shown(source)[0]), QUARTERS) <= CLOSE


@pytest.mark.parametrize("codec", [["libx264rgb", "-pix_fmt", "bgr24"], ["mjpeg", "-pix_fmt", "yuvj444p", "-q:v", "2"]])
def test_pictures_of_screens_and_cameras_keep_their_colours(tmp_path: Path, codec: list[str]) -> None:
    source = make(tmp_path / "source.mkv", *quarters(), "-c:v", *codec)
    assert difference(quarters_of(shown(source)[0]), QUARTERS) <= CLOSE


def test_grey_stays_as_bright_as_it_was(tmp_path: Path) -> None:
    greys = ((16, 16, 16), (90, 90, 90), (160, 160, 160), (235, 235, 235))
    source = make(
        tmp_path / "grey.mp4", *quarters(colours=greys), "-vf", converted("bt709", "yuv420p") + ",extractplanes=y",
        "-pix_fmt", "gray", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-crf", "8",
        "-color_range", "tv",
    )  # fmt: skip
    assert facts_of_picture(source).pix_fmt == "gray"
    assert difference(quarters_of(shown(source)[0]), greys) <= CLOSE


def wide_gamut(transfer: str, npl: int = 203) -> str:
    """Filters from RGB in BT.709 to BT.2020 with this curve."""
    return (
        f"{converted('bt709', 'yuv444p')},setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709,"
        f"zscale=t=linear:npl={npl},format=gbrpf32le,zscale=p=bt2020,"
        f"zscale=t={transfer}:m=bt2020nc:p=bt2020:r=limited:npl={npl},format=yuv420p10le"
    )


def x265(transfer: str) -> list[str]:
    """Ten bits with everything said in the stream."""
    told = f"log-level=none:pools=1:frame-threads=1:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    hdr = ":hdr-opt=1:repeat-headers=1:max-cll=1000,400" if transfer == "smpte2084" else ""
    return [
        "-c:v", "libx265", "-preset", "ultrafast", "-crf", "8", "-x265-params", told + hdr, "-tag:v", "hvc1",
        *tagged("bt2020nc", "bt2020", transfer),
    ]  # fmt: skip


def test_wide_gamut_without_high_range_keeps_its_colours(tmp_path: Path) -> None:
    source = make(tmp_path / "wide.mp4", *quarters(), "-vf", wide_gamut("2020_10"), *x265("bt2020-10"))
    facts = facts_of_picture(source)
    assert (facts.primaries, facts.matrix, facts.is_hdr) == ("bt2020", "bt2020nc", False)
    assert difference(quarters_of(shown(source)[0]), QUARTERS) <= 2 * CLOSE


@pytest.mark.parametrize("curve", ["smpte2084", "arib-std-b67"])
@pytest.mark.parametrize("size", ["320x180", "322x182"])
def test_high_range_becomes_what_every_screen_shows(tmp_path: Path, curve: str, size: str) -> None:
    """Neither washed out nor dark: colours of ordinary brightness keep their tint and about their level."""
    source = make(tmp_path / "hdr.mp4", *quarters(size), "-vf", wide_gamut(curve), *x265(curve))
    assert facts_of_picture(source).is_hdr
    red, green, blue, white = found = quarters_of(shown(source)[0])
    assert difference(found, QUARTERS) <= 60
    assert red[0] > 2 * red[1]
    assert green[1] > 1.5 * green[0]
    assert blue[2] > 2 * blue[0]
    assert max(white) - min(white) <= 20


@pytest.mark.parametrize("transfer", ["smpte2084", "bt2020-10"])
def test_odd_sizes_of_wide_gamut_are_shown(tmp_path: Path, transfer: str) -> None:
    curve = {"bt2020-10": "2020_10"}.get(transfer, transfer)
    cropped = f"{wide_gamut(curve)},format=yuv444p10le,crop=319:179:exact=1,format=yuv420p10le"
    vp9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-crf", "10", "-b:v", "0"]
    source = make(
        tmp_path / "odd.mkv", *quarters(), "-vf", cropped, *vp9, *tagged("bt2020nc", "bt2020", transfer)
    )  # fmt: skip
    assert (facts_of_picture(source).width, facts_of_picture(source).height) == (319, 179)
    assert difference(quarters_of(shown(source)[0]), QUARTERS) <= 60


def test_without_the_filters_for_it_high_range_is_pale_but_whole(tmp_path: Path) -> None:
    source = make(tmp_path / "hdr.mp4", *quarters(), "-vf", wide_gamut("smpte2084"), *x265("smpte2084"))
    frames = shown(source, has_tone_mapping=False)  # which asserts size, form and what the stream says
    red, green, blue, white = quarters_of(frames[0])
    assert red[0] > red[1]
    assert green[1] > green[0]
    assert blue[2] > blue[0]
    assert min(white) > 60


def with_dolby_vision(film: bytes) -> bytes:
    """As phones write it: HDR10 (or HLG) that says it is the base of profile 8.1. The box goes into the sample entry;
    moov is the file's last, so that no offset moves."""
    record = struct.pack(">BBHB19x", 1, 0, 8 << 9 | 1 << 3 | 0b101, 0x10)  # version, profile, level, base and RPU
    added = struct.pack(">I4s", 8 + len(record), b"dvvC") + record
    content, place = bytearray(film), 0
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"hvc1"):
        place = film.index(kind, place) - 4
        size = int.from_bytes(film[place : place + 4], "big")
        content[place : place + 4] = (size + len(added)).to_bytes(4, "big")
        place += 8
    end = place - 8 + size
    content[end:end] = added
    return bytes(content)


def test_dolby_vision_falls_back_on_its_base(tmp_path: Path) -> None:
    base = make(tmp_path / "base.mp4", *quarters(), "-vf", wide_gamut("smpte2084"), *x265("smpte2084"))
    phone = tmp_path / "phone.mp4"
    phone.write_bytes(with_dolby_vision(base.read_bytes()))
    said = sandbox.run([find_ffmpeg(None), "-nostdin", "-i", phone], limits=sandbox.Limits(), cwd=tmp_path).stderr_tail
    assert "DOVI configuration record: version: 1.0, profile: 8" in said
    assert facts_of_picture(phone).is_hdr
    assert quarters_of(shown(phone)[0]) == quarters_of(shown(base)[0])
