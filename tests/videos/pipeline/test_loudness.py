"""How loud a track is, asked of ffmpeg in the pass that encodes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.pipeline import sandbox
from videos.pipeline.ffmpeg import find_ffmpeg
from videos.pipeline.loudness import Loudness, gain_db, measuring, parse_loudness


def measured(folder: Path, sound: str, seconds: float = 2) -> Loudness | None:
    """What a side branch tells of a sound, given as an expression of time with its seconds, that is the same in both
    channels; with nothing said on stderr."""
    graph = f"aevalsrc='{sound}|{sound}':c=stereo:s=48000:d={seconds},asplit[sound][measured];"
    command: list[str | Path] = [
        find_ffmpeg(None), "-nostdin", "-hide_banner", "-v", "error",
        "-filter_complex", f"{graph}[measured]{measuring('sound-1.loudness.txt')}[told]",
        "-map", "[sound]", "-c:a", "aac", "-b:a", "128k", "sound-1.mp4", "-map", "[told]", "-f", "null", "-",
    ]  # fmt: skip
    done = sandbox.run(command, limits=sandbox.Limits(), cwd=folder)
    assert (done.returncode, done.stderr_tail) == (0, "")
    assert (folder / "sound-1.mp4").stat().st_size > 1000
    text = (folder / "sound-1.loudness.txt").read_text()
    assert len(text) < 2000
    return parse_loudness(text)


@pytest.mark.parametrize(("lufs", "seconds"), [(-23, 5), (-33, 9.99), (-17, 21)])
def test_a_tone_of_known_loudness(tmp_path: Path, lufs: float, seconds: float) -> None:
    """997 Hz in both channels have the loudness of their peak: what R 128 is calibrated with. (The silence behind it
    takes 0.2 LU from a clip of four seconds, nothing from a film.)"""
    found = measured(tmp_path, f"{10 ** (lufs / 20)}*sin(2*PI*997*t)", seconds)
    assert found is not None
    assert found.integrated_lufs == pytest.approx(lufs, abs=0.2)
    assert found.true_peak_dbtp == pytest.approx(lufs, abs=0.3)


def test_what_comes_at_the_end_counts_and_a_short_peak_is_found(tmp_path: Path) -> None:
    """Eleven quiet seconds, then half a second of full scale in the second stretch that is told."""
    found = measured(tmp_path, "if(lt(t\\,11)\\,0.05\\,0.95)*sin(2*PI*997*t)", 11.5)
    assert found is not None
    assert found.true_peak_dbtp == pytest.approx(-0.45, abs=0.1)
    assert found.integrated_lufs > -20


def test_peaks_between_samples_count(tmp_path: Path) -> None:
    """A quarter of the sample rate, sampled at 45 degrees: no sample reaches what the wave does."""
    found = measured(tmp_path, "0.9*sin(2*PI*12000*t+PI/4)")
    assert found is not None
    assert -1 < found.true_peak_dbtp < 0  # its samples stand at -3.9


def test_silence_has_no_loudness(tmp_path: Path) -> None:
    assert measured(tmp_path, "0") is None


def test_nothing_measured_is_nothing_known() -> None:
    assert parse_loudness("") is None
    assert parse_loudness("lavfi.r128.I=nan\nlavfi.r128.true_peaks_ch0=0.5\n") is None
    assert parse_loudness("lavfi.r128.I=-20.0\nlavfi.r128.true_peaks_ch0=-inf\n") is None


def test_only_plain_names_enter_a_graph() -> None:
    for name in ("/etc/passwd", "a,b", "a:b", "..", "", "a'b", "a b"):
        with pytest.raises(ValueError, match="not a plain name"):
            measuring(name)


@pytest.mark.parametrize(
    ("lufs", "peak", "gain"),
    [
        (-16.0, -3.0, 0.0),
        (-9.0, 0.3, -7.0),  # a loud record
        (-23.0, -10.0, 7.0),  # a broadcast
        (-23.0, -3.0, 2.0),  # its peaks come first
        (-27.0, -0.5, 0.0),  # a quiet film with shots in it
        (-45.0, -30.0, 12.0),
        (6.0, 6.0, -20.0),
    ],
)
def test_the_gain_goes_to_the_target_as_far_as_peaks_allow(lufs: float, peak: float, gain: float) -> None:
    assert gain_db(Loudness(lufs, peak)) == gain


def test_what_has_no_loudness_is_left_alone() -> None:
    assert gain_db(None) == 0.0


@given(st.floats(-69, 10), st.floats(-70, 10))
def test_whatever_is_measured_nothing_is_raised_into_clipping(lufs: float, peak: float) -> None:
    gain = gain_db(Loudness(lufs, peak))
    assert -20 <= gain <= 12
    assert gain <= 0 or peak + gain <= -0.9
    assert gain <= 0 or lufs + gain <= -15.9
