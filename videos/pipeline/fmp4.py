"""The index of a fragmented MP4 (ISO/IEC 14496-12 §8.8): its init segment, tracks, and one segment for each
fragment. Pure: bytes come from a reader that is given, sizes are bounded, whatever is wrong is a Mp4Error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from videos.pipeline.bandwidth import average_bps, peak_bps
from videos.pipeline.mp4boxes import Box, Mp4Error, Reader, boxes_of_file, boxes_within, need
from videos.pipeline.mp4fragments import samples_of_fragment
from videos.pipeline.mp4tracks import Track, parse_tracks
from videos.pipeline.samples import SampleTable

_MOST_BOXES = 400_000
_MOST_INIT_BYTES = 16 << 20
_MOST_MOOF_BYTES = 16 << 20
# These may stand before the moof they belong to. A sidx box is not among them: before the first fragment it
# indexes the whole file.
_SEGMENT_PRELUDE = frozenset({b"styp", b"prft", b"emsg"})


_Piece = tuple[int, int, dict[int, SampleTable]]  # first byte, byte after the last, samples


@dataclass(frozen=True, slots=True)
class ByteSpan:
    """`bytes` bytes from `offset` on."""

    offset: int
    bytes: int

    @property
    def end(self) -> int:
        """The first byte after it."""
        return self.offset + self.bytes


@dataclass(frozen=True, slots=True)
class Segment:
    """One fragment, or one of pictures and one of sound: what a playlist names and a player fetches. Times are exact
    seconds of presentation; segments tile the film without gap or overlap."""

    offset: int
    bytes: int
    start_seconds: Fraction
    duration_seconds: Fraction
    samples: Mapping[int, SampleTable]  # by track id

    @property
    def span(self) -> ByteSpan:
        return ByteSpan(self.offset, self.bytes)

    def until(self, track: Track) -> int:
        """How many bytes of it end with the last sample of a track."""
        table = self.samples[track.id]
        return table.offsets[-1] + table.sizes[-1] - self.offset


@dataclass(frozen=True, slots=True)
class FragmentedMp4:
    """A whole file's index."""

    init: ByteSpan
    tracks: tuple[Track, ...]
    segments: tuple[Segment, ...]

    @property
    def video(self) -> Track | None:
        return next((track for track in self.tracks if track.kind == "video"), None)

    @property
    def audio(self) -> Track | None:
        return next((track for track in self.tracks if track.kind == "audio"), None)

    @property
    def codecs(self) -> str:
        """RFC 6381, for CODECS and MediaSource.isTypeSupported."""
        return ",".join(track.codec for track in self.tracks)

    @property
    def durations(self) -> list[Fraction]:
        """Of its segments, in seconds."""
        return [segment.duration_seconds for segment in self.segments]

    @property
    def duration_seconds(self) -> Fraction:
        return sum(self.durations, Fraction(0))

    def sample_count(self, track: Track) -> int:
        """All samples of one track: its number of frames."""
        return sum(len(segment.samples[track.id]) for segment in self.segments if track.id in segment.samples)

    def pictures_alone(self) -> FragmentedMp4:
        """The same file for who wants to fetch pictures only: each segment ends with its last frame. Only where sound
        has fragments of its own, after them."""
        video = self.video
        if video is None:
            raise Mp4Error("no picture", 0)
        segments = (
            replace(segment, bytes=segment.until(video), samples={video.id: segment.samples[video.id]})
            for segment in self.segments
        )
        return FragmentedMp4(self.init, (video,), tuple(segments))

    @property
    def frame_rate(self) -> Fraction | None:
        """Mean frames a second of the picture, or None without one."""
        video = self.video
        if video is None:
            return None
        ticks = sum(
            sum(segment.samples[video.id].durations) for segment in self.segments if video.id in segment.samples
        )
        return Fraction(self.sample_count(video) * video.timescale, ticks) if ticks else None

    @property
    def average_bps(self) -> int:
        """Bits a second over all segments, rounded up."""
        return average_bps([(segment.bytes, segment.duration_seconds) for segment in self.segments])

    @property
    def peak_bps(self) -> int:
        """The peak segment bit rate as RFC 8216 §4.1 defines it, rounded up."""
        return peak_bps([(segment.bytes, segment.duration_seconds) for segment in self.segments])


