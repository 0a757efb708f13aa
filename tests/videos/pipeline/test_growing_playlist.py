"""Playlists of renditions that grow file by file."""

from __future__ import annotations

from fractions import Fraction

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.pipeline.fmp4 import ByteSpan
from videos.pipeline.playlist import Part, PlaylistError, parse_media_playlist, write_growing_playlist

SEGMENT = Fraction(4004, 1000)


@st.composite
def films(draw: st.DrawFn) -> list[Part]:
    """Parts of whole segments, the very last of which may be shorter."""
    init_bytes = draw(st.integers(min_value=100, max_value=5000))
    parts = []
    for number in range(draw(st.integers(min_value=1, max_value=6))):
        segments, offset = [], init_bytes
        for size in draw(st.lists(st.integers(min_value=1, max_value=10**8), min_size=1, max_size=6)):
            segments.append((SEGMENT, offset, size))
            offset += size
        parts.append(Part(f"720p.{number}.mp4", init_bytes, segments))
    last = parts[-1].segments
    rest = draw(st.fractions(min_value=Fraction(1, 60), max_value=SEGMENT, max_denominator=1000))
    tail = [*last, (rest, last[-1][1] + last[-1][2], 17)]
    return [*parts[:-1], Part(parts[-1].uri, init_bytes, tail)]


@given(films())
def test_what_was_said_once_stays_and_only_the_whole_film_has_an_end(parts: list[Part]) -> None:
    growing = [write_growing_playlist(parts[:count], is_whole=False) for count in range(1, len(parts) + 1)]
    whole = write_growing_playlist(parts, is_whole=True)
    for earlier, later in zip(growing, [*growing[1:], whole], strict=True):
        assert later.startswith(earlier)
        assert "#EXT-X-ENDLIST" not in earlier
    assert whole == growing[-1] + "#EXT-X-ENDLIST\n"


@given(films(), st.booleans())
def test_our_own_reader_and_an_independent_one_find_every_range(parts: list[Part], is_whole: bool) -> None:
    text = write_growing_playlist(parts, is_whole=is_whole)
    ours, other = parse_media_playlist(text), m3u8.loads(text)
    expected = [(part.uri, ByteSpan(offset, size)) for part in parts for _, offset, size in part.segments]
    assert [(entry.uri, entry.span) for entry in ours.entries] == expected
    assert [
        (segment.uri, ByteSpan(*map(int, reversed(segment.byterange.split("@"))))) for segment in other.segments
    ] == expected
    assert (ours.uri, ours.init, ours.is_whole) == (parts[0].uri, ByteSpan(0, parts[0].init_bytes), is_whole)
    assert sum(entry.duration_seconds for entry in ours.entries) == pytest.approx(
        sum(duration for part in parts for duration, _, _ in part.segments), abs=1e-6
    )
    assert (other.playlist_type, other.is_endlist, other.target_duration) == ("event", is_whole, 4)
    assert (other.start.time_offset, other.start.precise) == (0, "YES")


def test_an_init_segment_is_named_once() -> None:
    parts = [Part(f"720p.{number}.mp4", 800, [(SEGMENT, 800, 1000)]) for number in range(3)]
    text = write_growing_playlist(parts, is_whole=False)
    assert text.count("#EXT-X-MAP") == 1
    assert '#EXT-X-MAP:URI="720p.0.mp4",BYTERANGE="800@0"' in text
    assert "DISCONTINUITY" not in text


def test_odd_names_and_nothing_at_all_are_never_written() -> None:
    for uri in ("", "/720p.mp4", "../720p.mp4", "a\nb.mp4"):
        with pytest.raises(PlaylistError):
            write_growing_playlist([Part(uri, 800, [(SEGMENT, 800, 1000)])], is_whole=False)
    for parts in ([], [Part("720p.0.mp4", 800, [])]):
        with pytest.raises(PlaylistError):
            write_growing_playlist(parts, is_whole=False)


def test_half_a_text_is_not_taken_for_a_film_that_grows() -> None:
    parts = [Part("720p.0.mp4", 800, [(SEGMENT, 800, 1000), (SEGMENT, 1800, 1000)])]
    text = write_growing_playlist(parts, is_whole=False)
    for end in range(len(text) - 1):
        try:
            read = parse_media_playlist(text[:end])
        except PlaylistError:
            continue
        assert len(read.entries) == 1  # the first segment, whole, and its end of line
        assert text[:end].endswith("720p.0.mp4\n")
