"""The tracks that a moov box describes (ISO/IEC 14496-12 §8.3 to §8.6, §8.8.3): timescale, decoder
configuration, edit list, defaults of the fragments. Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal

from videos.pipeline.aac import AacConfig, AacConfigError, parse_esds
from videos.pipeline.avc import AvcConfig, AvcConfigError, parse_avc_config
from videos.pipeline.mp4boxes import Box, Mp4Error, boxes_within, find, need, unpack

_MOST_TRACKS = 8
_U32 = struct.Struct(">I")
_U64 = struct.Struct(">Q")
_TREX = struct.Struct(">5I")
_SIZE_OF_PICTURE = struct.Struct(">HH")
_EDIT_0 = struct.Struct(">Ii")
_EDIT_1 = struct.Struct(">Qq")
_VISUAL_ENTRY_BYTES = 78  # before the boxes inside a VisualSampleEntry
_AUDIO_ENTRY_BYTES = 28  # before the boxes inside an AudioSampleEntry of version 0
_KINDS: dict[bytes, Literal["video", "audio"]] = {b"vide": "video", b"soun": "audio"}


@dataclass(frozen=True, slots=True)
class Track:
    """A video or sound track. `shift_ticks` is what the edit list takes off every time, so that presentation
    begins at 0; the defaults are what fragments leave unsaid."""

    id: int
    kind: Literal["video", "audio"]
    timescale: int
    decoder: AvcConfig | AacConfig
    width: int
    height: int
    shift_ticks: int
    default_duration: int
    default_size: int
    default_flags: int
    entry: bytes  # the sample description, as it lies in the file

    @property
    def codec(self) -> str:
        """RFC 6381."""
        return self.decoder.codec


def parse_tracks(content: bytes, moov: Box) -> tuple[Track, ...]:
    """All tracks of `moov`, which lies whole in `content`; pictures first."""
    defaults = _fragment_defaults(content, moov)
    (movie_timescale,) = _timescale(content, need(content, moov.body, moov.end, b"mvhd"))
    tracks = [
        _track(content, trak, defaults, movie_timescale)
        for trak in boxes_within(content, moov.body, moov.end)
        if trak.kind == b"trak"
    ]
    if not 1 <= len(tracks) <= _MOST_TRACKS:
        raise Mp4Error(f"{len(tracks)} tracks", moov.start)
    if len({track.id for track in tracks}) != len(tracks):
        raise Mp4Error("two tracks with one id", moov.start)
    return tuple(sorted(tracks, key=lambda track: (track.kind != "video", track.id)))


def _fragment_defaults(content: bytes, moov: Box) -> dict[int, tuple[int, int, int]]:
    mvex = need(content, moov.body, moov.end, b"mvex")
    defaults = {}
    for trex in boxes_within(content, mvex.body, mvex.end):
        if trex.kind == b"trex":
            track, _, duration, size, flags = unpack(_TREX, content, trex.body + 4, trex.end)
            defaults[track] = duration, size, flags
    return defaults


def _timescale(content: bytes, box: Box) -> tuple[int]:
    """Of an mvhd or mdhd box; both begin alike."""
    is_long = content[box.body : box.body + 1] == b"\x01"
    (timescale,) = unpack(_U32, content, box.body + (20 if is_long else 12), box.end)
    if not timescale:
        raise Mp4Error("a timescale of 0", box.start)
    return (timescale,)


def _track(content: bytes, trak: Box, defaults: dict[int, tuple[int, int, int]], movie_timescale: int) -> Track:
    tkhd = need(content, trak.body, trak.end, b"tkhd")
    is_long = content[tkhd.body : tkhd.body + 1] == b"\x01"
    (track_id,) = unpack(_U32, content, tkhd.body + (20 if is_long else 12), tkhd.end)
    mdia = need(content, trak.body, trak.end, b"mdia")
    hdlr = need(content, mdia.body, mdia.end, b"hdlr")
    kind = _KINDS.get(content[hdlr.body + 8 : hdlr.body + 12])
    if kind is None:
        raise Mp4Error("a track that is neither picture nor sound", trak.start)
    if track_id not in defaults:
        raise Mp4Error(f"no trex box for track {track_id}", trak.start)
    (timescale,) = _timescale(content, need(content, mdia.body, mdia.end, b"mdhd"))
    stsd = need(content, mdia.body, mdia.end, b"minf", b"stbl", b"stsd")
    entries = list(boxes_within(content, stsd.body + 8, stsd.end))
    if len(entries) != 1:
        raise Mp4Error(f"{len(entries)} sample descriptions in one track", stsd.start)
    decoder, width, height = _decoder(content, entries[0], kind)
    shift = _shift(content, find(content, trak.body, trak.end, b"edts", b"elst"), timescale, movie_timescale)
    entry = content[entries[0].start : entries[0].end]
    return Track(track_id, kind, timescale, decoder, width, height, shift, *defaults[track_id], entry)


def _decoder(content: bytes, entry: Box, kind: str) -> tuple[AvcConfig | AacConfig, int, int]:
    """Decoder configuration, width and height (0 for sound) of a sample entry."""
    try:
        if kind == "video" and entry.kind in {b"avc1", b"avc3"}:
            width, height = unpack(_SIZE_OF_PICTURE, content, entry.body + 24, entry.end)
            avcc = need(content, entry.body + _VISUAL_ENTRY_BYTES, entry.end, b"avcC")
            return parse_avc_config(content[avcc.body : avcc.end]), width, height
        if kind == "audio" and entry.kind == b"mp4a":
            esds = need(content, entry.body + _AUDIO_ENTRY_BYTES, entry.end, b"esds")
            return parse_esds(content[esds.body : esds.end]), 0, 0
    except (AvcConfigError, AacConfigError) as error:
        raise Mp4Error(str(error), entry.start) from error
    raise Mp4Error(f"sample entry {entry.kind!r} is not one we make", entry.start)


def _shift(content: bytes, elst: Box | None, timescale: int, movie_timescale: int) -> int:
    """Ticks to take off every time: the first edit's media time, less an empty edit before it."""
    if elst is None:
        return 0
    is_long = content[elst.body : elst.body + 1] == b"\x01"
    layout = _EDIT_1 if is_long else _EDIT_0
    (count,) = unpack(_U32, content, elst.body + 4, elst.end)
    delay = 0
    for index in range(min(count, 2)):
        duration, media_time = unpack(layout, content, elst.body + 8 + index * (layout.size + 4), elst.end)
        if media_time >= 0:
            return media_time - delay
        delay += duration * timescale // movie_timescale
    return -delay