def index_fragmented_mp4(read: Reader, size: int) -> FragmentedMp4:
    """Indexes a fragmented MP4 of `size` bytes. Only headers are read, never media. Raises Mp4Error for a
    file that is damaged, has no fragments, or holds a fragment that cannot be decoded alone."""
    tracks: tuple[Track, ...] = ()
    init = ByteSpan(0, 0)
    pieces: list[_Piece] = []
    begins: int | None = None
    moof: Box | None = None
    for box in boxes_of_file(read, size, most=_MOST_BOXES):
        if box.kind == b"moov":
            init = ByteSpan(0, box.end)
            tracks = _tracks(read, box)
        elif box.kind in _SEGMENT_PRELUDE:
            begins = box.start if begins is None else begins
        elif box.kind == b"moof":
            begins, moof = box.start if begins is None else begins, box
        elif box.kind == b"mdat":
            piece = (begins or 0, box.end, _tables(read, moof, box, tracks))
            pieces.append(_with_pictures(pieces, piece, tracks) or piece)
            begins = moof = None
    if moof is not None or not pieces:
        raise Mp4Error("no fragments" if moof is None else "a moof box without an mdat box", init.bytes)
    return FragmentedMp4(init, tracks, tuple(_timed(pieces, tracks)))


def _with_pictures(pieces: list[_Piece], piece: _Piece, tracks: Sequence[Track]) -> _Piece | None:
    """Sound that has a fragment of its own right after its pictures belongs to their segment. Takes that one out of
    `pieces` and returns it with both."""
    begin, end, tables = piece
    is_sound = all(track.kind == "audio" for track in tracks if track.id in tables)
    if not is_sound or not pieces or pieces[-1][1] != begin:
        return None
    pictures = pieces[-1][2]
    is_picture = all(track.kind == "video" for track in tracks if track.id in pictures)
    if not is_picture:
        return None
    first, _, _ = pieces.pop()
    return first, end, {**pictures, **tables}


def parse_init(content: bytes) -> tuple[Track, ...]:
    """The tracks of an init segment (ftyp and moov)."""
    moov = need(content, 0, len(content), b"moov")
    return parse_tracks(content, moov)


def parse_segment(content: bytes, offset: int, tracks: Sequence[Track]) -> dict[int, SampleTable]:
    """The samples of one segment, whose whole bytes are `content` and lie at `offset` in the file."""
    tables: dict[int, SampleTable] = {}
    moof: Box | None = None
    for box in boxes_within(content, 0, len(content)):
        if box.kind == b"moof":
            moof = box
        elif box.kind == b"mdat" and moof is not None:
            payload = (offset + box.body, offset + box.end)
            tables |= samples_of_fragment(content[moof.start : moof.end], offset + moof.start, payload, tracks)
            moof = None
    if not tables:
        raise Mp4Error("a segment without samples", offset)
    return tables


def _tracks(read: Reader, moov: Box) -> tuple[Track, ...]:
    if moov.end > _MOST_INIT_BYTES:
        raise Mp4Error("the moov box is too large", moov.start)
    return parse_init(read(0, moov.end))


def _tables(read: Reader, moof: Box | None, mdat: Box, tracks: Sequence[Track]) -> dict[int, SampleTable]:
    if moof is None or not tracks:
        raise Mp4Error("an mdat box without moov and moof boxes before it", mdat.start)
    size = moof.end - moof.start
    if size > _MOST_MOOF_BYTES:
        raise Mp4Error("a moof box is too large", moof.start)
    content = read(moof.start, size)
    if len(content) != size:
        raise Mp4Error("cut off inside a moof box", moof.start)
    tables = samples_of_fragment(content, moof.start, (mdat.body, mdat.end), tracks)
    if not tables[_leading_track(tables, tracks).id].keyframes[0]:
        raise Mp4Error("a fragment does not begin with a keyframe", moof.start)
    return tables


def _leading_track(tables: Mapping[int, SampleTable], tracks: Sequence[Track]) -> Track:
    """The track that times a segment: the picture, else the sound."""
    present = [track for track in tracks if track.id in tables]
    return next((track for track in present if track.kind == "video"), present[0])


def _timed(pieces: Sequence[_Piece], tracks: Sequence[Track]) -> Iterator[Segment]:
    """Gives each piece its start and the time until the next one's."""
    starts = []
    for _, _, tables in pieces:
        track = _leading_track(tables, tracks)
        starts.append(Fraction(tables[track.id].start, track.timescale))
    last = pieces[-1][2]
    track = _leading_track(last, tracks)
    ends = [*starts[1:], Fraction(last[track.id].end, track.timescale)]
    for (begin, end, tables), start, stop in zip(pieces, starts, ends, strict=True):
        if stop <= start:
            raise Mp4Error("time does not advance from one fragment to the next", begin)
        yield Segment(begin, end - begin, start, stop - start, tables)
