"""One look at a file tells what it is and makes it playable, or says why it is not."""

from __future__ import annotations

from array import array
from itertools import accumulate, chain, repeat
from pathlib import Path
from random import Random

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media_samples import ffmpeg, media_folder, sample
from tests.videos.pipeline.encoded import facts_of
from videos.pipeline import cutter, progressive
from videos.pipeline.errors import LimitError, SourceError
from videos.pipeline.indexing import Original, Refused
from videos.pipeline.inspect import Inspected, inspect
from videos.pipeline.playable import PlayLimits
from videos.pipeline.probe import ProbeLimits
from videos.pipeline.progressive import read_tracks
from videos.pipeline.sandbox import Limits

FILES = {"original.idx", "original.m3u8", "original.ts.m3u8", "master.m3u8", "ts.m3u8"}


def look(path: Path, folder: Path, limits: ProbeLimits | None = None) -> Inspected:
    return inspect(path, folder, source_name="items/x/original", play_limits=PlayLimits(), limits=limits)


def test_a_film_that_browsers_play_is_known_and_indexed(tmp_path: Path) -> None:
    found = look(sample("film.mp4"), tmp_path)
    assert found.facts == facts_of("film.mp4")
    assert isinstance(found.original, Original)
    assert (found.original.frames, found.original.duration_seconds) == (150, 6.0)
    assert {file.name for file in tmp_path.iterdir()} == FILES
    index = (tmp_path / "original.idx").read_bytes()
    assert cutter.open_index(lambda offset, length: index[offset : offset + length]).source == "items/x/original"


@pytest.mark.parametrize(("name", "reason"), [("hevc.mkv", "hevc"), ("film.avi", "mpeg4"), ("sound.m4a", "no picture")])
def test_another_is_known_and_leaves_nothing(tmp_path: Path, name: str, reason: str) -> None:
    found = look(sample(name), tmp_path)
    assert found.facts == facts_of(name)
    assert isinstance(found.original, Refused)
    assert reason in found.original.reason
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "code"), [("empty.mp4", "empty_file"), ("random.mp4", "not_a_video"), ("half_moov_last.mp4", "truncated")]
)
def test_what_cannot_be_used_is_an_error(tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        look(sample(name), tmp_path)
    assert caught.value.code == code


def test_it_costs_no_more_than_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(LimitError) as caught:
        look(sample("film.mp4"), tmp_path, ProbeLimits(process=Limits(wall_seconds=0.01)))
    assert caught.value.code == "timed_out"


@pytest.mark.parametrize("writer", [["-movflags", "+faststart"], ["-chunk_duration", "40000"], ["-chunk_size", "3000"]])
def test_samples_are_found_however_a_writer_has_put_them_into_chunks(writer: list[str]) -> None:
    """Read from the places that the table tells, every sample has the bytes that libav reads."""
    path = media_folder() / f"chunks-{writer[-1]}.mp4"
    ffmpeg("-i", sample("film.mp4"), "-c", "copy", *writer, path)
    content = path.read_bytes()
    tracks = read_tracks(lambda offset, length: content[offset : offset + length], len(content))
    with av.open(str(path)) as container:
        for track, stream in zip(tracks, container.streams, strict=True):
            container.seek(0)
            packets = [packet for packet in container.demux(stream) if packet.size]
            table = track.samples
            assert [packet.size for packet in packets] == list(table.sizes)
            cut = [content[at : at + size] for at, size in zip(table.offsets, table.sizes, strict=True)]
            assert cut == [bytes(packet) for packet in packets]


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 6)), min_size=1, max_size=20), st.randoms())
def test_however_many_chunks_have_one_length_the_places_are_the_same(
    runs: list[tuple[int, int]], chance: Random
) -> None:
    """`runs` are (chunks, samples in each); there are two ways to write them out, one for many and one for few."""
    chunks, held = array("q", [run[0] for run in runs]), array("I", [run[1] for run in runs])
    places = [chance.randrange(1 << 40) for _ in range(sum(chunks))]
    sizes = array("I", [chance.randrange(1, 1 << 20) for _ in range(sum(many * each for many, each in runs))])
    found = progressive._few_chunks_a_run(places, held, chunks, sizes)
    assert found == progressive._many_chunks_a_run(places, held, chunks, sizes)
    firsts = [*accumulate(chain.from_iterable(repeat(each, many) for many, each in runs), initial=0)][:-1]
    assert [found[first] for first in firsts] == places
