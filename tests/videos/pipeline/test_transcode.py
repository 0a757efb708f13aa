"""The ladder, decoded again and looked at: every frame and every beep at its time in every rendition."""

from __future__ import annotations

import statistics
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from tests.media_samples import AAC, H264, beeps, beeps_heard, ffmpeg, number_of, numbered, sample
from tests.videos.fragmented import index, transport_segments
from tests.videos.pipeline.encoded import frames_of, made
from videos.pipeline.command import part_command
from videos.pipeline.errors import LimitError, SourceError, VerificationFailed
from videos.pipeline.facts import SourceFacts
from videos.pipeline.ffmpeg import examine, find_ffmpeg
from videos.pipeline.ladder import plan_ladder
from videos.pipeline.meter import Meter, Progress
from videos.pipeline.mp4boxes import boxes_within
from videos.pipeline.parts import plan_parts
from videos.pipeline.probe import probe
from videos.pipeline.sandbox import Limits
from videos.pipeline.transcode import Encoding, transcode

AAC_FRAME = Fraction(1024, 48000)


def test_every_frame_is_there_once_and_at_its_time_in_every_rung() -> None:
    film = made("film.mp4")
    assert [file.path.name for file in film.result.rungs] == [f"{rung.label}.mp4" for rung in film.ladder.rungs]
    for planned, rung in zip(film.ladder.rungs, film.result.rungs, strict=True):
        frames = frames_of(rung.path)
        assert [number_of(frame) for frame in frames] == list(range(150))
        assert [frame.time for frame in frames] == pytest.approx([number / 25 for number in range(150)])
        assert rung.samples == 150
        assert {(frame.width, frame.height) for frame in frames} == {(planned.width, planned.height)}


def test_ten_instants_show_the_same_frame_in_every_rendition(tmp_path: Path) -> None:
    film = made("ntsc.mp4")
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(transport_segments(film.top)))
    instants = [0.0, 0.01, 0.5, 1.99, 2.01, 3.0, 3.99, 4.01, 4.5, 4.95]
    expected = [int(instant * 30000 / 1001) for instant in instants]
    for path, offset in ((film.source, 0.0), (film.top, 0.0), (joined, 10.0)):
        shown = [(frame.time - offset, number_of(frame)) for frame in frames_of(path)]
        found = [max(number for time, number in shown if time <= instant + 1e-4) for instant in instants]
        assert found == expected, path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("film.mp4", [1, 2, 3, 4, 5]),
        ("ntsc.mp4", [1, 2, 3, 4]),
        ("film.ts", [1, 2, 3]),
        ("late_sound.mkv", [1, 2, 3, 4]),  # its sound begins a second after its picture
        ("edit_list.mp4", [0.52, 1.52, 2.52, 3.52]),  # cut at 1.48 s
    ],
)
def test_sound_stays_with_the_picture(name: str, expected: list[float]) -> None:
    heard = [beep for beep in beeps_heard(made(name).top) if beep > 0.1]
    assert heard == pytest.approx(expected, abs=0.012)


@pytest.mark.parametrize("name", ["film.mp4", "ntsc.mp4", "late_sound.mkv"])
def test_segments_begin_with_a_keyframe_and_no_sound_before_it(name: str) -> None:
    film = made(name)
    starts = []
    for rung in film.result.rungs:
        indexed = index(rung.path)
        assert indexed.video is not None
        assert indexed.audio is not None
        for segment in indexed.segments:
            pictures, sounds = segment.samples[indexed.video.id], segment.samples[indexed.audio.id]
            first = Fraction(sounds.pts[0], indexed.audio.timescale) - segment.start_seconds
            assert pictures.keyframes[0]
            assert pictures.pts[0] == pictures.start
            assert 0 <= first < AAC_FRAME
        starts.append([segment.start_seconds for segment in indexed.segments])
    assert all(one == starts[0] for one in starts)
    assert starts[0] == [number * film.ladder.segment_seconds for number in range(len(starts[0]))]


def test_all_rungs_have_the_same_keyframes() -> None:
    film = made("film.mp4")
    keyframes = []
    for rung in film.result.rungs:
        with av.open(str(rung.path)) as container:
            packets = [packet for packet in container.demux(video=0) if packet.is_keyframe]
            keyframes.append([packet.pts * packet.time_base for packet in packets if packet.pts is not None])
    assert keyframes[0] == keyframes[1] == [0, 2, 4]


def test_the_head_of_the_file_tells_length_and_place_of_every_segment() -> None:
    film = made("film.mp4")
    content = film.top.read_bytes()
    kinds = [box.kind for box in boxes_within(content, 0, len(content))]
    assert kinds == [b"ftyp", b"moov", b"sidx", b"moof", b"mdat", b"moof", b"mdat"]
    for kind in (b"edts", b"mehd"):
        assert content.count(kind) == 1
    with av.open(str(film.top)) as container:
        assert container.duration == 6_000_000
        assert [stream.start_time for stream in container.streams] == [0, 0]
        container.seek(4_500_000)
        assert next(container.decode(video=0)).time == 4.0


