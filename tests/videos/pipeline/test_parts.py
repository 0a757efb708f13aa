"""A film that was made in parts is the film that was made in one: no frame is missing or twice, none is elsewhere."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media_samples import AAC, H264, beeps, beeps_heard, ffmpeg, number_of, numbered
from tests.videos.fragmented import index
from tests.videos.pipeline.encoded import facts_of, frames_of
from videos.pipeline.errors import VerificationFailed
from videos.pipeline.facts import SourceFacts
from videos.pipeline.ffmpeg import find_ffmpeg
from videos.pipeline.joining import join
from videos.pipeline.ladder import Ladder, LadderSettings, plan_ladder
from videos.pipeline.parts import Part, plan_parts, seconds_to_make
from videos.pipeline.probe import probe
from videos.pipeline.transcode import Encoding, encode_part, encode_sound, encode_sound_of_part, transcode
from videos.pipeline.witness import Ran, witnessed

SECONDS = 13
ONE_RUNG = LadderSettings().leaving([240])


def _plain(path: Path) -> None:
    ffmpeg(*numbered(seconds=SECONDS), *beeps(SECONDS), *H264, *AAC, path)


def _open_groups(path: Path) -> None:
    x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-x264-params", "open-gop=1:keyint=40:bframes=3:b-adapt=0"]
    ffmpeg(*numbered(seconds=SECONDS), *beeps(SECONDS), *x264, "-pix_fmt", "yuv420p", *AAC, path)


def _one_keyframe(path: Path) -> None:
    ffmpeg(*numbered(seconds=SECONDS), *beeps(SECONDS), *H264, "-g", "9999", "-sc_threshold", "0", *AAC, path)


def _variable_rate(path: Path) -> None:
    dropped = ["-vf", r"select=not(eq(mod(n\,7)\,3))", "-fps_mode", "vfr"]
    ffmpeg(*numbered(seconds=SECONDS), *beeps(SECONDS), *dropped, *H264, *AAC, path)


def _halved_rate(path: Path) -> None:
    """Every second frame lies right between two of the grid's."""
    ffmpeg(*numbered(seconds=SECONDS, rate="100"), *beeps(SECONDS), *H264, *AAC, path)


def _edit_list(path: Path) -> None:
    whole = path.with_name("whole.mp4")
    ffmpeg(*numbered(seconds=SECONDS + 2), *beeps(SECONDS + 2), *H264, "-g", "60", *AAC, whole)
    ffmpeg("-ss", "1.48", "-i", whole, "-c", "copy", path)


SOURCES = {
    "plain.mp4": _plain,
    "open_groups.mkv": _open_groups,
    "one_keyframe.mp4": _one_keyframe,
    "variable.mkv": _variable_rate,
    "halved.mp4": _halved_rate,
    "edit_list.mp4": _edit_list,
}


def planned(source: Path) -> tuple[SourceFacts, Ladder]:
    facts = probe(source)
    return facts, plan_ladder(facts, settings=ONE_RUNG)


@pytest.mark.parametrize("name", SOURCES)
def test_parts_show_what_the_whole_shows(name: str, tmp_path: Path) -> None:
    source = tmp_path / name
    SOURCES[name](source)
    facts, ladder = planned(source)
    encoding = Encoding(source, facts, ladder, find_ffmpeg(None))
    shown, heard = [], []
    for way, part_seconds in (("whole", 0), ("parts", 1)):
        folder = tmp_path / way
        folder.mkdir()
        commands: list[Ran] = []
        with witnessed(commands.append):
            made = transcode(encoding, folder, part_seconds=part_seconds)
        assert len(commands) == (1 if way == "whole" else len(plan_parts(ladder, facts, part_seconds=1)) + 1)
        frames = frames_of(made.rungs[0].path)
        assert [frame.time for frame in frames] == pytest.approx(
            [float(number / ladder.frame_rate) for number in range(ladder.frames)]
        )
        shown.append([number_of(frame) for frame in frames])
        heard.append(beeps_heard(made.rungs[0].path))
    assert len(plan_parts(ladder, facts, part_seconds=1)) == 3
    assert shown[0] == shown[1]
    assert heard[0] == heard[1]
    assert len(heard[0]) >= SECONDS - 1


def test_the_sound_of_parts_is_the_sound_of_the_film(tmp_path: Path) -> None:
    """What is heard while the film is being made: each packet where the whole has it."""
    source = tmp_path / "plain.mp4"
    _plain(source)
    facts, ladder = planned(source)
    audio = ladder.sounds[0]
    encoding = Encoding(source, facts, ladder, find_ffmpeg(None))
    whole = encode_sound(encoding, audio, tmp_path).files[audio.label]
    borders: list[tuple[int, int]] = []
    grown = b""
    for part in plan_parts(ladder, facts, part_seconds=1):
        folder = tmp_path / str(part.number)
        folder.mkdir()
        file = encode_sound_of_part(encoding, audio, part, folder).files[audio.label]
        found = index(file.path)
        tables = [segment.samples[found.tracks[0].id] for segment in found.segments]
        borders += [(table.dts[0], table.dts[-1] + table.durations[-1]) for table in tables]
        content = file.path.read_bytes()
        grown += (b"" if grown else content[: file.init_bytes]) + content[file.pieces[0].offset :]
    assert all(end == begin for (_, end), (begin, _) in pairwise(borders))
    heard = tmp_path / "grown.mp4"
    heard.write_bytes(grown)
    assert beeps_heard(heard) == beeps_heard(whole.path)
    assert len(beeps_heard(heard)) >= SECONDS


