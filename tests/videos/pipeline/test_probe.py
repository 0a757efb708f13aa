"""What is found out about files, and why others are refused: by content, never by name."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path

import pytest

from tests.media_samples import AAC, H264, beeps, ffmpeg, numbered, sample
from tests.videos.pipeline.encoded import facts_of
from videos.pipeline.errors import REASONS, LimitError, PipelineError, SourceError
from videos.pipeline.probe import ProbeLimits, SourceFacts, probe
from videos.pipeline.sandbox import Limits


def refusal(path: Path, limits: ProbeLimits | None = None) -> SourceError:
    """The error that a file ends in."""
    with pytest.raises(SourceError) as caught:
        probe(path, limits=limits)
    assert caught.value.message == REASONS[caught.value.code]
    assert not caught.value.retryable
    return caught.value


def test_a_plain_film() -> None:
    film = facts_of("film.mp4")
    assert film.video is not None
    video = film.video
    assert (film.kind, film.container, film.duration_seconds) == ("video", "mov", 6.0)
    assert (video.codec, video.pix_fmt, video.bit_depth) == ("h264", "yuv420p", 8)
    assert (video.width, video.height, video.display_width, video.display_height) == (854, 480, 854, 480)
    assert video.frame_rate == 25
    assert not any((video.is_variable_rate, video.is_interlaced, video.is_hdr))
    (sound,) = film.audio
    assert (sound.codec, sound.channels, sound.sample_rate) == ("aac", 2, 48000)
    assert film.bytes == sample("film.mp4").stat().st_size


@pytest.mark.parametrize(
    "name", ["film.mp4", "hevc.mkv", "sound.m4a", "vfr.mkv", "ntsc.mp4"], ids=lambda name: name.split(".")[0]
)
def test_facts_survive_json(name: str) -> None:
    facts = facts_of(name)
    assert SourceFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


def test_facts_of_a_later_version_can_be_read() -> None:
    film = facts_of("film.mp4")
    values = film.to_json()
    values["video"]["invented_later"] = 1
    assert SourceFacts.from_json({**values, "also_later": 2}) == film


def test_the_name_says_nothing(tmp_path: Path) -> None:
    for name, original in {"film.txt": "film.mp4", "-y.mp4": "film.avi", "http:x.mp4": "ntsc.mp4"}.items():
        path = tmp_path / name
        path.write_bytes(sample(original).read_bytes())
        assert probe(path).kind == "video"


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("film.avi", "mpeg4", Fraction(25)),
        ("film.flv", "h264", Fraction(25)),
        ("film.ts", "h264", Fraction(25)),
        ("film.webm", "vp8", Fraction(25)),
        ("hevc.mkv", "hevc", Fraction(25)),
        ("ntsc.mp4", "h264", Fraction(30000, 1001)),
        ("sixty.mp4", "h264", Fraction(60)),
        ("fast.mp4", "h264", Fraction(240)),
        ("slow.mp4", "h264", Fraction(1, 2)),
    ],
)
def test_codec_and_rate_of_many_containers(name: str, codec: str, rate: Fraction) -> None:
    video = facts_of(name).video
    assert video is not None
    assert (video.codec, video.frame_rate, video.is_variable_rate) == (codec, rate, False)


def test_a_phones_film_is_upright() -> None:
    video = facts_of("rotated.mp4").video
    assert video is not None
    assert (video.width, video.height, video.rotation) == (320, 180, 270)
    assert (video.display_width, video.display_height) == (180, 320)


def test_pixels_that_are_not_square_widen_the_picture() -> None:
    video = facts_of("anamorphic.mp4").video
    assert video is not None
    assert (video.width, video.height, video.display_width, video.display_height) == (360, 288, 640, 288)


def test_a_variable_rate_is_noticed_with_its_densest_frames() -> None:
    video = facts_of("vfr.mkv").video
    assert video is not None
    assert video.is_variable_rate
    assert float(video.peak_frame_rate) == pytest.approx(30, abs=0.5)
    assert float(video.frame_rate) == pytest.approx(110 / 6, abs=0.6)


def test_interlace_and_high_dynamic_range_are_noticed() -> None:
    interlaced, hdr = facts_of("interlaced.ts").video, facts_of("hdr10.mp4").video
    assert interlaced is not None
    assert hdr is not None
    assert (interlaced.is_interlaced, interlaced.is_hdr) == (True, False)
    assert (hdr.is_interlaced, hdr.is_hdr, hdr.bit_depth, hdr.transfer) == (False, True, 10, "smpte2084")


def test_tracks_keep_their_languages_and_the_default_one_is_played() -> None:
    facts = facts_of("hevc.mkv")
    assert [(track.language, track.title) for track in facts.audio] == [("eng", ""), ("chi", "国语")]
    assert facts.main_audio == facts.audio[1]
    assert facts.tags["title"] == "A film"  # the control character in it is gone


def test_tracks_say_what_they_are_for(tmp_path: Path) -> None:
    source = tmp_path / "spoken.mkv"
    ffmpeg(
        *numbered(seconds=1), *beeps(1), "-map", "0:v", "-map", "1:a", "-map", "1:a", "-map", "1:a", *H264, *AAC,
        "-disposition:a:0", "comment", "-disposition:a:1", "0", "-disposition:a:2", "visual_impaired", source,
    )  # fmt: skip
    facts = probe(source)
    assert [track.purpose for track in facts.audio] == ["commentary", "", "description"]
    assert facts.main_audio == facts.audio[1]
    assert SourceFacts.from_json(facts.to_json()) == facts


def test_time_is_counted_from_the_first_frame_that_is_shown() -> None:
    late, cut = facts_of("late_sound.mkv"), facts_of("edit_list.mp4")
    assert late.video is not None
    assert late.start_seconds == pytest.approx(1.4)
    assert late.audio[0].start_seconds == pytest.approx(2.4)
    assert late.duration_seconds == pytest.approx(5.0, abs=0.05)
    assert cut.duration_seconds == pytest.approx(4.52, abs=0.05)


def test_a_sound_track_without_sound_is_none() -> None:
    facts = facts_of("empty_sound.mkv")
    assert (facts.kind, facts.audio, facts.duration_seconds) == ("video", (), 4.0)


def test_sound_with_a_cover_is_sound() -> None:
    facts = facts_of("cover.m4a")
    assert (facts.kind, facts.video, facts.tags["title"]) == ("audio", None, "Beeps")
    assert facts.duration_seconds == pytest.approx(5.0, abs=0.05)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("empty.mp4", "empty_file"),
        ("random.mp4", "not_a_video"),
        ("page.mp4", "not_a_video"),
        ("playlist.mp4", "unsupported_container"),
        ("master.mp4", "unsupported_container"),
        ("concat.mp4", "unsupported_container"),
        ("sdp.mp4", "unsupported_container"),
        ("dash.mp4", "unsupported_container"),
        ("srt.mp4", "unsupported_container"),
        ("subtitles_only.mkv", "no_streams"),
        ("many_tracks.mkv", "too_many_streams"),
        ("unknown_codec.mkv", "unsupported_codec"),
        ("half_faststart.mp4", "truncated"),
        ("half_moov_last.mp4", "truncated"),
        ("half.mkv", "truncated"),
        ("half.avi", "truncated"),
        ("half.flv", "truncated"),
        ("damaged.mp4", "corrupt"),
        ("large.mp4", "dimensions_too_large"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(name: str, code: str) -> None:
    assert refusal(sample(name)).code == code


@pytest.mark.parametrize("share", [0.1, 0.3, 0.7, 0.9])
def test_a_film_cut_anywhere_is_noticed(tmp_path: Path, share: float) -> None:
    content = sample("film.mp4").read_bytes()
    path = tmp_path / "cut"
    path.write_bytes(content[: int(len(content) * share)])
    assert refusal(path).code == "truncated"


def test_bytes_after_the_film_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "polyglot"
    path.write_bytes(sample("film.mp4").read_bytes() + b"<html><script>alert(1)</script></html>")
    assert probe(path).duration_seconds == 6.0


@pytest.mark.parametrize(
    ("name", "limits", "code"),
    [
        ("film.mp4", ProbeLimits(max_duration_seconds=5), "duration_too_long"),
        ("film.mp4", ProbeLimits(max_pixels=100_000), "dimensions_too_large"),
        ("fast.mp4", ProbeLimits(max_frame_rate=120), "frame_rate_unsupported"),
        ("hevc.mkv", ProbeLimits(max_streams=2), "too_many_streams"),
    ],
)
def test_limits_are_the_callers(name: str, limits: ProbeLimits, code: str) -> None:
    assert refusal(sample(name), limits).code == code


def test_the_child_itself_is_limited() -> None:
    tight = ProbeLimits(process=Limits(memory_bytes=90 << 20))
    with pytest.raises(LimitError) as caught:
        probe(sample("film.mp4"), limits=tight)
    assert caught.value.code == "out_of_memory"


def test_a_picture_larger_than_its_header_admits_is_not_decoded(tmp_path: Path) -> None:
    """The Matroska header says 64x36; the stream inside has 854x480."""
    whole = tmp_path / "whole.mkv"
    ffmpeg("-i", sample("film.mp4"), "-c", "copy", "-an", whole)
    content = whole.read_bytes()
    for tag, large, small in ((b"\xb0\x82", 854, 64), (b"\xba\x82", 480, 36)):
        content = content.replace(tag + large.to_bytes(2, "big"), tag + small.to_bytes(2, "big"), 1)
    lying = tmp_path / "lying.mkv"
    lying.write_bytes(content)
    assert content != whole.read_bytes()
    with pytest.raises(PipelineError) as caught:
        probe(lying, limits=ProbeLimits(max_pixels=100_000))
    assert caught.value.code in {"decode_limit", "dimensions_too_large", "corrupt"}


def test_flipped_bits_end_in_facts_or_in_a_reason(tmp_path: Path) -> None:
    original = sample("no_audio.mp4").read_bytes()
    for seed in range(6):
        chance = random.Random(seed)
        content = bytearray(original)
        for _ in range(40):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path = tmp_path / str(seed)
        path.write_bytes(content)
        assert outcome(path) in {"video", *REASONS} - {"crashed"}


def outcome(path: Path) -> str:
    """The kind of what is in a file, or the code of its refusal."""
    try:
        return probe(path).kind
    except PipelineError as error:
        return error.code
