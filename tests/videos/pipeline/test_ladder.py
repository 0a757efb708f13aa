"""Which renditions a source gets."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.pipeline.facts import AudioFacts, SourceFacts, VideoFacts
from videos.pipeline.ladder import LadderSettings, output_frame_rate, plan_ladder, size_within

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


def sizes(width: int, height: int) -> list[tuple[str, int, int]]:
    """Label, width and height of every rung."""
    return [(rung.label, rung.width, rung.height) for rung in plan_ladder(source(width, height)).rungs]


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (1920, 1080, [("1080p", 1920, 1080), ("720p", 1280, 720), ("480p", 854, 480), ("360p", 640, 360)]),
        (3840, 2160, [("1080p", 1920, 1080), ("720p", 1280, 720), ("480p", 854, 480), ("360p", 640, 360)]),
        (1080, 1920, [("1080p", 1080, 1920), ("720p", 720, 1280), ("480p", 480, 854), ("360p", 360, 640)]),
        (1280, 720, [("720p", 1280, 720), ("480p", 854, 480), ("360p", 640, 360)]),
        (1920, 800, [("800p", 1920, 800), ("480p", 1152, 480), ("360p", 864, 360)]),
        (1920, 1036, [("1080p", 1920, 1036), ("720p", 1334, 720), ("480p", 890, 480), ("360p", 668, 360)]),
        (1920, 900, [("900p", 1920, 900), ("720p", 1536, 720), ("480p", 1024, 480), ("360p", 768, 360)]),
        (1366, 768, [("720p", 1280, 720), ("480p", 854, 480), ("360p", 640, 360)]),
        (1024, 576, [("576p", 1024, 576), ("360p", 640, 360)]),
        (2560, 1080, [("1080p", 2560, 1080), ("720p", 1706, 720), ("480p", 1138, 480), ("360p", 854, 360)]),
        (720, 576, [("576p", 720, 576), ("360p", 450, 360)]),
        (1916, 1078, [("1080p", 1916, 1078), ("720p", 1280, 720), ("480p", 854, 480), ("360p", 640, 360)]),
        (320, 240, [("240p", 320, 240)]),
        (321, 181, [("180p", 320, 180)]),
        (2, 2, [("2p", 2, 2)]),
        (1, 1, [("2p", 2, 2)]),
        (2, 2000, [("2p", 2, 2000)]),
        (8000, 360, [("360p", 4096, 184)]),
    ],
)
def test_sizes(width: int, height: int, expected: list[tuple[str, int, int]]) -> None:
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
    slow = plan_ladder(source()).rungs
    fast = plan_ladder(source(rate=Fraction(60))).rungs
    assert [rung.maxrate_bps for rung in slow] == [5_000_000, 2_800_000, 1_400_000, 800_000]
    assert [rung.maxrate_bps for rung in fast] == [7_500_000, 4_200_000, 2_100_000, 1_200_000]
    assert 2_800_000 < plan_ladder(source(1920, 800)).rungs[0].maxrate_bps < 3_500_000  # between its neighbours
    assert all(rung.bufsize_bits == 2 * rung.maxrate_bps and rung.crf == 23 for rung in (*slow, *fast))


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
