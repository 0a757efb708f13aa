"""Takes the words out of a film's file; the body of the sandboxed child behind captions_in_file.py. Only the demuxer
reads: no packet is given to a decoder."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any  # JSON values

from av.error import FFmpegError
from av.packet import Packet
from av.stream import Discard, Stream
from av.subtitles.stream import SubtitleStream

from videos.pipeline import captions, captions_ass, captions_movtext, captions_srt, captions_vtt, reader
from videos.pipeline.captions_cues import Cue

_UNKNOWN_LENGTH_MS = 5000  # of a cue that does not say when it ends
_CLOCK_EVERY = 64  # packets
_Words = tuple[str, str]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """`request` is {path, folder, tracks (indices), start_seconds (of the first displayed frame on the file's clock),
    duration_seconds, seconds (to spend)}. Writes `<index>.vtt` into the folder for each track that has words; the
    answer is {tracks: [{index, cues, bytes}], stopped_at_seconds (null when the file was read to its end)}."""
    deadline = time.monotonic() + request["seconds"]
    with reader.open_source(Path(request["path"])) as container:
        wanted = {
            stream.index: _Track(stream, request["start_seconds"])
            for stream in container.streams.subtitles
            if stream.index in request["tracks"]
        }
        for stream in container.streams:
            if stream.index not in wanted:
                stream.discard = Discard.all
        stopped_at = None
        try:
            for count, packet in enumerate(container.demux()):
                if packet.stream_index in wanted and packet.size:
                    wanted[packet.stream_index].take(packet)
                if count % _CLOCK_EVERY == 0 and time.monotonic() > deadline:
                    stopped_at = _seconds_of(packet, request["start_seconds"])
                    break
        except FFmpegError:  # damaged from here on; what came before stands
            pass
    made = [track.write(Path(request["folder"]), request["duration_seconds"]) for track in wanted.values()]
    return {"tracks": [track for track in made if track is not None], "stopped_at_seconds": stopped_at}


def _seconds_of(packet: Packet[Stream], start_seconds: float) -> float:
    at = packet.pts if packet.pts is not None else packet.dts
    return max(0.0, float((at or 0) * packet.time_base) - start_seconds)


class _Track:
    """One stream's cues, as far as they may become too many."""

    def __init__(self, stream: SubtitleStream, start_seconds: float) -> None:
        self._index = stream.index
        self._start_seconds = start_seconds
        self._read = _reader_of(stream)
        self._cues: list[Cue] = []
        self._bytes = 0

    def take(self, packet: Packet[Stream]) -> None:
        self._bytes += packet.size
        if packet.pts is None or self._bytes > captions.MOST_BYTES or len(self._cues) > captions.MOST_CUES:
            return
        text, settings = self._read(packet)
        if not text:
            return
        start = round((float(packet.pts * packet.time_base) - self._start_seconds) * 1000)
        length = round(float((packet.duration or 0) * packet.time_base) * 1000)
        self._cues.append(Cue(start, start + length, text, settings))

    def write(self, folder: Path, duration_seconds: float) -> dict[str, int] | None:
        """What was written; None for a track with nothing in it, or with more than captions may have."""
        if self._bytes > captions.MOST_BYTES:
            return None
        try:
            made = captions.written(closed(self._cues), duration_seconds=duration_seconds)
        except captions.CaptionsRefused:
            return None
        (folder / f"{self._index}.vtt").write_bytes(made.content)
        return {"index": self._index, "cues": made.cues, "bytes": len(made.content)}


def closed(cues: list[Cue]) -> list[Cue]:
    """Cues that do not say when they end do so when the next one begins, after a few seconds at the latest."""
    ended: list[Cue] = []
    following = None
    for cue in sorted(cues, key=lambda cue: cue.start_ms, reverse=True):
        if cue.end_ms > cue.start_ms:
            ended.append(cue)
        else:
            longest = cue.start_ms + _UNKNOWN_LENGTH_MS
            ended.append(replace(cue, end_ms=longest if following is None else min(longest, following)))
        following = cue.start_ms
    return ended[::-1]


def _reader_of(stream: SubtitleStream) -> Callable[[Packet[Stream]], _Words]:
    codec = reader.codec_of(stream)
    if codec in {"ass", "ssa"}:
        header = bytes(stream.codec_context.extradata or b"").decode("utf-8", "replace")
        italics = captions_ass.italic_styles(header)
        return lambda packet: captions_ass.packet(_text(packet), italics)
    if codec == "webvtt":
        return lambda packet: (captions_vtt.marked(_text(packet)), captions_vtt.valid_settings(_settings(packet)))
    if codec == "mov_text":
        return lambda packet: (captions_movtext.marked(bytes(packet)), "")
    return lambda packet: captions_srt.marked(_text(packet))


def _text(packet: Packet[Stream]) -> str:
    return bytes(packet).decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").rstrip("\0")


def _settings(packet: Packet[Stream]) -> str:
    if not packet.has_sidedata("webvtt_settings"):
        return ""
    return bytes(packet.get_sidedata("webvtt_settings")).decode("utf-8", "replace")
