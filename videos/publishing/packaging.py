"""From finished rungs to a version folder that players understand: playlists with real durations, and what each rung
is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self  # a step's result is a JSON object

from videos import storage
from videos.models import ContentMain, Rendition, RenditionKind
from videos.pipeline import fmp4, indexing, playlist
from videos.pipeline.errors import VerificationFailed
from videos.pipeline.facts import SourceFacts
from videos.pipeline.indexing import Original

MASTER = "master.m3u8"
TS_MASTER = "ts.m3u8"
STARTING_SHORT_SIDE = 720  # players that do not measure begin with the first line of a master playlist


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung as the publish step will write it into a row. Sizes in pixels, bit rates in bits a second."""

    label: str
    short_side: int
    width: int
    height: int
    frame_rate: float
    frames: int
    codecs: str
    average_bps: int
    peak_bps: int
    duration_seconds: float
    bytes: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        return cls(**values)

    def rendition(self, content: ContentMain, version: int) -> Rendition:
        """The row, not saved. Our rungs begin at 0: the first displayed frame has presentation time 0 in each of
        them."""
        return Rendition(
            content=content,
            version=version,
            kind=RenditionKind.RUNG if self.short_side else RenditionKind.AUDIO,
            label=self.label,
            height=self.short_side,
            width_px=self.width,
            height_px=self.height,
            frame_rate=self.frame_rate,
            frames=self.frames,
            codecs=self.codecs,
            average_bps=self.average_bps,
            peak_bps=self.peak_bps,
            duration_seconds=self.duration_seconds,
            offset_seconds=0.0,
            bytes=self.bytes,
        )


def package(folder: Path, files: Sequence[Path]) -> list[Rung]:
    """Writes the playlists of the fragmented MP4s in `folder` beside them. Raises Mp4Error for a file that is not one.

    Each rung `720p.mp4` gets `720p.m3u8` and `720p.ts.m3u8`; `master.m3u8` and `ts.m3u8` name them all."""
    indexed = {file.stem: _indexed(file) for file in files}
    for label, index in indexed.items():
        (folder / f"{label}.m3u8").write_text(playlist.write_media_playlist(f"{label}.mp4", index))
        (folder / f"{label}.ts.m3u8").write_text(playlist.write_ts_playlist(label, index.durations))
    order = sorted(indexed, key=lambda label: _place(_short_side(indexed[label])))
    master = [playlist.variant_of(f"{label}.m3u8", indexed[label]) for label in order]
    ts_master = [playlist.ts_variant_of(f"{label}.ts.m3u8", indexed[label]) for label in order]
    (folder / MASTER).write_text(playlist.write_master_playlist(master))
    (folder / TS_MASTER).write_text(playlist.write_master_playlist(ts_master))
    return [_rung(label, index, folder / f"{label}.mp4") for label, index in indexed.items()]


def original(content: ContentMain, version: int, made: Original, facts: SourceFacts, *, source_bytes: int) -> Rendition:
    """The row of an original that is played as it is, not saved. Its first displayed frame is at 0 too."""
    assert facts.video is not None, "sound alone is never played as it is"
    return Rendition(
        content=content,
        version=version,
        kind=RenditionKind.ORIGINAL,
        label=indexing.LABEL,
        height=facts.video.short_side,
        width_px=facts.video.display_width,
        height_px=facts.video.display_height,
        frame_rate=made.frame_rate,
        frames=made.frames,
        codecs=made.codecs,
        average_bps=made.average_bps,
        peak_bps=made.peak_bps,
        duration_seconds=made.duration_seconds,
        offset_seconds=0.0,
        bytes=source_bytes,
    )


def check_arrived(folder: str, rungs: Sequence[Rung]) -> None:
    """Asks storage for what the ladder step has handed over: every rung in its full size, every playlist finished.
    Raises VerificationFailed, or FileGone for what is not there."""
    for rung in rungs:
        arrived = storage.stat(f"{folder}/{rung.label}.mp4").bytes
        if arrived != rung.bytes:
            raise VerificationFailed(f"{rung.label}.mp4 has {arrived} bytes in storage, {rung.bytes} were written")
        for name in (f"{rung.label}.m3u8", f"{rung.label}.ts.m3u8"):
            if not storage.read(f"{folder}/{name}").endswith(b"#EXT-X-ENDLIST\n"):
                raise VerificationFailed(f"{name} has no end")
    for name in (MASTER, TS_MASTER):
        storage.stat(f"{folder}/{name}")


def _place(short_side: int) -> tuple[bool, int]:
    """The best rung up to 720 lines first, then the others from large to small."""
    return short_side > STARTING_SHORT_SIDE, -short_side


def _indexed(file: Path) -> fmp4.FragmentedMp4:
    with file.open("rb") as opened:

        def read(offset: int, length: int) -> bytes:
            opened.seek(offset)
            return opened.read(length)

        return fmp4.index_fragmented_mp4(read, file.stat().st_size)


def _short_side(index: fmp4.FragmentedMp4) -> int:
    return min(index.video.width, index.video.height) if index.video is not None else 0


def _rung(label: str, index: fmp4.FragmentedMp4, file: Path) -> Rung:
    video = index.video
    main = video if video is not None else index.tracks[0]
    return Rung(
        label=label,
        short_side=_short_side(index),
        width=video.width if video is not None else 0,
        height=video.height if video is not None else 0,
        frame_rate=float(index.frame_rate or 0),
        frames=index.sample_count(main),
        codecs=index.codecs,
        average_bps=index.average_bps,
        peak_bps=index.peak_bps,
        duration_seconds=float(index.duration_seconds),
        bytes=file.stat().st_size,
    )
