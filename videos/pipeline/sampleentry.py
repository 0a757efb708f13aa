"""Sample descriptions as browsers take them: rebuilt from those of MP4 and of QuickTime, without what only QuickTime
understands. Pure."""

from __future__ import annotations

import struct

from videos.pipeline.aac import AacConfigError, parse_esds
from videos.pipeline.avc import AvcConfigError, parse_avc_config
from videos.pipeline.mp4boxes import Mp4Error, boxes_within, find, need, write_box

_VISUAL_FIELDS = 78
_SOUND_FIELDS = {0: 28, 1: 44, 2: 64}  # by the version of QuickTime's sound description
_PASSED_ON = frozenset({b"pasp", b"colr"})
_U16 = struct.Struct(">H")


def video_entry(entry: bytes) -> tuple[bytes, str]:
    """An avc1 box and its codec (RFC 6381). Raises Mp4Error."""
    avcc = need(entry, 8 + _VISUAL_FIELDS, len(entry), b"avcC")
    record = entry[avcc.body : avcc.end]
    try:
        codec = parse_avc_config(record).codec
    except AvcConfigError as error:
        raise Mp4Error(str(error), 0) from error
    kept = [write_box(b"avcC", record)]
    for box in boxes_within(entry, 8 + _VISUAL_FIELDS, _padded_end(entry, 8 + _VISUAL_FIELDS)):
        content = entry[box.body : box.end]
        if box.kind in _PASSED_ON and not (box.kind == b"colr" and content[:4] != b"nclx"):
            kept.append(write_box(box.kind, content))
    return write_box(b"avc1", entry[8 : 8 + _VISUAL_FIELDS], *kept), codec


def audio_entry(entry: bytes) -> tuple[bytes, str]:
    """An mp4a box of version 0 and its codec. Raises Mp4Error for sound that is not plain AAC."""
    if entry[4:8] != b"mp4a":
        raise Mp4Error(f"sound of kind {entry[4:8]!r}", 0)
    (version,) = _U16.unpack_from(entry, 16)
    if version not in _SOUND_FIELDS:
        raise Mp4Error(f"a sound description of version {version}", 0)
    start = 8 + _SOUND_FIELDS[version]
    end = _padded_end(entry, start)
    esds = find(entry, start, end, b"esds") or need(entry, start, end, b"wave", b"esds")
    body = entry[esds.body : esds.end]
    try:
        config = parse_esds(body)
    except AacConfigError as error:
        raise Mp4Error(str(error), 0) from error
    fields = struct.pack(">6xH8xHHHHI", 1, config.channels, 16, 0, 0, (config.sample_rate & 0xFFFF) << 16)
    return write_box(b"mp4a", fields, write_box(b"esds", body)), config.codec


def _padded_end(entry: bytes, start: int) -> int:
    """QuickTime ends a description with four zero bytes that are no box."""
    offset = start
    while offset + 8 <= len(entry):
        size = int.from_bytes(entry[offset : offset + 4], "big")
        if size < 8:
            break
        offset += size
    return min(offset, len(entry))
