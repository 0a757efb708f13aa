"""Indexes an MP4 so that it can be played at once; part of the sandboxed child behind inspect.py. Only headers are
read, never media."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any  # JSON values

from videos.pipeline import bandwidth, cutter, instant, playlist
from videos.pipeline.aac import ADTS_HEADER_BYTES
from videos.pipeline.facts import SourceFacts
from videos.pipeline.instant import CutPlan, CutSegment
from videos.pipeline.mp4boxes import Mp4Error
from videos.pipeline.playable import NotInstant, OnlyContainer, PlayLimits, check_facts, is_sound_plain
from videos.pipeline.progressive import FragmentedFile, read_tracks
from videos.pipeline.reader import reader_of
from videos.pipeline.tspackets import PACKET_BYTES

_PAYLOAD_BYTES = PACKET_BYTES - 4
_FRAME_BYTES = 40  # PES header, clock, delimiter and start codes of one PES packet
_SOUND_PES_BYTES = 2900
_PADDING_PACKETS, _TABLE_PACKETS = 16, 2


def index(
    path: Path, facts: SourceFacts, folder: Path, *, limits: PlayLimits, source: str, label: str
) -> dict[str, Any]:
    """Writes `<label>.idx` and the playlists into `folder`; `source` is what the index says of where the samples lie.
    The answer is {original: {…}}, or {refused: why it cannot be played as it is}."""
    size = path.stat().st_size
    try:
        check_facts(facts, limits)
        with path.open("rb") as file:
            tracks = read_tracks(reader_of(file), size)
        plan = instant.plan_cuts(tracks, facts, limits)
        written = cutter.write_index(plan, source=source)
        sizes, ts_sizes = cutter.segment_bytes(plan), _ts_sizes(plan)
    except FragmentedFile as error:
        return {"refused": str(error), "is_only_container": is_sound_plain(facts)}
    except (NotInstant, Mp4Error) as error:
        return {"refused": str(error), "is_only_container": isinstance(error, OnlyContainer)}
    (folder / f"{label}.idx").write_bytes(written)
    lengths = [segment.duration_seconds for segment in plan.segments]
    (folder / f"{label}.m3u8").write_text(playlist.write_cut_playlist(label, lengths))
    (folder / f"{label}.ts.m3u8").write_text(playlist.write_ts_playlist(label, lengths))
    for master, media, weights in (("master", f"{label}.m3u8", sizes), ("ts", f"{label}.ts.m3u8", ts_sizes)):
        variant = _variant(plan, facts, media, list(zip(weights, lengths, strict=True)))
        (folder / f"{master}.m3u8").write_text(playlist.write_master_playlist([variant]))
    weighed = list(zip(sizes, lengths, strict=True))
    return {
        "original": {
            "codecs": _codecs(plan),
            "frames": len(plan.tracks[0].samples),
            "frame_rate": float(_frame_rate(plan)),
            "average_bps": bandwidth.average_bps(weighed),
            "peak_bps": bandwidth.peak_bps(weighed),
            "duration_seconds": float(plan.duration_seconds),
            "bytes": size,
        }
    }


def _variant(plan: CutPlan, facts: SourceFacts, media: str, weighed: list[tuple[int, Fraction]]) -> playlist.Variant:
    assert facts.video is not None, "plan_cuts() refuses sound alone"
    return playlist.Variant(
        uri=media,
        peak_bps=bandwidth.peak_bps(weighed),
        average_bps=bandwidth.average_bps(weighed),
        codecs=_codecs(plan),
        width_px=facts.video.display_width,
        height_px=facts.video.display_height,
        frame_rate=_frame_rate(plan),
    )


def _codecs(plan: CutPlan) -> str:
    return ",".join(track.codec for track in plan.tracks)


def _frame_rate(plan: CutPlan) -> Fraction:
    return len(plan.tracks[0].samples) / plan.duration_seconds


def _ts_sizes(plan: CutPlan) -> list[int]:
    """How long the segments can get as transport streams, from sums alone: every sample asked one by one would cost
    more than the rest of the index."""
    return [_ts_bytes_at_most(plan, segment) for segment in plan.segments]


def _ts_bytes_at_most(plan: CutPlan, segment: CutSegment) -> int:
    packets = _TABLE_PACKETS
    for track, (first, last), size in zip(plan.tracks, segment.ranges, segment.track_bytes, strict=True):
        count = last - first
        if track.kind == "video":
            # Parameter sets stand before keyframes; the description that holds them is larger than they are.
            size += count * _FRAME_BYTES + sum(track.samples.keyframes[first:last]) * len(track.entry)
        else:
            size += count * ADTS_HEADER_BYTES
            count = min(count, 2 * size // _SOUND_PES_BYTES + 1)
            size += count * _FRAME_BYTES
        packets += -(-size // _PAYLOAD_BYTES) + count + _PADDING_PACKETS
    return packets * PACKET_BYTES
