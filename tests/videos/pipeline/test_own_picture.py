"""Pictures that people send: what is taken, what becomes of it, and what bombs do (nothing)."""

from __future__ import annotations

import io
import resource
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from videos.pipeline.own_picture import Refused, take_picture
from videos.pipeline.poster import PosterFacts


def taken(content: bytes, folder: Path) -> Image.Image:
    """The picture that comes out."""
    (folder / "sent").write_bytes(content)
    made = take_picture(folder / "sent", folder / "out.jpg")
    assert isinstance(made, PosterFacts), made
    with Image.open(folder / "out.jpg", formats=("JPEG",)) as opened:
        opened.load()
        assert made == PosterFacts(*opened.size, (folder / "out.jpg").stat().st_size)
        assert opened.mode == "RGB"
        assert not opened.getexif()
        assert "icc_profile" not in opened.info
        return opened


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def halves(size: tuple[int, int] = (200, 100)) -> Image.Image:
    """Red above, blue below."""
    picture = Image.new("RGB", size, (220, 20, 20))
    picture.paste((20, 20, 220), (0, size[1] // 2, size[0], size[1]))
    return picture


def at(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    return tuple(picture.crop((x, y, x + 1, y + 1)).tobytes())


def is_red(colour: tuple[int, ...]) -> bool:
    return colour[0] > 150 and colour[2] < 100


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_kinds_that_are_taken(tmp_path: Path, kind: str) -> None:
    picture = taken(encoded(halves(), kind), tmp_path)
    assert picture.size == (200, 100)
    assert is_red(at(picture, 100, 10))
    assert not is_red(at(picture, 100, 90))


@pytest.mark.parametrize(
    ("sent", "size"), [((4000, 2000), (1280, 640)), ((900, 3600), (320, 1280)), ((30, 20), (30, 20))]
)
def test_it_is_made_small_enough_and_never_larger(tmp_path: Path, sent: tuple[int, int], size: tuple[int, int]) -> None:
    assert taken(encoded(halves(sent), "JPEG"), tmp_path).size == size


def test_it_is_turned_upright_and_tells_nothing_of_where_it_was_taken(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    exif[0x010F] = "A maker"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    picture = taken(encoded(halves(), "JPEG", exif=exif, comment=b"a secret"), tmp_path)
    assert picture.size == (100, 200)
    assert is_red(at(picture, 90, 100))
    content = (tmp_path / "out.jpg").read_bytes()
    assert b"maker" not in content
    assert b"secret" not in content


def test_what_lets_through_lies_on_white(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    picture.paste((220, 20, 20, 255), (0, 0, 32, 64))
    out = taken(encoded(picture, "PNG"), tmp_path)
    assert is_red(at(out, 8, 32))
    assert min(at(out, 56, 32)) > 245


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "CMYK", "I;16"])
def test_other_ways_to_hold_colours(tmp_path: Path, mode: str) -> None:
    grey = Image.new("L", (64, 64), 128)
    picture = Image.new("I;16", (64, 64), 128 * 257) if mode == "I;16" else grey.convert(mode)
    out = taken(encoded(picture, "JPEG" if mode == "CMYK" else "PNG"), tmp_path)
    mean = at(out.resize((1, 1), Image.Resampling.BOX), 0, 0)
    assert all(abs(value - 128) < 8 for value in mean), mean


def test_colours_of_another_profile_are_those_of_the_web(tmp_path: Path) -> None:
    linear = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ"))
    broken = encoded(halves(), "JPEG", icc_profile=b"no profile at all")
    assert is_red(at(taken(broken, tmp_path), 100, 10))
    with_profile = encoded(halves(), "JPEG", icc_profile=linear.tobytes())
    assert taken(with_profile, tmp_path).size == (200, 100)


def test_the_first_picture_of_a_moving_one(tmp_path: Path) -> None:
    moving = encoded(halves(), "WEBP", save_all=True, append_images=[Image.new("RGB", (200, 100))])
    assert is_red(at(taken(moving, tmp_path), 100, 10))


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content",
    [
        b"", SVG, b"<!doctype html><script>alert(1)</script>", encoded(halves(), "GIF"), encoded(halves(), "TIFF"),
        encoded(halves(), "BMP"), encoded(halves((900, 900)), "JPEG")[:700], encoded(halves(), "PNG")[:60],
        b"\0" * 5000,
    ],
    ids=["nothing", "svg", "html", "gif", "tiff", "bmp", "half a jpeg", "half a png", "zeros"],
)  # fmt: skip
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sent").write_bytes(content)
    made = take_picture(tmp_path / "sent", tmp_path / "out.jpg")
    assert isinstance(made, Refused)
    assert made.reason == "unreadable"
    assert not (tmp_path / "out.jpg").exists()


def bomb(width: int, height: int) -> bytes:
    """A PNG of black that unpacks a thousandfold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    content = bomb(16_000, 16_000)
    assert len(content) < 1 << 20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (tmp_path / "sent").write_bytes(content)
    made = take_picture(tmp_path / "sent", tmp_path / "out.jpg")
    assert isinstance(made, Refused)
    assert made.reason == "too_large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 << 10
    assert "256000000 pixels" in made.detail  # as its header says, so nothing was unpacked


def test_a_picture_just_within_the_limit_is_taken(tmp_path: Path) -> None:
    assert taken(bomb(8000, 5000), tmp_path).size == (1280, 800)


def test_a_header_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    content = bytearray(bomb(100, 100))
    content[16:24] = struct.pack(">II", 60_000, 60_000)
    (tmp_path / "sent").write_bytes(content)
    assert isinstance(take_picture(tmp_path / "sent", tmp_path / "out.jpg"), Refused)