def test_parts_far_from_the_begin_have_all_of_their_sound(tmp_path: Path) -> None:
    """Further than what an encoder is stopped at that never ends."""
    source = tmp_path / "long.mp4"
    seconds = 130
    ffmpeg(*numbered("64x36", rate="5", seconds=seconds), *beeps(seconds), *H264, *AAC, source)
    facts, ladder = planned(source)
    encoding = Encoding(source, facts, ladder, find_ffmpeg(None))
    begun = 0
    for part in plan_parts(ladder, facts, part_seconds=8):
        begins = Fraction(part.first_frame) / ladder.frame_rate
        if begins > 30:
            folder = tmp_path / str(part.number)
            folder.mkdir()
            found = index(encode_sound_of_part(encoding, ladder.sounds[0], part, folder).files["sound-1"].path)
            assert float(found.duration_seconds) == pytest.approx(float(part.frames / ladder.frame_rate), abs=0.05)
            begun += 1
    assert begun > 1


def test_parts_that_do_not_follow_one_another_are_not_joined(tmp_path: Path) -> None:
    source = tmp_path / "plain.mp4"
    _plain(source)
    facts, ladder = planned(source)
    encoding = Encoding(source, facts, ladder, find_ffmpeg(None))
    first, second, *_ = plan_parts(ladder, facts, part_seconds=1)
    paths = []
    for part in (first, second):
        folder = tmp_path / str(part.number)
        folder.mkdir()
        paths.append(encode_part(encoding, part, folder).files[ladder.rungs[0].label].path)
    for wrong in ([paths[1]], [paths[1], paths[0]], [paths[0], paths[0]]):
        with pytest.raises(VerificationFailed):
            join(wrong, None, tmp_path / "joined.mp4", ladder=ladder, is_split=False)


def test_pictures_and_sound_that_stand_apart_are_one_file(tmp_path: Path) -> None:
    source = tmp_path / "plain.mp4"
    _plain(source)
    facts, ladder = planned(source)
    doubled = replace(ladder, sounds=(ladder.sounds[0], replace(ladder.sounds[0], label="sound-2", is_default=False)))
    made = transcode(Encoding(source, facts, doubled, find_ffmpeg(None)), tmp_path, part_seconds=1)
    film = index(made.rungs[0].path)
    assert [file.path.name for file in made.sounds] == ["sound-1.mp4", "sound-2.mp4"]
    assert {len(segment.samples) for segment in film.segments} == {2}
    assert [number_of(frame) for frame in frames_of(made.rungs[0].path)] == list(range(SECONDS * 25))
    alone = film.pictures_alone()
    for whole, pictures in zip(film.segments, alone.segments, strict=True):
        assert pictures.offset == whole.offset
        assert 0 < pictures.bytes < whole.bytes
        assert pictures.samples == {1: whole.samples[1]}


def test_what_cannot_be_read_from_the_middle_is_one_part() -> None:
    for name in ("film.ts", "film.avi", "film.mp4"):
        facts = facts_of(name)
        parts = plan_parts(plan_ladder(facts), facts, part_seconds=1)
        assert len(parts) == 1, name
        assert parts[0] == Part(0, 0, 0, plan_ladder(facts).frames, is_last=True)


@given(
    seconds=st.floats(0.05, 40_000),
    rate=st.sampled_from([Fraction(24000, 1001), Fraction(25), Fraction(60)]),
    part_seconds=st.floats(0, 500),
    is_awaited=st.booleans(),
    held=st.floats(0, 100),
)
def test_parts_tile_the_grid(
    seconds: float, rate: Fraction, part_seconds: float, is_awaited: bool, held: float
) -> None:
    facts = facts_of("film.mp4")
    assert facts.video is not None
    video = replace(facts.video, frame_rate=rate, peak_frame_rate=rate, duration_seconds=seconds)
    told = replace(facts, video=video, duration_seconds=seconds + held)
    ladder = plan_ladder(told)
    parts = plan_parts(ladder, told, part_seconds=part_seconds, is_awaited=is_awaited)
    assert parts[0].first_frame == parts[0].first_segment == 0
    assert all(part.number == number for number, part in enumerate(parts))
    assert all(one.first_frame + one.frames == other.first_frame for one, other in pairwise(parts))
    assert all(part.first_frame == part.first_segment * ladder.segment_frames for part in parts)
    assert parts[-1].first_frame + parts[-1].frames == ladder.frames
    assert [part.is_last for part in parts] == [False] * (len(parts) - 1) + [True]
    assert len(parts) <= 410
    assert parts[-1].first_frame < max(1, seconds * rate)  # where the picture has ended nothing can be read
    if is_awaited and len(parts) > 1:
        assert parts[0].frames == ladder.segment_frames


def test_a_short_film_that_is_waited_for_grows_too() -> None:
    facts = facts_of("film.mp4")
    assert facts.video is not None
    told = replace(facts, video=replace(facts.video, duration_seconds=20.0), duration_seconds=20.0)
    ladder = plan_ladder(told)
    segments = [part.first_segment for part in plan_parts(ladder, told, is_awaited=True)]
    assert segments == [0, 1, 3]
    assert len(plan_parts(ladder, told)) == 1


def test_larger_pictures_take_longer_and_processors_share_them() -> None:
    facts = facts_of("film.mp4")
    assert facts.video is not None
    large = replace(facts, video=replace(facts.video, width=3840, height=2160, display_width=3840, display_height=2160))
    times = [
        seconds_to_make(plan_ladder(told), processors=processors)
        for told, processors in ((facts, 2), (large, 2), (large, 8))
    ]
    assert times[0] < times[2] == times[1] / 4
