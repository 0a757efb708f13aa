"""Playlists, read by an independent parser and by our own."""

from __future__ import annotations

import re
from fractions import Fraction

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.videos.fragmented import clip, index, transport_segments
from videos.pipeline.bandwidth import average_bps, peak_bps, target_duration
from videos.pipeline.fmp4 import ByteSpan, FragmentedMp4, Segment
from videos.pipeline.playlist import (
    PlaylistError,
    Variant,
    parse_media_playlist,
    ts_variant_of,
    variant_of,
    write_master_playlist,
    write_media_playlist,
    write_ts_playlist,
)

durations = st.fractions(min_value=Fraction(1, 100), max_value=20, max_denominator=90_000)


@st.composite
def films(draw: st.DrawFn) -> FragmentedMp4:
    """An index with any durations and sizes, and no tracks."""
    init = ByteSpan(0, draw(st.integers(min_value=100, max_value=5000)))
    segments, offset, start = [], init.bytes, Fraction(0)
    for duration in draw(st.lists(durations, min_size=1, max_size=20)):
        size = draw(st.integers(min_value=1, max_value=10**8))
        segments.append(Segment(offset, size, start, duration, {}))
        offset, start = offset + size, start + duration
    return FragmentedMp4(init, (), tuple(segments))


def test_a_media_playlist_names_every_byte_of_every_segment() -> None:
    indexed = index(clip())
    playlist = m3u8.loads(write_media_playlist("720p.mp4", indexed))
    assert playlist.version == 7
    assert playlist.is_endlist
    assert playlist.is_independent_segments
    assert playlist.playlist_type == "vod"
    (init,) = playlist.segment_map
    assert (init.uri, init.byterange) == ("720p.mp4", f"{indexed.init.bytes}@0")
    assert [segment.uri for segment in playlist.segments] == ["720p.mp4"] * len(indexed.segments)
    assert [segment.byterange for segment in playlist.segments] == [
        f"{segment.bytes}@{segment.offset}" for segment in indexed.segments
    ]
    assert [segment.duration for segment in playlist.segments] == pytest.approx(
        [float(segment.duration_seconds) for segment in indexed.segments], abs=1e-6
    )


def test_a_transport_stream_playlist_numbers_its_segments() -> None:
    indexed = index(clip())
    text = write_ts_playlist("720p", indexed.durations)
    playlist = m3u8.loads(text)
    assert playlist.version == 6
    assert playlist.is_endlist
    assert not playlist.segment_map
    assert [segment.uri for segment in playlist.segments] == ["720p/0.ts", "720p/1.ts", "720p/2.ts"]
    assert "BYTERANGE" not in text


def test_a_master_playlist_tells_what_was_measured() -> None:
    indexed = index(clip(rate="30000/1001", gop=60))
    text = write_master_playlist([variant_of("720p.m3u8", indexed), variant_of("360p.m3u8", indexed)])
    master = m3u8.loads(text)
    assert master.is_variant
    assert master.is_independent_segments
    assert [variant.uri for variant in master.playlists] == ["720p.m3u8", "360p.m3u8"]
    told = master.playlists[0].stream_info
    assert (told.bandwidth, told.average_bandwidth) == (indexed.peak_bps, indexed.average_bps)
    assert told.resolution == (320, 180)
    assert told.frame_rate == 29.97
    assert told.codecs == indexed.codecs


def test_sound_alone_has_neither_resolution_nor_frame_rate() -> None:
    text = write_master_playlist([variant_of("audio.m3u8", index(clip(has_picture=False)))])
    assert "RESOLUTION" not in text
    assert "FRAME-RATE" not in text
    assert m3u8.loads(text).playlists[0].stream_info.codecs == "mp4a.40.2"


def test_the_bandwidth_of_transport_streams_holds_what_is_really_sent() -> None:
    path = clip()
    indexed = index(path)
    sent = [
        (len(stream), segment.duration_seconds)
        for stream, segment in zip(transport_segments(path), indexed.segments, strict=True)
    ]
    variant = ts_variant_of("720p.ts.m3u8", indexed)
    assert variant.peak_bps >= peak_bps(sent)
    assert variant.average_bps >= average_bps(sent)
    assert variant.peak_bps < 1.25 * peak_bps(sent)


@given(films())
def test_our_own_playlists_are_read_back(film: FragmentedMp4) -> None:
    playlist = parse_media_playlist(write_media_playlist("480p.mp4", film))
    assert playlist.uri == "480p.mp4"
    assert playlist.init == film.init
    assert playlist.is_whole
    assert {entry.uri for entry in playlist.entries} == {"480p.mp4"}
    assert [entry.span for entry in playlist.entries] == [segment.span for segment in film.segments]
    ours, exact = Fraction(0), Fraction(0)
    for entry, segment in zip(playlist.entries, film.segments, strict=True):
        ours, exact = ours + entry.duration_seconds, exact + segment.duration_seconds
        assert abs(ours - exact) <= Fraction(1, 2_000_000), "rounding does not add up"


@given(films())
def test_an_independent_parser_reads_the_same(film: FragmentedMp4) -> None:
    playlist = m3u8.loads(write_media_playlist("480p.mp4", film))
    assert len(playlist.segments) == len(film.segments)
    assert playlist.target_duration == target_duration([segment.duration_seconds for segment in film.segments])
    assert all(int(segment.duration + 0.5) <= playlist.target_duration for segment in playlist.segments)


@given(st.lists(st.tuples(st.integers(min_value=1, max_value=10**7), durations), min_size=1, max_size=10))
def test_the_peak_is_never_below_a_run_that_the_standard_counts(weighed: list[tuple[int, Fraction]]) -> None:
    target = target_duration([duration for _, duration in weighed])
    peak = peak_bps(weighed)
    for first in range(len(weighed)):
        for last in range(first, len(weighed)):
            run = weighed[first : last + 1]
            seconds = sum((duration for _, duration in run), Fraction(0))
            if Fraction(target, 2) <= seconds <= Fraction(3 * target, 2):
                assert peak >= 8 * sum(size for size, _ in run) / seconds


def test_what_we_did_not_write_is_refused() -> None:
    text = write_media_playlist("a.mp4", index(clip()))
    for other in (
        "",
        "#EXTM3U\n",
        "#EXTM3U\n#EXT-X-ENDLIST\n",
        text.replace("#EXT-X-ENDLIST\n", ""),
        text.replace("#EXTINF:2", "#EXTINF:x"),
        re.sub(r"(BYTERANGE:\d+)@\d+", r"\1", text),
        text.replace("\na.mp4\n", "\nb.mp4\n", 1),
        write_ts_playlist("a", index(clip()).durations),
    ):
        with pytest.raises(PlaylistError):
            parse_media_playlist(other)


@pytest.mark.parametrize(
    "uri", ["", "/720p.mp4", "../720p.mp4", "a b.mp4", "http://x/y.mp4", 'a".mp4', "a\n.mp4", "a//b"]
)
def test_odd_names_are_never_written(uri: str) -> None:
    with pytest.raises(PlaylistError):
        write_media_playlist(uri, index(clip()))
    with pytest.raises(PlaylistError):
        write_master_playlist([Variant(uri, 1, 1, "mp4a.40.2")])


def test_an_empty_playlist_is_never_written() -> None:
    with pytest.raises(PlaylistError):
        write_media_playlist("a.mp4", FragmentedMp4(ByteSpan(0, 10), (), ()))
    with pytest.raises(PlaylistError):
        write_master_playlist([])
