"""HLS playlists (RFC 8216): written exactly, and our own media playlists read back. Pure text, relative
addresses. Tracks of sound beside the rungs are soundgroup.py's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from videos.pipeline.bandwidth import average_bps, peak_bps, target_duration
from videos.pipeline.fmp4 import ByteSpan, FragmentedMp4
from videos.pipeline.mpegts import ts_bytes_at_most
from videos.pipeline.soundgroup import GROUP, SoundTrack, media_lines

_BYTE_RANGE_VERSION = 7  # EXT-X-MAP for fragmented MP4
_TS_VERSION = 6
_MICROSECONDS = 1_000_000
_URI = re.compile(r"[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*")
_EXTINF = re.compile(r"#EXTINF:(\d{1,9})\.(\d{6}),")
_BYTERANGE = re.compile(r"#EXT-X-BYTERANGE:(\d{1,18})@(\d{1,18})")
_MAP = re.compile(r'#EXT-X-MAP:URI="([^"]+)",BYTERANGE="(\d{1,18})@(\d{1,18})"')


class PlaylistError(ValueError):
    """A playlist that cannot be written as asked, or a text that is not one of ours."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One segment of a media playlist: exact seconds, and its bytes in the file at `uri`."""

    duration_seconds: Fraction
    span: ByteSpan
    uri: str


@dataclass(frozen=True, slots=True)
class MediaPlaylist:
    """A playlist of byte ranges, over one file or several; `uri` is the one that holds its init segment. Durations
    read from text are exact to a microsecond."""

    uri: str
    init: ByteSpan
    entries: tuple[Entry, ...]
    is_whole: bool  # nothing will follow


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a rendition that grows file by file: how long its init segment is, and its segments, each in exact
    seconds, first byte, bytes."""

    uri: str
    init_bytes: int
    segments: Sequence[tuple[Fraction, int, int]]


@dataclass(frozen=True, slots=True)
class Variant:
    """One line of a master playlist. Bit rates are measured, in bits a second; a picture has all three of
    width, height and frame rate, sound alone has none."""

    uri: str
    peak_bps: int
    average_bps: int
    codecs: str
    width_px: int | None = None
    height_px: int | None = None
    frame_rate: Fraction | None = None


def write_media_playlist(uri: str, indexed: FragmentedMp4, *, init: tuple[str, int] | None = None) -> str:
    """The playlist of one fragmented MP4 at `uri`, a byte range a segment. `init` is a file of its own with what stands
    before the first, and its bytes: for pictures alone, out of a file that holds sound too."""
    init_uri, init_bytes = init or (uri, indexed.init.bytes)
    _check(uri)
    _check(init_uri)
    spans = (f"#EXT-X-BYTERANGE:{segment.bytes}@{segment.offset}\n{uri}" for segment in indexed.segments)
    lines = [f'#EXT-X-MAP:URI="{init_uri}",BYTERANGE="{init_bytes}@0"']
    return _media(_BYTE_RANGE_VERSION, lines, [segment.duration_seconds for segment in indexed.segments], spans)


def write_growing_playlist(parts: Sequence[Part], *, is_whole: bool) -> str:
    """The playlist of a rendition that lies in several files with one and the same init segment, which is taken from
    the first. Until it `is_whole` players come back for more (RFC 8216 §4.3.3.5) and yet begin at the film's begin.
    Lines are only added from one state to the next."""
    for part in parts:
        _check(part.uri)
    segments = [(part.uri, *segment) for part in parts for segment in part.segments]
    uris = (f"#EXT-X-BYTERANGE:{size}@{offset}\n{uri}" for uri, _, offset, size in segments)
    lines = ["#EXT-X-START:TIME-OFFSET=0,PRECISE=YES"]
    if parts:
        lines.append(f'#EXT-X-MAP:URI="{parts[0].uri}",BYTERANGE="{parts[0].init_bytes}@0"')
    durations = [duration for _, duration, _, _ in segments]
    return _media(_BYTE_RANGE_VERSION, lines, durations, uris, kind="EVENT", is_whole=is_whole)


def write_cut_playlist(label: str, durations: Sequence[Fraction]) -> str:
    """The playlist of a film that is cut when asked for: `<label>/init.mp4`, `<label>/0.m4s`, `<label>/1.m4s`, …"""
    _check(label)
    uris = (f"{label}/{index}.m4s" for index in range(len(durations)))
    return _media(_BYTE_RANGE_VERSION, [f'#EXT-X-MAP:URI="{label}/init.mp4"'], durations, uris)


def write_ts_playlist(label: str, durations: Sequence[Fraction]) -> str:
    """The playlist of the same segments as transport streams: `<label>/0.ts`, `<label>/1.ts`, …"""
    _check(label)
    return _media(_TS_VERSION, [], durations, (f"{label}/{index}.ts" for index in range(len(durations))))


def write_master_playlist(variants: Sequence[Variant], sounds: Sequence[SoundTrack] = ()) -> str:
    """A master playlist, in the order given: players that do not measure begin with the first. With `sounds` the
    variants are pictures alone, and each is heard with one of them."""
    if not variants:
        raise PlaylistError("a master playlist without variants")
    if sounds and [sound.is_default for sound in sounds].count(True) != 1:
        raise PlaylistError("not one default among the sounds")
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{_TS_VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for uri in [named.uri for named in sounds] + [named.uri for named in variants]:
        _check(uri)
    lines += media_lines(sounds)
    for variant in variants:
        lines += [f"#EXT-X-STREAM-INF:{_attributes(variant, sounds)}", variant.uri]
    return "\n".join(lines) + "\n"


def variant_of(uri: str, indexed: FragmentedMp4) -> Variant:
    """The master playlist's line for the byte-range playlist at `uri`."""
    return _variant(uri, indexed, [(segment.bytes, segment.duration_seconds) for segment in indexed.segments])


