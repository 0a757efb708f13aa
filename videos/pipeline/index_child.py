"""Indexes an MP4 so that it can be played at once; the body of the sandboxed child behind indexing.py. Only headers are
read, never media."""

from __future__ import annotations

from array import array
from fractions import Fraction
from pathlib import Path
from typing import Any  # JSON values

from videos.pipeline import bandwidth, cutter, instant, playlist
from videos.pipeline.facts import SourceFacts
from videos.pipeline.fmp4 import parse_init
from videos.pipeline.instant import CutPlan, CutSegment
from videos.pipeline.mp4boxes import Mp4Error
from videos.pipeline.mpegts import ts_bytes_at_most
from videos.pipeline.progressive import read_tracks
from videos.pipeline.reader import reader_of
from videos.pipeline.samples import SampleTable


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """`request` is {path, facts, limits, source, label, folder}. Writes `<label>.idx` and the playlists into `folder`;
    the answer is {original: {…}}, or {refused: why it cannot be played as it is}."""
    path, folder, label = Path(request["path"]), Path(request["folder"]), request["label"]
    facts, limits = SourceFacts.from_json(request["facts"]), instant.Limits(**request["limits"])
    try:
        instant.check_facts(facts, limits)
        with path.open("rb") as file:
            tracks = read_tracks(reader_of(file), path.stat().st_size)
        plan = instant.plan_cuts(tracks, facts, limits)
        index = cutter.write_index(plan, source=request["source"])
        sizes, ts_sizes = cutter.segment_bytes(plan), _ts_sizes(plan)
    except (instant.NotInstant, Mp4Error) as error:
        return {"refused": str(error)}
    (folder / f"{label}.idx").write_bytes(index)
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
    tracks = parse_init(cutter.write_init(plan))
    return [
        ts_bytes_at_most({track.id: table for track, table in zip(tracks, _tables(plan, segment), strict=True)}, tracks)
        for segment in plan.segments
    ]


def _tables(plan: CutPlan, segment: CutSegment) -> list[SampleTable]:
    return [
        SampleTable(
            offsets=array("q", table.offsets[first:last]),
            sizes=table.sizes[first:last],
            dts=table.dts[first:last],
            pts=table.pts[first:last],
            durations=table.durations[first:last],
            keyframes=table.keyframes[first:last],
        )
        for table, (first, last) in zip((track.samples for track in plan.tracks), segment.ranges, strict=True)
    ]
