"""Files that lie, point elsewhere or swell, made by ffmpeg and by hand. Each says which entry of the catalogue of
threats it is, and how it must end: as a film, or with a code. What needs no file of its own is tested beside what it is
about: empty files, names, bodies and parts that lie, quotas (tests/videos/http, tests/videos/ingest), turned, HDR and
joined films (tests/videos/pipeline), pictures and captions that people send (tests/videos/api)."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av

from tests.media_samples import AAC, H264, ffmpeg, sample

PLAYS: Final = ""  # instead of a code
MARK: Final = b"<script>alert('polyglot')</script>"


@dataclass(frozen=True)
class Surroundings:
    """What a hostile file may point at: a file that nobody may open, and a port at which nobody may knock."""

    canary: Path
    port: int


@dataclass(frozen=True)
class Hostile:
    """`make` writes the file; `ends` holds the codes it may end with, PLAYS among them."""

    name: str
    item: int
    make: Callable[[Path, Surroundings], object]
    ends: frozenset[str]
    length_seconds: float | None = None  # of what plays


CORPUS: list[Hostile] = []
Maker = Callable[[Path, Surroundings], object]


def hostile(name: str, item: int, *ends: str, length_seconds: float | None = None) -> Callable[[Maker], Maker]:
    """Adds what the decorated function writes."""

    def add(make: Maker) -> Maker:
        CORPUS.append(Hostile(name, item, make, frozenset(ends), length_seconds))
        return make

    return add


def _bytes(name: str, item: int, content: bytes, *ends: str) -> None:
    hostile(name, item, *ends)(lambda path, _around: path.write_bytes(content))


def _text(name: str, item: int, words: Callable[[Surroundings], str], *ends: str) -> None:
    hostile(name, item, *ends)(lambda path, around: path.write_text(words(around), encoding="utf-8"))


def _encoded(name: str, item: int, arguments: Sequence[str], *ends: str, form: str = "mp4") -> None:
    hostile(name, item, *ends)(lambda path, _around: ffmpeg(*arguments, "-f", form, path))


def _picture(size: str = "64x36", rate: str = "25", seconds: float = 1) -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}"]


def _film(path: Path, *extra: str, form: str = "mp4") -> None:
    """A whole second of picture and sound."""
    sound = ["-f", "lavfi", "-i", "sine=duration=1"]
    ffmpeg(*_picture(), *sound, *H264, *AAC, *extra, "-f", form, path)


# --- 2, 3: something else under a film's name -------------------------------------------------------------------------


def _archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("film.mp4", "no film")
    return content.getvalue()


_bytes("noise", 2, random.Random(1).randbytes(100_000), "not_a_video")
_bytes("program", 3, b"\x7fELF\x02\x01\x01" + bytes(9) + random.Random(2).randbytes(4000), "not_a_video")
_bytes("archive", 3, _archive(), "not_a_video")
_bytes("document", 3, b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n" * 20, "not_a_video")
_bytes("page", 3, b"<!doctype html><html><body>" + MARK * 40 + b"</body></html>", "not_a_video")


@hostile("matroska", 3, PLAYS, length_seconds=1)
def _matroska(path: Path, _around: Surroundings) -> None:
    """Right content under another name."""
    _film(path, form="matroska")


# --- 4: cut off -------------------------------------------------------------------------------------------------------


@hostile("without its index", 4, "truncated")
def _without_index(path: Path, _around: Surroundings) -> None:
    _film(path)
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"moov") - 4])


def _cut(share: float) -> None:
    @hostile(f"cut at {share:.0%}", 4, "truncated")
    def make(path: Path, _around: Surroundings) -> None:
        _film(path, "-movflags", "+faststart")
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])


for _share in (0.1, 0.5, 0.9):
    _cut(_share)


# --- 5, 6, 7, 8: lists of other files ---------------------------------------------------------------------------------

LIST = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n"
_text("list of passwords", 5, lambda _: LIST.format("/etc/passwd"), "unsupported_container")
_text("list of a neighbour's film", 5, lambda around: LIST.format(around.canary), "unsupported_container")
_text(
    "list of an address", 5, lambda around: LIST.format(f"http://127.0.0.1:{around.port}/a.ts"), "unsupported_container"
)
_text(
    "list of lists",
    5,
    lambda around: f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{around.canary}\n",
    "unsupported_container",
)
_text("list of itself", 5, lambda _: LIST.format("original"), "unsupported_container")
_text(
    "list after blanks",
    5,
    lambda around: "\n \ufeff" + LIST.format(around.canary),
    "unsupported_container",
    "not_a_video",
)
_text("concat", 6, lambda around: f"ffconcat version 1.0\nfile '{around.canary}'\n", "unsupported_container")
_text(
    "manifest",
    6,
    lambda around: (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT9S">'
        "<Period><AdaptationSet><Representation id='1' bandwidth='1' mimeType='video/mp4'>"
        f"<BaseURL>{around.canary}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    ),
    "unsupported_container",
)
_text(
    "session",
    6,
    lambda _: "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    "unsupported_container",
)
_text("address alone", 6, lambda around: f"http://127.0.0.1:{around.port}/film\n", "not_a_video")
_text(
    "subtitles", 6, lambda around: f"1\n00:00:00,000 --> 00:00:01,000\nsubfile,,start,0,end,9,,:{around.canary}\n\n",
    "unsupported_container", "not_a_video", "no_streams",
)  # fmt: skip
_text(
    "drawing",
    7,
    lambda around: (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<image xlink:href="http://127.0.0.1:{around.port}/p.png"/><image xlink:href="file://{around.canary}"/></svg>'
    ),
    "unsupported_container",
)


@hostile("subtitles that hold a list", 8, PLAYS, "unsupported_codec", "corrupt")
def _gab2(path: Path, around: Surroundings) -> None:
    """An AVI whose subtitle track is a list of files, as the GAB2 attack has it."""
    ffmpeg(*_picture(seconds=1), "-c:v", "mpeg4", "-f", "avi", path)
    content = path.read_bytes()
    words = LIST.format(f"http://127.0.0.1:{around.port}/gab.ts").encode() + str(around.canary).encode()
    gab2 = (
        b"GAB2\x00\x02\x00"
        + struct.pack("<I", 4)
        + b"x\x00\x00\x00"
        + b"\x04\x00"
        + struct.pack("<I", len(words))
        + words
    )
    gab2 += bytes(len(gab2) % 2)
    head = b"txts" + bytes(44)
    format_ = b""
    stream = b"strh" + struct.pack("<I", len(head)) + head + b"strf" + struct.pack("<I", len(format_)) + format_
    listed = b"LIST" + struct.pack("<I", len(stream) + 4) + b"strl" + stream
    header_end = 12 + 8 + struct.unpack_from("<I", content, 16)[0]
    movie = content.index(b"movi") + 4
    header_bytes = struct.pack("<I", struct.unpack_from("<I", content, 16)[0] + len(listed))
    header = content[:16] + header_bytes + content[20:header_end] + listed + content[header_end:movie]
    content = header + b"01sb" + struct.pack("<I", len(gab2)) + gab2 + content[movie:]
    path.write_bytes(content[:4] + struct.pack("<I", len(content) - 8) + content[8:])


# --- 9: two things at once --------------------------------------------------------------------------------------------


@hostile("page behind a film", 9, PLAYS, length_seconds=1)
def _page_behind(path: Path, _around: Surroundings) -> None:
    _film(path)
    path.write_bytes(path.read_bytes() + b"<html>" + MARK)


@hostile("page inside a film", 9, PLAYS, length_seconds=1)
def _page_inside(path: Path, _around: Surroundings) -> None:
    _film(path)
    content = path.read_bytes()
    index = content.index(b"moov") - 4
    path.write_bytes(content[:index] + struct.pack(">I4s", len(MARK) + 8, b"free") + MARK + content[index:])


# --- 10, 11, 12: which tracks -----------------------------------------------------------------------------------------


@hostile("sound with a cover", 10, PLAYS)
def _cover(path: Path, _around: Surroundings) -> None:
    path.write_bytes(sample("cover.m4a").read_bytes())


_encoded("sound alone", 11, ["-f", "lavfi", "-i", "sine=duration=1", *AAC], PLAYS)
_encoded("picture alone", 11, [*_picture(), *H264], PLAYS)


@hostile("200 sound tracks", 12, "too_many_streams")
def _many_tracks(path: Path, _around: Surroundings) -> None:
    sound = path.with_name("sound.m4a")
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.2:sample_rate=8000", "-c:a", "aac", "-b:a", "16k", sound)
    ffmpeg(
        *_picture(seconds=0.2),
        "-i",
        sound,
        "-map",
        "0:v",
        *["-map", "1:a"] * 200,
        *H264,
        "-c:a",
        "copy",
        "-f",
        "matroska",
        path,
    )
    sound.unlink()


@hostile("attachment with a path for a name", 12, PLAYS, length_seconds=1)
def _attachment(path: Path, around: Surroundings) -> None:
    attached = path.with_name("attached.ttf")
    attached.write_bytes(b"x" * 100)
    kind = [
        "-metadata:s:t",
        "mimetype=application/x-truetype-font",
        "-metadata:s:t",
        f"filename=../../../..{around.canary}",
    ]
    ffmpeg(*_picture(), "-attach", attached, *kind, *H264, "-f", "matroska", path)
    attached.unlink()


# --- 13 to 17: sizes, rates, lengths ----------------------------------------------------------------------------------


def _sized(size: str, *ends: str) -> None:
    width, height = size.split("x")
    filters = ["-vf", f"scale={width}:{height}:flags=neighbor"]
    _encoded(size, 13, [*_picture(seconds=0.4), *filters, "-c:v", "mpeg4", "-q:v", "9"], *ends, form="matroska")


_sized("2x2", PLAYS, "dimensions_unsupported")
_sized("2x2000", PLAYS, "dimensions_unsupported")
_sized("4096x2", PLAYS, "dimensions_unsupported")
_sized("65x37", PLAYS)


@hostile("one dot", 13, PLAYS, "dimensions_unsupported", "unsupported_container", "not_a_video")
def _dot(path: Path, _around: Surroundings) -> None:
    ffmpeg(*_picture(seconds=0.4), "-vf", "scale=1:1", "-c:v", "mjpeg", "-pix_fmt", "yuvj444p", "-f", "matroska", path)


@hostile("16000 by 16000", 14, "dimensions_too_large", "decode_limit")
def _huge(path: Path, _around: Surroundings) -> None:
    """Two frames of one colour; encoded at a size that libx264 takes, then said to be larger in every header."""
    ffmpeg("-f", "lavfi", "-i", "color=s=16000x16000:r=2:d=0.5", "-c:v", "mjpeg", "-q:v", "31", "-f", "matroska", path)


@hostile("small header, large picture", 15, "dimensions_too_large", "decode_limit", "corrupt")
def _lying(path: Path, _around: Surroundings) -> None:
    ffmpeg("-f", "lavfi", "-i", "color=s=9000x4400:r=5:d=0.4", *H264, "-f", "matroska", path)
    content = path.read_bytes()
    for tag, large, small in ((b"\xb0\x82", 9000, 64), (b"\xba\x82", 4400, 36)):
        assert content.count(tag + large.to_bytes(2, "big"))
        content = content.replace(tag + large.to_bytes(2, "big"), tag + small.to_bytes(2, "big"), 1)
    path.write_bytes(content)


@hostile("30 hours", 16, "duration_too_long")
def _long(path: Path, _around: Surroundings) -> None:
    """Few frames, an hour apart."""
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "color=s=32x32:r=1:d=31",
        "-vf",
        "setpts=PTS*3600",
        "-fps_mode",
        "passthrough",
        *H264,
        "-f",
        "matroska",
        path,
    )


@hostile("10,000 frames a second", 17, "frame_rate_unsupported", PLAYS)
def _fast(path: Path, _around: Surroundings) -> None:
    ffmpeg(*_picture("32x32", "10000", 0.5), *H264, "-f", "matroska", path)


# --- 18, 21, 23: times, codecs, tags ----------------------------------------------------------------------------------


@hostile("begins after ten hours", 18, PLAYS, length_seconds=1)
def _late(path: Path, _around: Surroundings) -> None:
    _film(path, "-output_ts_offset", "36000", "-avoid_negative_ts", "disabled", form="matroska")


@hostile("a clock that falls back", 18, PLAYS, "corrupt", "truncated")
def _back(path: Path, _around: Surroundings) -> None:
    part = path.with_name("part.ts")
    _film(part, form="mpegts")
    path.write_bytes(part.read_bytes() * 2)
    part.unlink()


_encoded(
    "a codec that is not read", 21, [*_picture(seconds=0.2), "-c:v", "magicyuv", "-pix_fmt", "yuv420p"],
    "unsupported_codec", form="matroska",
)  # fmt: skip


@hostile("tags that are no words", 23, PLAYS, length_seconds=1)
def _tags(path: Path, _around: Surroundings) -> None:
    """A title of a megabyte that is markup, and bytes that are no text."""
    _film(path, "-metadata", "title=PLACEHOLDER", "-metadata", f"comment={MARK.decode() * 2000}")
    content = path.read_bytes()
    assert content.count(b"PLACEHOLDER") == 1
    path.write_bytes(content.replace(b"PLACEHOLDER", b"\xff\xfe\x00\x80<b>x\xc3\x28"))


def plays(path: Path) -> bool:
    """Whether every picture or sound of a file decodes."""
    with av.open(str(path)) as container:
        return any(True for packet in container.demux() for _ in packet.decode())