def test_where_sound_goes_on_the_last_picture_stays() -> None:
    film = made("long_sound.mp4")
    numbers = [number_of(frame) for frame in frames_of(film.top)]
    assert numbers == [*range(50), *[49] * 75]
    assert [beep for beep in beeps_heard(film.top) if beep > 0.1] == pytest.approx([1, 2, 3, 4], abs=0.012)


def test_where_sound_ends_silence_goes_on() -> None:
    film = made("short_sound.mp4")
    indexed = index(film.top)
    assert indexed.audio is not None
    packets = [segment.samples[indexed.audio.id] for segment in indexed.segments]
    assert sum(map(len, packets)) * AAC_FRAME == pytest.approx(5, abs=0.03)
    assert [beep for beep in beeps_heard(film.top) if beep > 0.1] == pytest.approx([1], abs=0.012)


def test_a_phones_film_stands_upright_with_nothing_left_to_turn() -> None:
    turned, upright = frames_of(made("rotated.mp4").top), frames_of(made("portrait.mp4").top)
    assert [(frame.width, frame.height) for frame in (turned[0], upright[0])] == [(180, 320)] * 2
    assert [number_of(frame) for frame in turned] == [number_of(frame) for frame in upright] == list(range(100))
    assert turned[0].rotation == 0


