"""An original is cut into segments that hold every frame once, at its time, whatever the file's habits; what browsers
could not play is refused with a reason."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.media_samples import AAC, H264, beeps, beeps_heard, ffmpeg, media_folder, number_of, numbered, sample
from tests.videos.pipeline.encoded import facts_of, frames_of
from videos.pipeline import cutter
from videos.pipeline.fmp4 import FragmentedMp4, index_fragmented_mp4, parse_init, parse_segment
from videos.pipeline.index_child import _ts_sizes
from videos.pipeline.instant import CutPlan, plan_cuts
from videos.pipeline.mp4boxes import Mp4Error, Reader
from videos.pipeline.mpegts import segment_to_ts
from videos.pipeline.playable import NotInstant, PlayLimits
from videos.pipeline.probe import probe
from videos.pipeline.progressive import read_tracks


def reader(content: bytes) -> Reader:
    return lambda offset, length: content[offset : offset + length]


def plan_of(path: Path, limits: PlayLimits | None = None) -> CutPlan:
    content = path.read_bytes()
    return plan_cuts(read_tracks(reader(content), len(content)), probe(path), limits)


@dataclass(frozen=True)
class Cut:
    """A film after cutting: the index, its parts, and all of them in one file."""

    source: Path
    index: bytes
    init: bytes
    segments: tuple[bytes, ...]
    whole: Path

    @property
    def parsed(self) -> FragmentedMp4:
        content = self.whole.read_bytes()
        return index_fragmented_mp4(reader(content), len(content))


@functools.cache
def cut(path: Path) -> Cut:
    index = cutter.write_index(plan_of(path), source="items/x/source/y/original")
    film = cutter.open_index(reader(index))
    content = path.read_bytes()
    segments = tuple(cutter.cut(film, number, reader(index), reader(content)) for number in range(film.segments))
    whole = media_folder() / f"cut-{path.name}"
    whole.write_bytes(film.init + b"".join(segments))
    return Cut(path, index, film.init, segments, whole)


@functools.cache
def long_film() -> Path:
    """22 s with keyframes every second and B-frames: several segments."""
    path = media_folder() / "long-film.mp4"
    ffmpeg(*numbered(seconds=22), *beeps(22), *H264, "-g", "25", "-bf", "2", *AAC, path)
    return path


def quicktime() -> Path:
    """As cameras write it: MOV, a sound description of its own kind, chunks of a second."""
    path = media_folder() / "camera.mov"
    if not path.exists():
        ffmpeg("-i", sample("film.mp4"), "-c", "copy", "-f", "mov", path)
    return path


FILMS: dict[str, Callable[[], Path]] = {
    "plain": lambda: sample("film.mp4"),
    "30000/1001": lambda: sample("ntsc.mp4"),
    "no sound": lambda: sample("no_audio.mp4"),
    "sixty a second": lambda: sample("sixty.mp4"),
    "portrait": lambda: sample("portrait.mp4"),
    "lying on its side": lambda: sample("rotated.mp4"),
    "from a camera": quicktime,
    "several segments": long_film,
}


@pytest.mark.parametrize("name", FILMS)
def test_every_frame_is_there_once_and_at_its_time(name: str) -> None:
    source = FILMS[name]()
    before, after = frames_of(source), frames_of(cut(source).whole)
    assert [number_of(frame) for frame in after] == [number_of(frame) for frame in before]
    began = before[0].time
    assert after[0].time == 0
    for was, now in zip(before, after, strict=True):
        assert now.time == pytest.approx(was.time - began, abs=1e-4)


@pytest.mark.parametrize("name", ["plain", "from a camera", "several segments"])
def test_sound_stays_with_its_picture(name: str) -> None:
    source = FILMS[name]()
    heard, meant = beeps_heard(cut(source).whole), beeps_heard(source)
    assert len(heard) == len(meant) > 0
    for one, other in zip(heard[1:], meant[1:], strict=True):
        assert one == pytest.approx(other, abs=0.002)
    assert heard[0] == pytest.approx(meant[0], abs=0.022)  # the first packet is decoded without the one before it


def test_segments_begin_with_keyframes_at_least_four_seconds_apart_and_tell_real_lengths() -> None:
    film = cut(long_film())
    parsed = film.parsed
    assert len(parsed.segments) == len(film.segments) == 6
    assert [float(length) for length in parsed.durations] == pytest.approx([4, 4, 4, 4, 4, 2], abs=1e-6)
    assert sum(parsed.durations) == plan_of(film.source).duration_seconds
    assert [len(segment) for segment in film.segments] == cutter.segment_bytes(plan_of(film.source))


def test_no_segments_sound_begins_before_its_picture() -> None:
    tracks = parse_init(cut(long_film()).init)
    for segment in cut(long_film()).segments:
        picture, sound = (parse_segment(segment, 0, tracks)[track.id] for track in tracks)
        assert Fraction(sound.start, tracks[1].timescale) >= Fraction(picture.start, tracks[0].timescale)


def test_the_same_film_gives_the_same_bytes_in_any_order() -> None:
    film = cut(long_film())
    content = film.source.read_bytes()
    again = cutter.write_index(plan_of(film.source), source="items/x/source/y/original")
    assert again == film.index
    opened = cutter.open_index(reader(again))
    for number in (3, 0, 5, 1, 4, 2):
        assert cutter.cut(opened, number, reader(again), reader(content)) == film.segments[number]


def test_a_segment_reads_little_whatever_the_films_length() -> None:
    film = cut(long_film())
    read: list[int] = []

    def counted(offset: int, length: int) -> bytes:
        read.append(length)
        return film.index[offset : offset + length]

    opened = cutter.open_index(reader(film.index))
    cutter.cut(opened, 3, counted, reader(film.source.read_bytes()))
    assert len(read) == 3  # where its samples are listed, and a list for each track
    assert sum(read) < 10_000


def test_a_turned_picture_stays_turned() -> None:
    with av.open(str(cut(sample("rotated.mp4")).whole)) as made, av.open(str(sample("rotated.mp4"))) as source:
        turned = [next(container.decode(video=0)).rotation for container in (made, source)]
    assert turned[0] == turned[1] != 0


def test_transport_streams_are_made_of_the_same_segments() -> None:
    film = cut(long_film())
    tracks = parse_init(film.init)
    streams = [
        segment_to_ts(segment, 0, parse_segment(segment, 0, tracks), tracks, index=number)
        for number, segment in enumerate(film.segments)
    ]
    path = media_folder() / "cut.ts"
    path.write_bytes(b"".join(streams))
    before, after = frames_of(film.source), frames_of(path)
    assert [number_of(frame) for frame in after] == [number_of(frame) for frame in before]


@pytest.mark.parametrize("name", ["plain", "several segments", "no sound", "from a camera"])
def test_the_length_of_a_transport_stream_is_told_before_it_is_made(name: str) -> None:
    film = cut(FILMS[name]())
    tracks = parse_init(film.init)
    told = _ts_sizes(plan_of(film.source))
    for number, segment in enumerate(film.segments):
        made = len(segment_to_ts(segment, 0, parse_segment(segment, 0, tracks), tracks, index=number))
        assert made <= told[number] <= 1.5 * made


# --- What is refused ------------------------------------------------------------------------------------------------


def ten_bit() -> Path:
    path = media_folder() / "ten-bit.mp4"
    ffmpeg(*numbered(seconds=1), "-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-preset", "ultrafast", path)
    return path


def rare_keyframes() -> Path:
    path = media_folder() / "rare.mp4"
    ffmpeg(*numbered(seconds=13), *H264, "-g", "1000", path)
    return path


def open_groups() -> Path:
    path = media_folder() / "open.mp4"
    x264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
    ffmpeg(*numbered(seconds=6), *x264, "-x264-params", "open-gop=1:keyint=25:bframes=2:scenecut=0", path)
    return path


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (ten_bit, "yuv420p10le"),
        (lambda: sample("hdr10.mp4"), "hevc"),
        (rare_keyframes, "keyframes more than 10 s apart"),
        (open_groups, "open groups of pictures"),
        (lambda: sample("edit_list.mp4"), "edit list"),
        (lambda: sample("fast.mp4"), "240.0 a second"),
        (lambda: sample("short_sound.mp4"), "sound"),
    ],
    ids=[
        "ten bits",
        "hevc",
        "rare keyframes",
        "open groups",
        "begins inside a group",
        "too many frames",
        "short sound",
    ],
)
def test_what_would_not_play_well_waits_for_its_rungs(make: Callable[[], Path], reason: str) -> None:
    with pytest.raises(NotInstant, match=reason):
        plan_of(make())


def test_limits_are_the_operators() -> None:
    with pytest.raises(NotInstant, match="854x480"):
        plan_of(sample("film.mp4"), PlayLimits(short_side=360))
    with pytest.raises(NotInstant, match="bits a second"):
        plan_of(sample("film.mp4"), PlayLimits(peak_bps=1000))


@pytest.mark.parametrize("name", ["fragmented", "cut off", "no film"])
def test_what_is_no_plain_mp4_is_an_error(name: str) -> None:
    content = {
        "fragmented": cut(sample("film.mp4")).whole.read_bytes(),
        "cut off": sample("film.mp4").read_bytes()[:2000],
        "no film": b"\x00\x00\x00\x10ftypisom\x00\x00\x02\x00",
    }[name]
    with pytest.raises(Mp4Error):
        read_tracks(reader(content), len(content))


def test_damaged_tables_are_errors_and_never_anything_else() -> None:
    content = sample("no_audio.mp4").read_bytes()
    moov = content.index(b"moov")
    facts = facts_of("no_audio.mp4")
    for place in range(moov + 4, min(len(content), moov + 1500)):
        damaged = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
        try:
            plan = plan_cuts(read_tracks(reader(damaged), len(damaged)), facts)
            index = cutter.write_index(plan, source="x")
            film = cutter.open_index(reader(index))
            cutter.cut(film, 0, reader(index), reader(damaged))
        except (Mp4Error, NotInstant):
            continue


def _with_sizes(path: Path, track: int, change: Callable[[int, int], int]) -> bytes:
    """The file with other sample sizes in one track's table: `change` is given number and size."""
    content = bytearray(path.read_bytes())
    table = -1
    for _ in range(track + 1):
        table = content.index(b"stsz", table + 1)
    count = int.from_bytes(content[table + 12 : table + 16], "big")
    for number in range(count):
        place = table + 16 + 4 * number
        size = change(number, int.from_bytes(content[place : place + 4], "big"))
        content[place : place + 4] = size.to_bytes(4, "big")
    return bytes(content)


