"""The index of fragmented MP4 files, compared with what PyAV reads from them, and its refusals."""

from __future__ import annotations

import random
import struct
from collections import Counter
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.videos.fragmented import ClipOptions, clip, index, index_bytes
from videos.pipeline.fmp4 import index_fragmented_mp4, parse_init, parse_segment
from videos.pipeline.mp4boxes import Mp4Error, boxes_within


def _packets(path: Path) -> dict[str, list[tuple[int, bytes, bool]]]:
    """What PyAV reads: size, bytes and key flag of every packet, in decoding order."""
    found: dict[str, list[tuple[int, bytes, bool]]] = {"video": [], "audio": []}
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.size:
                found[packet.stream.type].append((packet.size, bytes(packet), packet.is_keyframe))
    return found


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"flags": "+frag_keyframe+empty_moov"},
        {"flags": "+frag_keyframe+empty_moov+default_base_moof"},
        {"flags": "+frag_keyframe+delay_moov+default_base_moof"},
        {"flags": "+dash+frag_keyframe"},
        {"rate": "30000/1001", "gop": 60, "hertz": 44100},
        {"has_sound": False},
        {"has_picture": False},
    ],
    ids=["cmaf", "absolute offsets", "from moof", "edit list", "dash", "29.97", "silent", "sound only"],
)
def test_every_sample_is_where_the_index_says(options: ClipOptions) -> None:
    path = clip(**options)
    content, indexed, expected = path.read_bytes(), index(path), _packets(path)
    for track in indexed.tracks:
        found = [
            (sample.size, content[sample.offset : sample.offset + sample.size], sample.is_keyframe)
            for segment in indexed.segments
            for sample in segment.samples.get(track.id, ())
        ]
        assert found == expected[track.kind]
        assert indexed.sample_count(track) == len(expected[track.kind])


def test_presentation_begins_at_zero_whether_by_edit_list_or_by_negative_offsets() -> None:
    for path in (clip(), clip(flags="+frag_keyframe+delay_moov+default_base_moof")):
        indexed = index(path)
        assert indexed.segments[0].start_seconds == 0
        assert indexed.video is not None
        pictures = indexed.segments[0].samples[indexed.video.id]
        assert sorted(pictures.pts) == [number * indexed.video.timescale // 25 for number in range(50)]


def test_segments_tile_the_film_exactly() -> None:
    indexed = index(clip(rate="30000/1001", gop=60))
    end = Fraction(0)
    for segment in indexed.segments:
        assert segment.start_seconds == end
        end += segment.duration_seconds
    assert end == indexed.duration_seconds
    assert indexed.segments[0].duration_seconds == Fraction(60 * 1001, 30000)
    assert indexed.frame_rate == Fraction(30000, 1001)


def test_segments_tile_the_file_too() -> None:
    path = clip()
    indexed = index(path)
    offset = indexed.init.bytes
    for segment in indexed.segments:
        assert segment.offset == offset
        offset = segment.span.end
    kinds = [box.kind for box in boxes_within(path.read_bytes(), offset, path.stat().st_size)]
    assert kinds in ([], [b"mfra"])


def test_an_index_of_the_whole_file_belongs_to_no_segment() -> None:
    path = clip(flags="+frag_keyframe+empty_moov+default_base_moof+global_sidx+dash")
    content, indexed = path.read_bytes(), index(path)
    assert content[indexed.init.bytes + 4 : indexed.init.bytes + 8] == b"sidx"
    assert {content[segment.offset + 4 : segment.offset + 8] for segment in indexed.segments} <= {b"moof", b"styp"}


def test_tracks_are_described_as_the_decoder_needs_them() -> None:
    indexed = index(clip())
    video, audio = indexed.video, indexed.audio
    assert video is not None
    assert audio is not None
    assert (video.width, video.height) == (320, 180)
    with av.open(str(clip())) as container:
        assert container.streams.video[0].profile == "Main"
    assert video.codec.startswith("avc1.4d")
    assert audio.codec == "mp4a.40.2"
    assert audio.timescale == 48000
    assert indexed.codecs == f"{video.codec},mp4a.40.2"


def test_bit_rates_hold_every_segment() -> None:
    path = clip()
    indexed = index(path)
    media_bytes = sum(segment.bytes for segment in indexed.segments)
    assert indexed.average_bps == pytest.approx(8 * media_bytes / float(indexed.duration_seconds), abs=1)
    whole = [segment for segment in indexed.segments if segment.duration_seconds >= 1]
    assert indexed.peak_bps >= max(8 * segment.bytes / segment.duration_seconds for segment in whole)
    assert indexed.peak_bps >= indexed.average_bps


def test_a_segment_alone_gives_the_samples_of_the_whole_index() -> None:
    path = clip()
    content, indexed = path.read_bytes(), index(path)
    tracks = parse_init(content[: indexed.init.bytes])
    assert tracks == indexed.tracks
    for segment in indexed.segments:
        alone = parse_segment(content[segment.offset : segment.span.end], segment.offset, tracks)
        assert alone == segment.samples


def test_only_headers_are_read() -> None:
    path = clip()
    content, asked = path.read_bytes(), Counter[str]()

    def read(offset: int, length: int) -> bytes:
        asked["bytes"] += length
        return content[offset : offset + length]

    index_fragmented_mp4(read, len(content))
    assert asked["bytes"] < len(content) / 4


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_refused(share: float) -> None:
    content = clip().read_bytes()
    indexed = index(clip())
    end = indexed.segments[-1].span.end
    with pytest.raises(Mp4Error):
        index_bytes(content[: int(end * share)])


def test_a_plain_mp4_is_refused() -> None:
    with pytest.raises(Mp4Error, match="mvex"):
        index(clip(flags="+faststart"))


def test_a_fragment_that_needs_the_one_before_is_refused() -> None:
    content = bytearray(clip().read_bytes())
    segment = index(clip()).segments[1]
    flags = content.index(b"trun", segment.offset) + 16  # of the first sample, after count and data offset
    assert content[flags : flags + 4] == struct.pack(">I", 0x02000000)
    content[flags : flags + 4] = struct.pack(">I", 0x01010000)
    with pytest.raises(Mp4Error, match="keyframe"):
        index_bytes(bytes(content))


def test_samples_outside_their_media_are_refused() -> None:
    content = bytearray(clip().read_bytes())
    segment = index(clip()).segments[0]
    trun = content.index(b"trun", segment.offset)
    content[trun + 12 : trun + 16] = struct.pack(">i", 0)  # data offset: the moof itself
    with pytest.raises(Mp4Error, match="outside"):
        index_bytes(bytes(content))


@settings(max_examples=150, deadline=None)
@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_damaged_headers_end_in_a_clear_error_or_in_samples_within_the_file(seed: int) -> None:
    content = bytearray(clip().read_bytes())
    chance = random.Random(seed)
    places = [place for segment in index(clip()).segments for place in range(segment.offset, segment.offset + 400)]
    places += range(index(clip()).init.bytes)
    for place in chance.sample(places, chance.randint(1, 4)):
        content[place] ^= 1 << chance.randrange(8)
    try:
        indexed = index_bytes(bytes(content))
    except Mp4Error:
        return
    for segment in indexed.segments:
        for table in segment.samples.values():
            assert all(0 <= sample.offset <= sample.offset + sample.size <= len(content) for sample in table)
