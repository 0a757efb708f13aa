"""Which renditions a source gets."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.pipeline.facts import AudioFacts, SourceFacts, VideoFacts
from videos.pipeline.framerate import output_frame_rate
from videos.pipeline.ladder import LadderSettings, MeasuredRung, plan_ladder, size_within, worth_keeping

VIDEO = VideoFacts(
    index=0, codec="h264", profile="High", pix_fmt="yuv420p", bit_depth=8, width=1920, height=1080,
    display_width=1920, display_height=1080, rotation=0, frame_rate=Fraction(25), peak_frame_rate=Fraction(25),
    is_variable_rate=False, is_interlaced=False, matrix="bt709", transfer="bt709", primaries="bt709",
    is_full_range=False, is_hdr=False, start_seconds=0.0, duration_seconds=60.0, bit_rate=None,
)  # fmt: skip
SOUND = AudioFacts(
    index=1, codec="aac", channels=6, sample_rate=44100, language="", title="", is_default=False,
    start_seconds=0.0, duration_seconds=60.0, bit_rate=None,
)  # fmt: skip

WIDE = "1080p 1920x1080, 720p 1280x720, 480p 854x480, 360p 640x360, 240p 426x240"


def source(width: int = 1920, height: int = 1080, rate: Fraction = Fraction(25), **video: object) -> SourceFacts:
    """A film of a minute with sound."""
    picture = replace(
        VIDEO,
        display_width=width,
        display_height=height,
        frame_rate=rate,
        peak_frame_rate=rate,
        **video,  # type: ignore[arg-type]
    )
    return SourceFacts("video", "mov", 1, 60.0, 0.0, picture, (SOUND,), (), (), {})


def sizes(width: int, height: int) -> str:
    """Label, width and height of every rung."""
    rungs = plan_ladder(source(width, height)).rungs
    return ", ".join(f"{rung.label} {rung.width}x{rung.height}" for rung in rungs)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (1920, 1080, WIDE),
        (3840, 2160, f"2160p 3840x2160, 1440p 2560x1440, {WIDE}"),
        (2560, 1440, f"1440p 2560x1440, {WIDE}"),
        (1080, 1920, "1080p 1080x1920, 720p 720x1280, 480p 480x854, 360p 360x640, 240p 240x426"),
        (1280, 720, "720p 1280x720, 480p 854x480, 360p 640x360, 240p 426x240"),
        (1920, 800, "800p 1920x800, 480p 1152x480, 360p 864x360, 240p 576x240"),
        (1920, 1036, "1080p 1920x1036, 720p 1334x720, 480p 890x480, 360p 668x360, 240p 444x240"),
        (1920, 900, "900p 1920x900, 720p 1536x720, 480p 1024x480, 360p 768x360, 240p 512x240"),
        (1920, 1200, "1200p 1920x1200, 720p 1152x720, 480p 768x480, 360p 576x360, 240p 384x240"),
        (1366, 768, "720p 1280x720, 480p 854x480, 360p 640x360, 240p 426x240"),
        (1024, 576, "576p 1024x576, 360p 640x360"),
        (854, 480, "480p 854x480, 360p 640x360"),
        (640, 360, "360p 640x360"),
        (640, 340, "340p 640x340"),
        (480, 270, "270p 480x270"),
        (2560, 1080, "1080p 2560x1080, 720p 1706x720, 480p 1138x480, 360p 854x360, 240p 568x240"),
        (5120, 2160, "1728p 4096x1728, 1080p 2560x1080, 720p 1706x720, 480p 1138x480, 360p 854x360, 240p 568x240"),
        (720, 576, "576p 720x576, 360p 450x360"),
        (1916, 1078, "1080p 1916x1078, 720p 1280x720, 480p 854x480, 360p 640x360, 240p 426x240"),
        (320, 240, "240p 320x240"),
        (321, 181, "180p 320x180"),
        (2, 2, "2p 2x2"),
        (1, 1, "2p 2x2"),
        (2, 2000, "2p 2x2000"),
        (4096, 2, "2p 4096x2"),
        (8000, 360, "184p 4088x184"),
    ],
)
def test_sizes(width: int, height: int, expected: str) -> None:
    assert sizes(width, height) == expected


@given(st.integers(1, 8192), st.integers(1, 8192))
def test_no_rung_is_larger_than_its_source_or_odd_or_of_another_shape(width: int, height: int) -> None:
    rungs = plan_ladder(source(width, height)).rungs
    assert rungs
    assert len({rung.label for rung in rungs}) == len(rungs)
    for rung in rungs:
        assert rung.width % 2 == rung.height % 2 == 0
        assert 2 <= rung.width <= max(2, width + 1)
        assert 2 <= rung.height <= max(2, height + 1)
        assert rung.width <= 4096
        assert rung.height <= 4096
        if min(rung.width, rung.height) >= 64:
            assert rung.width / rung.height == pytest.approx(width / height, rel=0.05)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(2, 2000), st.integers(2, 4096))
def test_a_picture_fits_where_it_is_told_to(width: int, height: int, short: int, long: int) -> None:
    fitted = size_within(width, height, short, long)
    assert min(fitted) <= max(2, short + 1)
    assert max(fitted) <= max(2, long + 1)


def test_bit_rates_are_the_houses() -> None:
    slow = plan_ladder(source(3840, 2160)).rungs
    fast = plan_ladder(source(3840, 2160, rate=Fraction(60))).rungs
    mbps = [18, 9, 5, 2.8, 1.4, 0.8, 0.4]
    assert [rung.maxrate_bps for rung in slow] == [round(rate * 1e6) for rate in mbps]
    assert [rung.maxrate_bps for rung in fast] == [round(rate * 1.5e6) for rate in mbps]
    assert [rung.crf for rung in slow] == [21, 21, 23, 23, 23, 23, 23]
    assert 2_800_000 < plan_ladder(source(1920, 800)).rungs[0].maxrate_bps < 3_500_000  # between its neighbours
    assert all(rung.bufsize_bits == 2 * rung.maxrate_bps for rung in (*slow, *fast))


@given(st.integers(1, 8192), st.integers(1, 8192), st.sampled_from(["25", "60"]))
def test_every_rung_is_within_what_decoders_of_h264_take(width: int, height: int, rate: str) -> None:
    """Level 5.2 (ISO/IEC 14496-10 table A-1): macroblocks a frame and a second, and the longest side."""
    ladder = plan_ladder(source(width, height, rate=Fraction(rate)))
    for rung in ladder.rungs:
        across, down = -(-rung.width // 16), -(-rung.height // 16)
        assert across * down <= 36_864
        assert across * down * ladder.frame_rate <= 2_073_600
        assert max(across, down) ** 2 <= 8 * 36_864


def test_an_operator_may_leave_rungs_out() -> None:
    few = LadderSettings().leaving([360, 1080, 999])
    labels = [rung.label for rung in plan_ladder(source(3840, 2160), settings=few).rungs]
    assert labels == ["1080p", "360p"]
    assert LadderSettings().leaving([]).rungs == LadderSettings().rungs


@pytest.mark.parametrize(
    ("rates", "kept"),
    [
        ({1080: 4800, 720: 2700, 480: 1400, 360: 800, 240: 450}, [1080, 720, 480, 360, 240]),
        ({1080: 300, 720: 260, 480: 220, 360: 190, 240: 170}, [1080, 720, 360, 240]),  # slides
        ({2160: 2000, 1440: 1700, 1080: 1400, 720: 800, 480: 700, 360: 500}, [2160, 1080, 720, 360]),
        ({480: 300, 360: 290}, [480, 360]),
        ({800: 1000, 480: 999, 360: 500}, [800, 480, 360]),
        ({1440: 1000, 1080: 990}, [1440, 1080]),
        ({180: 100}, [180]),
        ({}, []),
    ],
)
def test_a_rung_that_saves_little_is_dropped(rates: dict[int, int], kept: list[int]) -> None:
    rungs = [MeasuredRung(f"{side}p", side, kbps * 1000) for side, kbps in rates.items()]
    assert worth_keeping(rungs) == tuple(f"{side}p" for side in kept)


@given(st.lists(st.tuples(st.integers(2, 2160), st.integers(1, 10**8)), unique_by=lambda one: one[0], max_size=8))
def test_first_last_and_start_are_always_kept(told: list[tuple[int, int]]) -> None:
    rungs = [MeasuredRung(f"{side}p", side, bps) for side, bps in sorted(told, reverse=True)]
    kept = worth_keeping(rungs)
    assert list(kept) == [rung.label for rung in rungs if rung.label in kept]
    if rungs:
        starts = [rung.label for rung in rungs if rung.short_side <= 720]
        assert {rungs[0].label, rungs[-1].label, *starts[:1]} <= set(kept)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("25", "25"),
        ("30000/1001", "30000/1001"),
        ("24000/1001", "24000/1001"),
        ("2997/100", "30000/1001"),
        ("60", "60"),
        ("60000/1001", "60000/1001"),
        ("120", "60"),
        ("120000/1001", "60000/1001"),
        ("100", "50"),
        ("240", "60"),
        ("144", "48"),
        ("1000", "1000/17"),
        ("15", "15"),
        ("1/2", "5"),
        ("1", "5"),
        ("3", "6"),
        ("14985/1000", "15"),
        ("17", "17"),
    ],
)
def test_a_constant_rate_stays_exact_and_below_sixty(rate: str, expected: str) -> None:
    video = replace(VIDEO, frame_rate=Fraction(rate), peak_frame_rate=Fraction(rate))
    assert output_frame_rate(video) == Fraction(expected)


@pytest.mark.parametrize(
    ("mean", "peak", "expected"),
    [("18", "30", "30"), ("27", "2980/100", "30000/1001"), ("9", "41", "48"), ("20", "90", "48")],
)
def test_a_variable_rate_gets_one_that_keeps_its_motion(mean: str, peak: str, expected: str) -> None:
    video = replace(VIDEO, frame_rate=Fraction(mean), peak_frame_rate=Fraction(peak), is_variable_rate=True)
    assert output_frame_rate(video) == Fraction(expected)


@given(st.fractions(Fraction(1, 100), 1000), st.booleans())
def test_any_rate_becomes_a_usable_one(rate: Fraction, is_variable: bool) -> None:
    video = replace(VIDEO, frame_rate=rate, peak_frame_rate=rate, is_variable_rate=is_variable)
    made = output_frame_rate(video)
    assert Fraction(9, 2) <= made <= 60
    assert made.denominator <= 1001


@pytest.mark.parametrize(
    ("rate", "gop", "segment"),
    [
        ("25", 50, Fraction(4)),
        ("30000/1001", 60, Fraction(4004, 1000)),
        ("60", 120, Fraction(4)),
        ("12", 24, Fraction(4)),
    ],
)
def test_keyframes_lie_on_a_grid_of_two_seconds(rate: str, gop: int, segment: Fraction) -> None:
    ladder = plan_ladder(source(rate=Fraction(rate)))
    assert (ladder.gop_frames, ladder.segment_frames) == (gop, 2 * gop)
    assert ladder.segment_seconds == segment
    assert ladder.frames == round(60 * Fraction(rate))
    assert ladder.duration_seconds == ladder.frames / Fraction(rate)


def test_sound_is_encoded_alike_for_all() -> None:
    audio = plan_ladder(source()).audio
    assert audio is not None
    assert (audio.index, audio.bit_rate_bps, audio.sample_rate, audio.channels) == (1, 128_000, 48_000, 2)
    assert plan_ladder(replace(source(), audio=())).audio is None


def test_the_default_track_is_the_one_that_plays() -> None:
    second = replace(SOUND, index=2, is_default=True)
    audio = plan_ladder(replace(source(), audio=(SOUND, second))).audio
    assert audio is not None
    assert audio.index == 2


def test_every_track_worth_offering_is_planned_the_main_one_first() -> None:
    tracks = (
        replace(SOUND, index=1, language="eng"),
        replace(SOUND, index=2, language="eng", title="Director's commentary"),
        replace(SOUND, index=3, language="chi", title="国语", is_default=True),
        replace(SOUND, index=4, language="chi", title="粤语"),
        replace(SOUND, index=5, language="en", channels=2),  # the same once more
    )
    sounds = plan_ladder(replace(source(), audio=tracks)).sounds
    assert [(sound.label, sound.index, sound.language, sound.title) for sound in sounds] == [
        ("sound-1", 3, "zh", "国语"),
        ("sound-2", 1, "en", ""),
        ("sound-3", 2, "en", "Director's commentary"),
        ("sound-4", 4, "zh", "粤语"),
    ]
    assert [sound.is_default for sound in sounds] == [True, False, False, False]


def test_what_a_track_is_for_names_it_and_is_no_main_sound() -> None:
    tracks = (
        replace(SOUND, index=1, language="eng", purpose="commentary"),
        replace(SOUND, index=2, language="eng"),
        replace(SOUND, index=3, language="eng", purpose="description"),
        replace(SOUND, index=4, language="eng", title="Cast", purpose="commentary"),
    )
    sounds = plan_ladder(replace(source(), audio=tracks)).sounds
    assert [(sound.index, sound.title) for sound in sounds] == [
        (2, ""),
        (1, "Commentary"),
        (3, "Audio description"),
        (4, "Cast"),
    ]
    only = plan_ladder(replace(source(), audio=tracks[:1])).audio
    assert only is not None
    assert only.index == 1


@given(st.lists(st.tuples(st.sampled_from(["", "und", "eng", "chi", "zh"]), st.text(max_size=2), st.booleans())))
def test_sounds_are_few_differ_and_one_is_the_default(tracks: list[tuple[str, str, bool]]) -> None:
    audio = tuple(
        replace(SOUND, index=index, language=language, title=title, is_default=is_default)
        for index, (language, title, is_default) in enumerate(tracks)
    )
    ladder = plan_ladder(replace(source(), audio=audio))
    assert len(ladder.sounds) <= 8
    assert len({(sound.language, sound.title) for sound in ladder.sounds}) == len(ladder.sounds)
    assert [sound.label for sound in ladder.sounds] == [f"sound-{number + 1}" for number in range(len(ladder.sounds))]
    assert [sound for sound in ladder.sounds if sound.is_default] == ([ladder.audio] if audio else [])


def test_sound_alone_has_no_rungs() -> None:
    ladder = plan_ladder(replace(source(), kind="audio", video=None))
    assert ladder.rungs == ()
    assert ladder.audio is not None
    assert ladder.segment_seconds == 4
    assert ladder.duration_seconds == 60


def test_another_house_may_have_another_ladder() -> None:
    settings = LadderSettings(rungs=((540, 1_000_000),), crf=20, gop_seconds=1, gops_per_segment=3)
    ladder = plan_ladder(source(), settings=settings)
    assert [(rung.label, rung.crf) for rung in ladder.rungs] == [("540p", 20)]
    assert ladder.gop_frames == 25
    assert ladder.segment_seconds == 3