def test_samples_of_no_bytes_are_cut_too() -> None:
    """The last of a piece lies just behind it."""
    content = _with_sizes(sample("no_audio.mp4"), 0, lambda number, size: 0 if number > 97 else size)
    plan = plan_cuts(read_tracks(reader(content), len(content)), facts_of("no_audio.mp4"))
    index = cutter.write_index(plan, source="x")
    segment = cutter.cut(cutter.open_index(reader(index)), 0, reader(index), reader(content))
    assert len(segment) == cutter.segment_bytes(plan)[0]


def test_what_one_segment_may_hold_in_memory_is_bounded() -> None:
    film = sample("no_audio.mp4")
    with pytest.raises(NotInstant, match="bits a second"):
        plan_of(film, PlayLimits(peak_bps=100_000))
    whole = film.stat().st_size
    overlapping = _with_sizes(film, 0, lambda _number, size: min(size * 40, whole // 4))
    with pytest.raises((NotInstant, Mp4Error)):
        plan_cuts(
            read_tracks(reader(overlapping), len(overlapping)), facts_of("no_audio.mp4"), PlayLimits(peak_bps=1_000_000)
        )


def test_a_source_that_became_shorter_is_noticed() -> None:
    film = cut(sample("film.mp4"))
    opened = cutter.open_index(reader(film.index))
    with pytest.raises(Mp4Error, match="shorter"):
        cutter.cut(opened, 0, reader(film.index), reader(film.source.read_bytes()[:20_000]))


def test_what_is_no_index_is_an_error() -> None:
    film = cut(sample("film.mp4"))
    for content in (b"", b"MATIDX1\0", film.index[:60], b"x" * 200):
        with pytest.raises(Mp4Error):
            cutter.open_index(reader(content))
    opened = cutter.open_index(reader(film.index))
    for number in (-1, len(film.segments)):
        with pytest.raises(Mp4Error):
            cutter.cut(opened, number, reader(film.index), reader(b""))
