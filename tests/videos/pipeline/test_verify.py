"""A rendition that is not what was planned is never let through."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from tests.media_samples import ffmpeg, sample
from tests.videos.fragmented import index
from tests.videos.pipeline.encoded import Made, made
from videos.pipeline.errors import VerificationFailed
from videos.pipeline.verify import verify_rung


@pytest.mark.parametrize(
    ("name", "codecs"),
    [
        ("film.mp4", r"avc1\.6400..,mp4a\.40\.2"),
        ("no_audio.mp4", r"avc1\.6400.."),
        ("vfr.mkv", r"avc1\.6400..,mp4a\.40\.2"),
        ("tiny.mp4", r"avc1\.6400.."),
        ("slow.mp4", r"avc1\.6400.."),
        ("late_sound.mkv", r"avc1\.6400..,mp4a\.40\.2"),
    ],
)
def test_what_was_planned_passes(name: str, codecs: str) -> None:
    film = made(name)
    for planned, rung in zip(film.ladder.rungs, film.result.rungs, strict=True):
        facts = verify_rung(rung.path, ladder=film.ladder, rung=planned, frames=rung.samples)
        assert (facts.width, facts.height, facts.bytes) == (planned.width, planned.height, rung.path.stat().st_size)
        assert facts.codecs == index(rung.path).codecs
        assert re.fullmatch(codecs, facts.codecs)
        assert facts.frames == rung.samples
        assert facts.duration_seconds == rung.samples / film.ladder.frame_rate


def test_sound_alone_passes() -> None:
    sound = made("sound.m4a")
    facts = verify_rung(sound.top, ladder=sound.ladder, rung=None)
    assert (facts.codecs, facts.width, facts.height) == ("mp4a.40.2", 0, 0)
    assert float(facts.duration_seconds) == pytest.approx(5, abs=0.03)


def _cut(path: Path, film: Made) -> None:
    whole = film.top.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _late(path: Path, film: Made) -> None:
    """Everything a tenth of a second later."""
    ffmpeg("-i", film.top, "-c", "copy", "-output_ts_offset", "0.1", "-movflags", "+frag_keyframe+empty_moov", path)


def _without_sound(path: Path, film: Made) -> None:
    ffmpeg("-i", film.top, "-c", "copy", "-an", path)


def _half(path: Path, film: Made) -> None:
    """A good file of half the film: what ffmpeg makes of a truncated source, with return code 0."""
    ffmpeg("-i", film.top, "-c", "copy", "-t", "2.9", path)


def _other_keyframes(path: Path, film: Made) -> None:
    ffmpeg("-i", film.top, "-c:a", "copy", "-c:v", "libx264", "-preset", "ultrafast", "-g", "40", path)


def _ten_bits(path: Path, film: Made) -> None:
    ffmpeg("-i", film.top, "-c:a", "copy", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", path)


def _nothing(path: Path, _: Made) -> None:
    path.write_bytes(b"")


def _something_else(path: Path, _: Made) -> None:
    shutil.copy(sample("film.avi"), path)


@pytest.mark.parametrize(
    "spoil",
    [_cut, _late, _without_sound, _half, _other_keyframes, _ten_bits, _nothing, _something_else],
    ids=lambda spoil: spoil.__name__.strip("_"),
)
def test_what_differs_is_refused(tmp_path: Path, spoil: Callable[[Path, Made], None]) -> None:
    film = made("film.mp4")
    path = tmp_path / "480p.mp4"
    spoil(path, film)
    with pytest.raises(VerificationFailed) as caught:
        verify_rung(path, ladder=film.ladder, rung=film.ladder.rungs[0])
    assert (caught.value.code, caught.value.retryable) == ("verification_failed", True)
    assert caught.value.detail.startswith("480p.mp4: ")


def test_the_plan_counts_not_the_file() -> None:
    film = made("film.mp4")
    longer = replace(film.ladder, frames=250, duration_seconds=Fraction(10))
    for ladder, rung, frames in (
        (film.ladder, film.ladder.rungs[1], None),  # the other rung's size
        (film.ladder, film.ladder.rungs[0], 149),  # a frame less than was written
        (longer, film.ladder.rungs[0], None),
        (replace(film.ladder, audio=None), film.ladder.rungs[0], None),
    ):
        with pytest.raises(VerificationFailed):
            verify_rung(film.top, ladder=ladder, rung=rung, frames=frames)
