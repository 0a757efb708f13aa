"""A film that only its container keeps from browsers is copied into an MP4: every frame, at its time, or not at all."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from tests.media_samples import AAC, H264, beeps, beeps_heard, ffmpeg, media_folder, number_of, numbered, sample
from tests.videos.pipeline.encoded import frames_of
from videos.pipeline import cutter
from videos.pipeline.errors import Cancelled
from videos.pipeline.fmp4 import parse_init, parse_segment
from videos.pipeline.indexing import Original, Refused
from videos.pipeline.inspect import Inspected, inspect
from videos.pipeline.mpegts import segment_to_ts
from videos.pipeline.playable import PlayLimits
from videos.pipeline.probe import probe
from videos.pipeline.remux import RemuxLimits, needs_remux, remux


def made(name: str, *arguments: str | Path) -> Path:
    path = media_folder() / name
    if not path.exists():
        ffmpeg(*arguments, path)
    return path


def copied(name: str, *arguments: str) -> Path:
    return made(name, "-i", sample("film.mp4"), "-c", "copy", *arguments)


FILMS = {
    "matroska": lambda: copied("copied.mkv"),
    "transport stream": lambda: copied("copied.ts", "-muxdelay", "0.7"),
    "flv": lambda: copied("copied.flv"),
    "fragmented": lambda: copied("fragmented.mp4", "-movflags", "frag_keyframe+delay_moov"),
    "no sound": lambda: copied("silent.mkv", "-an"),
    "varying rate": lambda: sample("vfr.mkv"),
}


@functools.cache
def copy_of(source: Path) -> tuple[Original | Refused, Path]:
    folder = media_folder() / f"remuxed-{source.name}"
    folder.mkdir()
    return remux(source, probe(source), folder, play_limits=PlayLimits(), limits=RemuxLimits()), folder


def played(folder: Path) -> tuple[Path, Path]:
    """All segments that a browser would get, as one MP4 and as one transport stream."""
    index, content = (folder / "original.idx").read_bytes(), (folder / "original.mp4").read_bytes()

    def read_index(offset: int, length: int) -> bytes:
        return index[offset : offset + length]

    film = cutter.open_index(read_index)
    assert film.source == "original.mp4"
    segments = [
        cutter.cut(film, number, read_index, lambda offset, length: content[offset : offset + length])
        for number in range(film.segments)
    ]
    whole, stream = folder / "played.mp4", folder / "played.ts"
    whole.write_bytes(film.init + b"".join(segments))
    tracks = parse_init(film.init)
    stream.write_bytes(
        b"".join(
            segment_to_ts(segment, 0, parse_segment(segment, 0, tracks), tracks, index=number)
            for number, segment in enumerate(segments)
        )
    )
    return whole, stream


@pytest.mark.parametrize("name", FILMS)
def test_every_frame_is_there_once_and_at_its_time(name: str) -> None:
    source = FILMS[name]()
    original, folder = copy_of(source)
    assert isinstance(original, Original), original
    whole, stream = played(folder)
    before, after = frames_of(source), frames_of(whole)
    assert [number_of(frame) for frame in after] == [number_of(frame) for frame in before]
    assert [number_of(frame) for frame in frames_of(stream)] == [number_of(frame) for frame in before]
    assert original.frames == len(before)
    assert after[0].time == 0
    for was, now in zip(before, after, strict=True):
        assert now.time == pytest.approx(was.time - before[0].time, abs=1e-3)


@pytest.mark.parametrize("name", ["matroska", "transport stream", "flv", "fragmented"])
def test_sound_stays_with_its_picture(name: str) -> None:
    source = FILMS[name]()
    whole, _ = played(copy_of(source)[1])
    began = frames_of(source)[0].time
    heard, meant = beeps_heard(whole), [moment - began for moment in beeps_heard(source)]
    assert len(heard) == len(meant) > 4
    for one, other in zip(heard[1:], meant[1:], strict=True):
        assert one == pytest.approx(other, abs=0.005)


# --- What is not copied ---------------------------------------------------------------------------------------------


def joined() -> Path:
    """Two recordings in one file: the clock begins anew."""
    path = media_folder() / "joined-for-remux.ts"
    path.write_bytes(sample("film.ts").read_bytes() * 2)
    return path


def jumping() -> Path:
    """The second half is a minute late."""
    return made(
        "jumping.mkv", "-i", sample("film.mp4"), "-c", "copy", "-bsf:v", "setts=ts=TS+gte(TS*TB\\,3)*60/TB",
        "-bsf:a", "setts=ts=TS+gte(TS*TB\\,3)*60/TB",
    )  # fmt: skip


def open_groups() -> Path:
    x264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
    return made(
        "open-groups.mkv", *numbered(seconds=4), *x264, "-x264-params", "open-gop=1:keyint=25:bframes=2:scenecut=0"
    )


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (joined, "damaged|clock"),
        (lambda: sample("resized.ts"), "damaged|parameters"),
        (jumping, "clock jumps"),
        (open_groups, "open groups"),
        (lambda: sample("late_sound.mkv"), "sound that begins later"),
    ],
    ids=["joined", "resized", "jumping", "open groups", "late sound"],
)
def test_what_would_not_be_the_same_film_is_left_to_the_ladder(source: object, reason: str) -> None:
    assert callable(source)
    found, folder = copy_of(source())
    assert isinstance(found, Refused)
    assert any(part in found.reason for part in reason.split("|")), found.reason
    assert not list(folder.iterdir())


def looked_at(path: Path, folder: Path) -> Inspected:
    return inspect(path, folder, source_name="items/x/original", play_limits=PlayLimits())


def test_only_what_its_container_keeps_from_browsers_is_copied(tmp_path: Path) -> None:
    opus = made("opus.mkv", *numbered(seconds=1), *beeps(1), *H264, "-c:a", "libopus")
    for path, is_copied in ((FILMS["matroska"](), True), (FILMS["fragmented"](), True), (opus, False)):
        assert needs_remux(looked_at(path, tmp_path), RemuxLimits()) is is_copied, path
    for name in ("hevc.mkv", "film.avi", "film.mp4", "sound.m4a", "interlaced.ts"):
        folder = tmp_path / name
        folder.mkdir()
        assert not needs_remux(looked_at(sample(name), folder), RemuxLimits()), name


def test_a_copy_costs_no_more_than_the_operator_allows(tmp_path: Path) -> None:
    source = FILMS["matroska"]()
    assert not needs_remux(looked_at(source, tmp_path), RemuxLimits(most_bytes=1000))
    full = RemuxLimits(reserve_bytes=1 << 60)
    found = remux(source, probe(source), tmp_path, play_limits=PlayLimits(), limits=full)
    assert found == Refused("the disk is too full for a copy")
    assert not list(tmp_path.iterdir())


def test_copying_stops_when_asked(tmp_path: Path) -> None:
    source = made("longer.mkv", *numbered(seconds=20), *H264, *AAC)
    with pytest.raises(Cancelled):
        remux(source, probe(source), tmp_path, play_limits=PlayLimits(), limits=RemuxLimits(), should_stop=lambda: True)