@pytest.mark.parametrize(
    ("name", "size"),
    [("anamorphic.mp4", (640, 288)), ("odd.mkv", (320, 180)), ("tiny.mp4", (2, 2)), ("film.avi", (320, 180))],
)
def test_every_shape_ends_in_even_numbers_and_square_pixels(name: str, size: tuple[int, int]) -> None:
    film = made(name)
    with av.open(str(film.top)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == size
        assert stream.sample_aspect_ratio in {None, 1}
    assert len(frames_of(film.top)) == film.ladder.frames


def test_a_variable_rate_becomes_constant_without_losing_time() -> None:
    film = made("vfr.mkv")
    shown = [(frame.time, number_of(frame)) for frame in frames_of(film.source)]
    made_frames = frames_of(film.top)
    assert film.ladder.frame_rate == 30
    for earlier, later in pairwise(made_frames):
        assert later.time - earlier.time == pytest.approx(1 / 30, abs=1e-4)
    for frame in made_frames[::7]:
        near = {number for time, number in shown if time <= frame.time + 1 / 30 + 0.002}
        assert number_of(frame) in {max(near), max(near - {max(near)}, default=0)}


def test_a_size_that_changes_midway_changes_nothing_for_viewers() -> None:
    frames = frames_of(made("resized.ts").top)
    assert {(frame.width, frame.height) for frame in frames} == {(320, 180)}
    assert len(frames) in range(98, 102)
    assert [number_of(frame) for frame in frames[:45]] == list(range(45))
    assert [number_of(frame) for frame in frames[-40:]] == list(range(10, 50))


def test_many_frames_a_second_become_sixty() -> None:
    numbers = [number_of(frame) for frame in frames_of(made("fast.mp4").top)]
    assert len(numbers) == 60
    assert all(abs(number - 4 * place) <= 2 for place, number in enumerate(numbers))


def test_few_frames_a_second_are_repeated() -> None:
    numbers = [number_of(frame) for frame in frames_of(made("slow.mp4").top)]
    assert sorted(set(numbers)) == [0, 1, 2, 3]
    assert all(numbers.count(number) in range(8, 13) for number in range(4))


def test_interlaced_pictures_become_progressive() -> None:
    frames = frames_of(made("interlaced.ts").top)
    assert len(frames) == 100
    assert not any(frame.interlaced_frame for frame in frames)


def test_high_dynamic_range_becomes_what_every_screen_shows() -> None:
    frame, plain = frames_of(made("hdr10.mp4").top)[0], frames_of(made("no_audio.mp4").top)[0]
    assert frame.format.name == "yuv420p"
    assert (frame.color_primaries, frame.color_trc, frame.colorspace) == (1, 1, 1)
    with av.open(str(made("hdr10.mp4").top)) as container:
        assert container.streams.video[0].profile == "High"
    bright = [statistics.fmean(bytes(one.reformat(format="gray").planes[0])) for one in (frame, plain)]
    assert bright[0] == pytest.approx(bright[1], rel=0.35)  # neither washed out, nor black, nor negative
    assert number_of(frame) == 0


def test_colours_stay_what_they_were(tmp_path: Path) -> None:
    """BT.601 in, BT.709 out: the numbers change, the colours do not."""
    source = tmp_path / "old.mp4"
    matrix = "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p"
    ffmpeg(
        "-f", "lavfi", "-i", "color=c=0xc04020:s=320x180:d=1", "-vf", matrix, *H264,
        "-colorspace", "smpte170m", "-color_primaries", "smpte170m", "-color_trc", "smpte170m", source,
    )  # fmt: skip
    facts = probe(source)
    (rung,) = transcode(Encoding(source, facts, plan_ladder(facts), find_ffmpeg(None)), tmp_path).rungs
    frame = frames_of(rung.path)[0]
    pixel = bytes(frame.reformat(format="rgb24", src_colorspace="ITU709").planes[0])[:3]
    assert list(pixel) == pytest.approx([0xC0, 0x40, 0x20], abs=6)


def test_a_film_without_sound_has_one_track() -> None:
    film = made("no_audio.mp4")
    assert index(film.top).codecs.startswith("avc1.64")
    assert index(film.top).audio is None
    assert film.ladder.audio is None


def test_sound_alone_is_cut_into_segments_too() -> None:
    sound = made("sound.m4a")
    (rung,) = sound.result.rungs
    indexed = index(rung.path)
    assert (rung.path.name, rung.codecs, indexed.codecs) == ("audio.mp4", "mp4a.40.2", "mp4a.40.2")
    assert [float(segment.duration_seconds) for segment in indexed.segments] == pytest.approx([4, 1], abs=0.03)
    assert [beep for beep in beeps_heard(rung.path) if beep > 0.1] == pytest.approx([1, 2, 3, 4], abs=0.012)


def test_the_default_track_is_heard() -> None:
    film = made("hevc.mkv")
    assert film.ladder.audio is not None
    assert film.ladder.audio.index == 2
    assert len(frames_of(film.top)) == 100


def test_progress_never_goes_back_and_ends_at_one() -> None:
    fractions = [step.fraction for step in made("film.mp4").progress]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert all(0 <= fraction <= 1 for fraction in fractions)
    assert all(step.speed >= 0 and (step.seconds_left or 0) >= 0 for step in made("film.mp4").progress)


def test_a_moment_of_load_does_not_multiply_the_time_left() -> None:
    moments = iter([0.0, *(float(second) for second in range(1, 61)), 75.0])
    told: list[Progress] = []
    frames = made("film.mp4").ladder.frames
    meter = Meter(frames, 6.0, told.append, lambda: next(moments))
    for second in range(1, 61):  # a hundredth of the film in each
        meter.take(f"frame={frames * second // 100}")
    meter.take(f"frame={frames * 61 // 100}")  # and one in fifteen seconds
    steady, loaded = told[-2].seconds_left, told[-1].seconds_left
    assert steady is not None
    assert loaded is not None
    assert steady == pytest.approx(40, abs=5)
    assert steady < loaded < 3 * steady


def test_nothing_of_the_sources_words_is_kept(tmp_path: Path) -> None:
    source = tmp_path / "tagged.mp4"
    words = [
        "-metadata",
        "title=secret-title",
        "-metadata",
        "location=+48.85+002.35/",
        "-metadata",
        "comment=secret-words",
    ]
    ffmpeg(*numbered(seconds=1), *beeps(1), *H264, *AAC, *words, source)
    facts = probe(source)
    assert facts.tags["title"] == "secret-title"
    (rung,) = transcode(Encoding(source, facts, plan_ladder(facts), find_ffmpeg(None)), tmp_path).rungs
    assert b"secret" not in rung.path.read_bytes()
    assert b"+48.85" not in rung.path.read_bytes()


def test_words_of_strangers_never_reach_the_command() -> None:
    facts = made("hevc.mkv").facts
    evil = "';[0:v]movie=/etc/passwd,\\ -i http://127.0.0.1/ \n"
    hostile = replace(
        facts,
        tags={"title": evil},
        audio=tuple(replace(track, title=f"{evil}{track.index}", language=evil) for track in facts.audio),
    )
    binary = examine(find_ffmpeg(None))
    commands = []
    for told in (facts, hostile):
        ladder = plan_ladder(told)
        (part,) = plan_parts(ladder, told)
        commands.append(part_command(Path("/x/-y"), told, ladder, part, ffmpeg=binary, sounds=ladder.sounds))
    assert commands[0] == commands[1]
    assert "file:/x/-y" in commands[0]
    assert commands[0].count("-i") == 1


def test_a_result_that_runs_away_is_stopped(tmp_path: Path) -> None:
    film, small = made("no_audio.mp4"), Limits(file_bytes=50_000)
    with pytest.raises(LimitError) as caught:
        transcode(Encoding(film.source, film.facts, film.ladder, find_ffmpeg(None), limits=small), tmp_path)
    assert caught.value.code == "output_too_large"


def test_noise_instead_of_frames_is_a_damaged_file(tmp_path: Path) -> None:
    facts: SourceFacts = made("no_audio.mp4").facts
    with pytest.raises((SourceError, VerificationFailed)) as caught:
        transcode(Encoding(sample("damaged.mp4"), facts, plan_ladder(facts), find_ffmpeg(None)), tmp_path)
    assert caught.value.code == "corrupt"
