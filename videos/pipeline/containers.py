"""What the first bytes of a file say without opening it: which family it belongs to, and how many bytes its
outermost structure promises that are not there. Pure: bytes come from a reader that is given."""

from __future__ import annotations

import struct
from collections.abc import Callable

Reader = Callable[[int, int], bytes]  # (offset, length) -> the bytes there; fewer only at the end of the file

_MOST_BOXES = 100_000
_MP4_FIRST_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"pnot"})
_MP4_BOXES = _MP4_FIRST_BOXES | {
    b"moof",
    b"mfra",
    b"sidx",
    b"ssix",
    b"meta",
    b"uuid",
    b"udta",
    b"pdin",
    b"emsg",
    b"prft",
}
# Text and pictures that libav knows as "media", and that name or embed other files or are no film.
_REFUSED_STARTS = (
    b"#EXTM3U", b"ffconcat", b"v=0\r\n", b"v=0\n", b"[playlist]", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM",
    b"II*\x00", b"MM\x00*",
)  # fmt: skip
_REFUSED_ROOTS = (b"<MPD", b"<svg", b"<SmoothStreamingMedia", b"<smil")
_UNKNOWN_SIZE_32 = 0xFFFF_FF00  # what writers leave when they cannot seek back
_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT = b"\x18\x53\x80\x67"


def is_refused(head: bytes) -> bool:
    """A playlist, a manifest or a picture."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return text.startswith(_REFUSED_STARTS) or (text[:1] == b"<" and any(root in head for root in _REFUSED_ROOTS))


def is_mp4(head: bytes) -> bool:
    """Begins with a box of the ISO family."""
    return head[4:8] in _MP4_FIRST_BOXES


def missing_bytes(read: Reader, size: int) -> int:
    """How many bytes the structure promises beyond the file's end; 0 where it promises nothing."""
    head = read(0, 64)
    if is_mp4(head):
        return _missing_of_boxes(read, size)
    if head[:4] == b"RIFF":
        (promised,) = struct.unpack_from("<I", head, 4)
        return max(0, promised + 8 - size) if promised < _UNKNOWN_SIZE_32 else 0
    if head[:4] == _EBML:
        return _missing_of_segment(head, size)
    return 0


def has_moov(read: Reader, size: int) -> bool:
    """An MP4 whose index is there."""
    return any(kind == b"moov" and end <= size for kind, end in _top_level(read, size))


def _missing_of_boxes(read: Reader, size: int) -> int:
    return max([0, *(end - size for _, end in _top_level(read, size))])


def _top_level(read: Reader, size: int) -> list[tuple[bytes, int]]:
    """Kind and end of each outer box; the last one may end beyond the file."""
    found: list[tuple[bytes, int]] = []
    offset = 0
    while offset + 8 <= size and len(found) < _MOST_BOXES:
        header = read(offset, 16)
        length, kind = struct.unpack_from(">I4s", header)
        if length == 1 and len(header) == 16:
            (length,) = struct.unpack_from(">Q", header, 8)
        if length < 8 or kind not in _MP4_BOXES:  # 0: until the end; anything else is rubbish after the film
            break
        offset += length
        found.append((kind, offset))
    return found


def _missing_of_segment(head: bytes, size: int) -> int:
    """Matroska: the EBML header, then a Segment whose size may be unknown (all ones)."""
    length, offset, _ = _vint(head, 4)
    offset += length
    if head[offset : offset + 4] != _SEGMENT:
        return 0
    length, offset, is_unknown = _vint(head, offset + 4)
    return 0 if is_unknown else max(0, offset + length - size)


def _vint(content: bytes, offset: int) -> tuple[int, int, bool]:
    """An EBML size: value, the offset after it, whether it says "unknown"."""
    if offset >= len(content) or not content[offset]:
        return 0, offset, True
    width = 9 - content[offset].bit_length()
    value = int.from_bytes(content[offset : offset + width], "big") & ((1 << 7 * width) - 1)
    return value, offset + width, value == (1 << 7 * width) - 1
