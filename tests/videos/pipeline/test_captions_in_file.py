"""The words that a film's file brings along, on the film's own timeline."""

from __future__ import annotations

import struct
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.media_samples import sample
from tests.videos.pipeline.webvtt import ReadCue, read_strictly
from tests.videos.worded import drawn_film, late_film, worded_film, worded_mp4
from videos.pipeline import captions_movtext
from videos.pipeline.captions_child import closed
from videos.pipeline.captions_cues import Cue
from videos.pipeline.captions_in_file import FoundWords, ReadingLimits, find_captions, text_tracks
from videos.pipeline.facts import SourceFacts, SubtitleFacts
from videos.pipeline.probe import probe


def find(path: Path, folder: Path) -> FoundWords:
    return find_captions(path, probe(path), folder)


def cues(found: FoundWords) -> list[list[ReadCue]]:
    return [read_strictly(track.path.read_bytes()) for track in found.captions]


@pytest.mark.parametrize("film", [worded_film, late_film])
def test_every_text_track_of_a_matroska_is_read_from_the_first_displayed_frame(film: object, tmp_path: Path) -> None:
    assert callable(film)
    found = find(film(), tmp_path)
    assert found.stopped_at_seconds is None
    assert [(made.track.language, made.cues) for made in found.captions] == [("eng", 2), ("chi", 2), ("ger", 2)]
    assert all(made.bytes == made.path.stat().st_size for made in found.captions)
    for track in cues(found):
        assert [(cue.start_ms, cue.end_ms) for cue in track] == [(500, 1500), (2000, 3000)]
    english, chinese, german = cues(found)
    assert [cue.marked for cue in english] == ["Hello <i>you</i>", "Up &amp; <b>down</b>"]
    assert english[1].settings == "line:0"
    assert [cue.marked for cue in chinese] == ["你好，<b>世界</b>", "<i>第二行</i>\n<i>换行</i>"]
    assert [cue.marked for cue in german] == ["Hallo <i>du</i>", "Zwei &amp; drei"]
    assert german[0].settings == "line:10% align:start"


def test_timed_text_of_an_mp4_is_read_with_its_styles(tmp_path: Path) -> None:
    english, chinese = cues(find(worded_mp4(), tmp_path))
    assert [cue.marked for cue in english] == ["Hello <i>you</i>", "Up &amp; <b>down</b>"]
    assert [cue.marked for cue in chinese] == ["你好，<b>世界</b>", "<i>第二行</i>\n<i>换行</i>"]
    assert [(cue.start_ms, cue.end_ms) for cue in chinese] == [(500, 1500), (2000, 3000)]


def test_pictures_of_text_are_left_alone(tmp_path: Path) -> None:
    facts = probe(drawn_film())
    assert [track.codec for track in facts.subtitles] == ["hdmv_pgs_subtitle"]
    assert text_tracks(facts) == ()
    assert find_captions(drawn_film(), facts, tmp_path) == FoundWords()
    assert list(tmp_path.iterdir()) == []


def test_what_lies_in_an_avi_is_never_read() -> None:
    facts = probe(sample("no_audio.mp4")).to_json()
    track = SubtitleFacts(index=1, codec="subrip", language="", title="", is_default=False, is_forced=False)
    values = {
        **facts,
        "container": "avi",
        "subtitles": [asdict(track)],
    }
    assert text_tracks(SourceFacts.from_json(values)) == ()
    assert text_tracks(SourceFacts.from_json({**values, "container": "matroska"})) == (track,)


def test_reading_stops_when_its_time_is_over(tmp_path: Path) -> None:
    path = worded_film()
    found = find_captions(path, probe(path), tmp_path, limits=ReadingLimits(seconds=-1))
    assert found.stopped_at_seconds == pytest.approx(0, abs=0.1)
    assert found.captions == ()


def test_a_file_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    whole = worded_film()
    facts = probe(whole)
    content = whole.read_bytes()
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(content[: content.index(b"Zwei") - 200])
    found = find_captions(broken, facts, tmp_path)
    assert [made.cues for made in found.captions][:1] == [1]


def test_a_cue_without_an_end_ends_with_the_next_or_after_five_seconds() -> None:
    found = closed([Cue(1000, 1000, "a"), Cue(3000, 3000, "b"), Cue(20_000, 21_000, "c")])
    assert [(cue.start_ms, cue.end_ms) for cue in found] == [(1000, 3000), (3000, 8000), (20_000, 21_000)]


def _sample(text: bytes, boxes: bytes = b"") -> bytes:
    return struct.pack(">H", len(text)) + text + boxes


@pytest.mark.parametrize(
    ("content", "marked"),
    [
        (b"", ""),
        (b"\x00", ""),
        (_sample(b""), ""),
        (_sample(b"a\r\nb"), "a\nb"),
        (_sample("\ufeffhé".encode("utf-16-be")), "hé"),
        (struct.pack(">H", 900) + b"short", "short"),
        (_sample(b"<i>", b"\x00\x00\x00\x08free" + b"\x00\x00\x00\x00styl"), "&lt;i&gt;"),
        (_sample(b"abc", struct.pack(">I4sHHHHBBI", 22, b"styl", 1, 1, 2, 0, 6, 0, 0)), "a<i><u>b</u></i>c"),
        (_sample(b"abc", struct.pack(">I4sHHHHBBI", 22, b"styl", 1, 2, 900, 0, 6, 0, 0)), "abc"),
    ],
)
def test_a_sample_of_timed_text(content: bytes, marked: str) -> None:
    assert captions_movtext.marked(content) == marked
