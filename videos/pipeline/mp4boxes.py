"""ISO base media boxes (ISO/IEC 14496-12 §4.2): walking them with every size checked. Knows nothing of their
meaning."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Reader = Callable[[int, int], bytes]  # (offset, length) -> the bytes there; fewer only at the end of the file

_HEADER = struct.Struct(">I4s")
_LARGE_SIZE = struct.Struct(">Q")
_LARGE_HEADER_BYTES = 16


class Mp4Error(ValueError):
    """The bytes are not the MP4 they claim to be. `offset` is where it was noticed."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"{reason} (at byte {offset})")
        self.reason = reason
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Box:
    """A box: `start` is its first byte, `body` the first after its header, `end` the first after the box."""

    kind: bytes
    start: int
    body: int
    end: int


def _box(header: bytes, start: int, limit: int) -> Box:
    """Reads one header that begins at `start`; the box has to end at or before `limit`."""
    if len(header) < _HEADER.size:
        raise Mp4Error("cut off inside a box header", start)
    size, kind = _HEADER.unpack_from(header)
    body = start + _HEADER.size
    if size == 1:
        if len(header) < _LARGE_HEADER_BYTES:
            raise Mp4Error("cut off inside a box header", start)
        (size,) = _LARGE_SIZE.unpack_from(header, _HEADER.size)
        body = start + _LARGE_HEADER_BYTES
    elif size == 0:  # "until the end of the file"
        size = limit - start
    if start + size < body:
        raise Mp4Error(f"box {kind!r} is smaller than its own header", start)
    if start + size > limit:
        raise Mp4Error(f"box {kind!r} reaches beyond what holds it", start)
    return Box(kind, start, body, start + size)


def boxes_of_file(read: Reader, size: int, *, most: int) -> Iterator[Box]:
    """The top-level boxes of a file of `size` bytes; more than `most` is an error, not a long loop."""
    offset = 0
    for _ in range(most):
        if offset == size:
            return
        box = _box(read(offset, min(_LARGE_HEADER_BYTES, size - offset)), offset, size)
        yield box
        offset = box.end
    if offset != size:
        raise Mp4Error(f"more than {most} boxes", offset)


def boxes_within(content: bytes, start: int, end: int, *, most: int = 1024) -> Iterator[Box]:
    """The boxes that fill `content[start:end]`."""
    offset = start
    for _ in range(most):
        if offset == end:
            return
        box = _box(content[offset : min(offset + _LARGE_HEADER_BYTES, end)], offset, end)
        yield box
        offset = box.end
    if offset != end:
        raise Mp4Error(f"more than {most} boxes", offset)


def write_box(kind: bytes, *parts: bytes) -> bytes:
    """A box of that kind around its parts."""
    return _HEADER.pack(_HEADER.size + sum(map(len, parts)), kind) + b"".join(parts)


def find(content: bytes, start: int, end: int, *path: bytes) -> Box | None:
    """The first box at `path` below `content[start:end]`, or None."""
    found: Box | None = None
    for kind in path:
        found = next((box for box in boxes_within(content, start, end) if box.kind == kind), None)
        if found is None:
            return None
        start, end = found.body, found.end
    return found


def need(content: bytes, start: int, end: int, *path: bytes) -> Box:
    """As `find`, but its absence is an error."""
    found = find(content, start, end, *path)
    if found is None:
        raise Mp4Error(f"no box {b'/'.join(path).decode('latin-1')}", start)
    return found


def unpack(layout: struct.Struct, content: bytes, offset: int, end: int) -> tuple[int, ...]:
    """`layout` read at `offset`, all of it before `end`."""
    if offset + layout.size > end:
        raise Mp4Error("a box is shorter than its fields", offset)
    return layout.unpack_from(content, offset)
