"""A finished film file: what stands before its first segment, an index, and segments whose coded bytes are copied from
other files."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

from videos.pipeline.errors import VerificationFailed
from videos.pipeline.fmp4 import FragmentedMp4, index_fragmented_mp4
from videos.pipeline.mp4boxes import Mp4Error
from videos.pipeline.mp4writer import (
    MDAT_BYTES,
    Run,
    TrackHeader,
    write_index,
    write_init,
    write_mdat_header,
    write_moof,
)

_COPY_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """One segment of a finished file: exact seconds, where it lies, and how many frames (packets of sound) it has."""

    duration_seconds: Fraction
    offset: int
    bytes: int
    samples: int


@dataclass(frozen=True, slots=True)
class FinishedFile:
    """A file that players understand: what stands before its first segment, and its segments."""

    path: Path
    codecs: str  # RFC 6381
    init_bytes: int
    pieces: tuple[Piece, ...]

    @property
    def bytes(self) -> int:
        return self.pieces[-1].offset + self.pieces[-1].bytes

    @property
    def samples(self) -> int:
        return sum(piece.samples for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Fragment:
    """Samples that are to be one run of a fragment, and the ranges of the file in which they lie: [begin, end)."""

    run: Run
    file: BinaryIO
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """What becomes one segment: its fragments' runs, each list of which gets a moof and an mdat of its own."""

    ticks: int  # of the leading track
    fragments: tuple[tuple[Fragment, ...], ...]


@contextmanager
def reading(path: Path) -> Iterator[tuple[BinaryIO, FragmentedMp4]]:
    """An open file and its index; whatever is wrong with it is a VerificationFailed."""
    try:
        with path.open("rb") as file:
            yield file, _index(file)
    except (Mp4Error, struct.error) as error:
        raise VerificationFailed(f"{path.name}: {error}") from error


def _index(file: BinaryIO) -> FragmentedMp4:
    """The index of a fragmented MP4. Raises Mp4Error."""

    def read(offset: int, length: int) -> bytes:
        file.seek(offset)
        return file.read(length)

    return index_fragmented_mp4(read, file.seek(0, SEEK_END))


def index_file(path: Path) -> FragmentedMp4:
    """The index of a finished file. Raises Mp4Error."""
    with path.open("rb") as file:
        return _index(file)


def write_film(
    out: Path, headers: Sequence[TrackHeader], segments: Sequence[SegmentPlan], duration_seconds: Fraction
) -> FinishedFile:
    """The file at `out`: init segment, index, segments."""
    plans = [_heads(number, segment) for number, segment in enumerate(segments)]
    sizes = [sum(len(head) + payload for head, _, payload in plan) for plan in plans]
    init = write_init(headers, duration_seconds)
    index = write_index(headers[0], zip(sizes, (segment.ticks for segment in segments), strict=True))
    pieces, offset = [], len(init) + len(index)
    for size, segment in zip(sizes, segments, strict=True):
        samples = len(segment.fragments[0][0].run.sizes)
        pieces.append(Piece(Fraction(segment.ticks, headers[0].timescale), offset, size, samples))
        offset += size
    with out.open("wb") as file:
        file.write(init + index)
        for plan in plans:
            for head, fragments, _ in plan:
                file.write(head)
                for fragment in fragments:
                    _copy(fragment, file)
    codecs = ",".join(header.codec for header in headers)
    return FinishedFile(out, codecs, len(init), tuple(pieces))


def _heads(number: int, segment: SegmentPlan) -> list[tuple[bytes, tuple[Fragment, ...], int]]:
    """For each fragment of a segment: moof and the head of mdat, what is copied after it, and how many bytes that is.
    Numbers of fragments only have to grow."""
    heads = []
    for place, fragments in enumerate(segment.fragments):
        runs = [fragment.run for fragment in fragments]
        payload = sum(run.bytes for run in runs)
        if payload >= (1 << 32) - MDAT_BYTES:
            raise Mp4Error("a segment of four gigabytes", number)
        sequence = 1 + number * len(segment.fragments) + place
        heads.append((write_moof(sequence, runs, is_compact=True) + write_mdat_header(payload), fragments, payload))
    return heads


def _copy(fragment: Fragment, out: BinaryIO) -> None:
    for begin, end in fragment.ranges:
        fragment.file.seek(begin)
        for place in range(begin, end, _COPY_BYTES):
            wanted = min(_COPY_BYTES, end - place)
            chunk = fragment.file.read(wanted)
            if len(chunk) != wanted:
                raise Mp4Error("a file has become shorter", place)
            out.write(chunk)