def ts_variant_of(uri: str, indexed: FragmentedMp4) -> Variant:
    """The master playlist's line for the transport stream playlist at `uri`; larger by the packets'
    headers."""
    sizes = (ts_bytes_at_most(segment.samples, indexed.tracks) for segment in indexed.segments)
    return _variant(
        uri,
        indexed,
        [(size, segment.duration_seconds) for size, segment in zip(sizes, indexed.segments, strict=True)],
    )


def parse_media_playlist(text: str) -> MediaPlaylist:
    """Reads what write_media_playlist() or write_growing_playlist() wrote. Raises PlaylistError for anything else."""
    found = _MAP.search(text)
    is_growing = "\n#EXT-X-PLAYLIST-TYPE:EVENT\n" in text
    is_whole = text.endswith("\n#EXT-X-ENDLIST\n")
    if not text.startswith("#EXTM3U\n") or found is None or not (is_whole or (is_growing and text.endswith("\n"))):
        raise PlaylistError("not a playlist of ours")
    uri, init_bytes, init_offset = found.groups()
    entries: list[Entry] = []
    lines = iter(text[found.end() :].strip("\n").removesuffix("\n#EXT-X-ENDLIST").split("\n"))
    for line in lines:
        duration, span, named = _EXTINF.fullmatch(line), _BYTERANGE.fullmatch(next(lines, "")), next(lines, "")
        is_ours = _URI.fullmatch(named) and (is_growing or not entries or named == entries[0].uri)
        if duration is None or span is None or not is_ours:
            raise PlaylistError("a segment that we did not write")
        seconds = Fraction(int(duration[1] + duration[2]), _MICROSECONDS)
        entries.append(Entry(seconds, ByteSpan(int(span[2]), int(span[1])), named))
    return MediaPlaylist(uri, ByteSpan(int(init_offset), int(init_bytes)), tuple(entries), is_whole)


def _media(
    version: int,
    head: Sequence[str],
    durations: Sequence[Fraction],
    uris: Iterator[str],
    *,
    kind: str = "VOD",
    is_whole: bool = True,
) -> str:
    if not durations:
        raise PlaylistError("a playlist without segments")
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{version}",
        f"#EXT-X-TARGETDURATION:{target_duration(durations)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{kind}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        *head,
    ]
    for duration, uri in zip(_microseconds(durations), uris, strict=True):
        lines += [f"#EXTINF:{duration // _MICROSECONDS}.{duration % _MICROSECONDS:06},", uri]
    return "\n".join([*lines, *(["#EXT-X-ENDLIST"] if is_whole else []), ""])


def _microseconds(durations: Sequence[Fraction]) -> Iterator[int]:
    """Whole microseconds whose sums never leave the exact sums by more than one: borders are rounded, not
    lengths."""
    exact, border = Fraction(0), 0
    for duration in durations:
        exact += duration * _MICROSECONDS
        yield round(exact) - border
        border = round(exact)


def _variant(uri: str, indexed: FragmentedMp4, weighed: Sequence[tuple[int, Fraction]]) -> Variant:
    video = indexed.video
    return Variant(
        uri=uri,
        peak_bps=peak_bps(weighed),
        average_bps=average_bps(weighed),
        codecs=indexed.codecs,
        width_px=video.width if video else None,
        height_px=video.height if video else None,
        frame_rate=indexed.frame_rate,
    )


def _attributes(variant: Variant, sounds: Sequence[SoundTrack]) -> str:
    """Bit rates are those of the picture with the sound that takes most."""
    codecs = ",".join(dict.fromkeys([variant.codecs, *(sound.codecs for sound in sounds)]))
    if '"' in codecs or "\n" in codecs:
        raise PlaylistError("codecs that cannot be quoted")
    peak = variant.peak_bps + max((sound.peak_bps for sound in sounds), default=0)
    average = variant.average_bps + max((sound.average_bps for sound in sounds), default=0)
    attributes = [f"BANDWIDTH={peak}", f"AVERAGE-BANDWIDTH={average}"]
    if variant.width_px and variant.height_px:
        attributes.append(f"RESOLUTION={variant.width_px}x{variant.height_px}")
    if variant.frame_rate:
        attributes.append(f"FRAME-RATE={float(variant.frame_rate):.3f}")
    attributes.append(f'CODECS="{codecs}"')
    return ",".join([*attributes, *([f'AUDIO="{GROUP}"'] if sounds else [])])


def _check(uri: str) -> None:
    """Our names need no escaping; anything else is a mistake further up."""
    if not _URI.fullmatch(uri) or ".." in uri:
        raise PlaylistError(f"not a relative name of ours: {uri!r}")
