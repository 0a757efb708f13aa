"""Transport streams cut from fragments: decoded by PyAV, taken apart packet by packet, joined, and cut
again."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from tests.videos.fragmented import ClipOptions, clip, index, transport_segments
from videos.pipeline.fmp4 import parse_init, parse_segment
from videos.pipeline.mpegts import OFFSET_SECONDS, TransportStreamError, segment_to_ts, ts_bytes_at_most
from videos.pipeline.tspackets import PACKET_BYTES, PacketWriter, packets_of

CLIPS: dict[str, ClipOptions] = {
    "film": {},
    "edit list": {"flags": "+frag_keyframe+delay_moov+default_base_moof"},
    "29.97": {"rate": "30000/1001", "gop": 60, "hertz": 44100},
    "silent": {"has_sound": False},
    "sound only": {"has_picture": False},
    "one frame a segment": {"seconds": 1, "gop": 1},
}


@pytest.fixture(params=CLIPS)
def path(request: pytest.FixtureRequest) -> Path:
    """Each of the clips in turn."""
    return clip(**CLIPS[request.param])


def _packets(stream: bytes) -> Iterator[tuple[int, int, bool, bytes]]:
    """PID, continuity counter, unit start and the whole packet."""
    assert len(stream) % PACKET_BYTES == 0
    for at in range(0, len(stream), PACKET_BYTES):
        packet = stream[at : at + PACKET_BYTES]
        assert packet[0] == 0x47
        assert packet[3] & 0x10, "every packet has a payload, so every counter counts"
        yield (packet[1] & 0x1F) << 8 | packet[2], packet[3] & 0x0F, bool(packet[1] & 0x40), packet


def _decoded(stream: bytes) -> dict[str, list[float]]:
    """Presentation times of all frames, in order; any decoder error fails."""
    times: dict[str, list[float]] = {"video": [], "audio": []}
    with av.open(io.BytesIO(stream), "r", format="mpegts", options={"err_detect": "explode"}) as container:
        for packet in container.demux():
            for frame in packet.decode():
                assert isinstance(frame, VideoFrame | AudioFrame)
                assert frame.time is not None
                assert not frame.is_corrupt
                times[packet.stream.type].append(frame.time)
    return times


def test_joined_segments_are_one_stream_with_every_frame_at_its_time(path: Path) -> None:
    indexed = index(path)
    times = _decoded(b"".join(transport_segments(path)))
    for track in indexed.tracks:
        expected = sorted(
            sample.pts / track.timescale for segment in indexed.segments for sample in segment.samples[track.id]
        )
        found = [time - OFFSET_SECONDS for time in times[track.kind]]
        assert len(found) == len(expected)
        # AAC frames within one PES packet are timed by their length, from a stamp with 1/90000 s.
        assert found == pytest.approx(expected, abs=3e-5)


def test_each_segment_decodes_alone(path: Path) -> None:
    indexed = index(path)
    for segment, stream in zip(indexed.segments, transport_segments(path), strict=True):
        times = _decoded(stream)
        for track in indexed.tracks:
            assert len(times[track.kind]) == len(segment.samples[track.id])
        leading = times["video"] or times["audio"]
        assert leading[0] - OFFSET_SECONDS == pytest.approx(float(segment.start_seconds), abs=2e-5)


def test_counters_go_on_from_one_segment_to_the_next(path: Path) -> None:
    counters: dict[int, int] = {}
    for pid, counter, _, _ in _packets(b"".join(transport_segments(path))):
        assert counter == (counters[pid] + 1) % 16 if pid in counters else counter == 0
        counters[pid] = counter
    assert {0, 0x1000} < counters.keys()


def test_counters_go_on_whatever_was_cut_before() -> None:
    """A far segment is cut without its predecessors and fits behind the one before it all the same."""
    segments = transport_segments(clip(seconds=1, gop=1))
    last = {pid: counter for pid, counter, _, _ in _packets(segments[16])}
    first: dict[int, int] = {}
    for pid, counter, _, _ in _packets(segments[17]):
        first.setdefault(pid, counter)
    assert first == {pid: (counter + 1) % 16 for pid, counter in last.items()}


def test_cutting_again_gives_the_same_bytes() -> None:
    path = clip()
    content, indexed = path.read_bytes(), index(path)
    tracks = parse_init(content[: indexed.init.bytes])
    for number in reversed(range(len(indexed.segments))):
        segment = indexed.segments[number]
        piece = content[segment.offset : segment.span.end]
        samples = parse_segment(piece, segment.offset, tracks)
        again = segment_to_ts(piece, segment.offset, samples, tracks, index=number)
        assert again == transport_segments(path)[number]


def test_tables_come_first_and_the_clock_with_the_first_frame(path: Path) -> None:
    for stream in transport_segments(path):
        packets = list(_packets(stream))
        assert [pid for pid, *_ in packets[:2]] == [0, 0x1000]
        leading = 0x100 if index(path).video else 0x101
        first = next(packet for pid, _, _, packet in packets if pid == leading)
        assert first[3] & 0x20
        assert first[5] == 0x50, "random access, and a clock reference"


def test_a_segment_begins_at_the_time_its_playlist_says(path: Path) -> None:
    """hls.js takes the first decoding time for a segment's place: it is that of the first frame, so a PES
    header with a presentation time alone."""
    for stream in transport_segments(path):
        packets = (packet for pid, _, starts, packet in _packets(stream) if starts and pid in {0x100, 0x101})
        first = next(packets)
        header = first[4 + (first[4] + 1 if first[3] & 0x20 else 0) :]
        assert header[:3] == b"\x00\x00\x01"
        assert header[7] == 0x80


def test_times_never_run_backwards_and_no_frame_is_shown_before_it_is_decoded(path: Path) -> None:
    with av.open(io.BytesIO(b"".join(transport_segments(path))), "r", format="mpegts") as container:
        last: dict[int, int] = {}
        for packet in container.demux():
            if packet.dts is None or packet.pts is None:
                continue
            assert packet.dts <= packet.pts
            assert packet.dts > last.get(packet.stream_index, -1)
            last[packet.stream_index] = packet.dts


def test_the_size_is_known_before_cutting(path: Path) -> None:
    indexed = index(path)
    for segment, stream in zip(indexed.segments, transport_segments(path), strict=True):
        most = ts_bytes_at_most(segment.samples, indexed.tracks)
        assert len(stream) <= most <= len(stream) + 32 * PACKET_BYTES


def test_a_sample_that_lies_about_its_units_is_refused() -> None:
    path = clip()
    content, indexed = bytearray(path.read_bytes()), index(path)
    segment = indexed.segments[0]
    assert indexed.video is not None
    sample = segment.samples[indexed.video.id][3]
    content[sample.offset : sample.offset + 4] = (sample.size).to_bytes(4, "big")
    piece = bytes(content[segment.offset : segment.span.end])
    with pytest.raises(TransportStreamError):
        segment_to_ts(piece, segment.offset, segment.samples, indexed.tracks, index=0)


@given(
    sizes=st.lists(st.integers(min_value=24, max_value=1500), min_size=1, max_size=8),
    adaptation=st.sampled_from([b"", b"\x40", b"\x50" + b"\x00" * 6]),
)
def test_packets_hold_exactly_the_bytes_given_in_a_multiple_of_sixteen(sizes: list[int], adaptation: bytes) -> None:
    writer = PacketWriter()
    units = [bytes(range(256)) * 6 for _ in sizes]
    units = [unit[:size] for unit, size in zip(units, sizes, strict=True)]
    for number, unit in enumerate(units):
        writer.write_pes(0x100, unit, adaptation, is_last=number == len(units) - 1)
    found: list[bytes] = []
    count = 0
    for pid, counter, starts, packet in _packets(writer.getvalue()):
        assert pid == 0x100
        assert counter == count % 16
        count += 1
        payload = packet[4 + (packet[4] + 1 if packet[3] & 0x20 else 0) :]
        assert payload
        if starts:
            found.append(b"")
        found[-1] += payload
    assert found == units
    assert count % 16 == 0
    assert count <= sum(packets_of(size, adaptation) for size in sizes) + 16
