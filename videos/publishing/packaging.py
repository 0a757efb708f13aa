"""From finished files to a version folder that players understand: playlists with real durations, and what each
rendition is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Self  # a step's result is a JSON object

from videos import storage
from videos.models import ContentMain, Rendition, RenditionKind
from videos.pipeline import filmfile, indexing, joining, playlist
from videos.pipeline.errors import VerificationFailed
from videos.pipeline.facts import SourceFacts
from videos.pipeline.fmp4 import FragmentedMp4
from videos.pipeline.indexing import Original
from videos.pipeline.ladder import AudioPlan, Ladder
from videos.pipeline.loudness import Loudness
from videos.pipeline.playlist import Variant
from videos.pipeline.soundgroup import SoundTrack, sound_track, ts_sound_track

MASTER: Final = "master.m3u8"
TS_MASTER: Final = "ts.m3u8"
STARTING_SHORT_SIDE: Final = 720  # players that do not measure begin with the first line of a master playlist


@dataclass(frozen=True, slots=True)
class Packaged:
    """A rendition as the publish step will write it into a row. Sizes in pixels, bit rates in bits a second."""

    kind: str
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
    language: str = ""
    title: str = ""
    loudness_lufs: float | None = None
    true_peak_dbtp: float | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        return cls(**values)

    def rendition(self, content: ContentMain, version: int) -> Rendition:
        """The row, not saved. Our renditions begin at 0: the first displayed frame has presentation time 0 in each of
        them."""
        return Rendition(
            content=content,
            version=version,
            kind=self.kind,
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
            language=self.language,
            title=self.title,
            loudness_lufs=self.loudness_lufs,
            true_peak_dbtp=self.true_peak_dbtp,
            offset_seconds=0.0,
            bytes=self.bytes,
        )


def package(folder: Path, *, ladder: Ladder, loudness: Mapping[str, Loudness | None]) -> list[Packaged]:
    """Writes the playlists of the fragmented MP4s in `folder` beside them. Raises Mp4Error for a file that is not one.

    Each rung `720p.mp4` gets `720p.m3u8` and `720p.ts.m3u8`; `master.m3u8` and `ts.m3u8` name them all. Where the
    sounds have files of their own (`sound-1.mp4`), so do they, and the rungs' playlists name pictures alone.
    `loudness` goes by the sounds' labels."""
    indexed = {file.stem: filmfile.index_file(file) for file in sorted(folder.glob("*.mp4"))}
    alone = {audio.label: audio for audio in ladder.sounds if audio.label in indexed}
    rungs = {label: index for label, index in indexed.items() if label not in alone}
    shown = dict(rungs)
    for label, index in rungs.items():
        init = None
        if alone:
            shown[label] = index.pictures_alone()
            content = joining.picture_init(index, ladder)
            (folder / f"{label}-init.mp4").write_bytes(content)
            init = (f"{label}-init.mp4", len(content))
        _write_playlists(folder, label, playlist.write_media_playlist(f"{label}.mp4", shown[label], init=init), index)
    for label in alone:
        _write_playlists(folder, label, playlist.write_media_playlist(f"{label}.mp4", indexed[label]), indexed[label])
    order = sorted(shown, key=lambda label: _place(_short_side(shown[label])))
    master = [playlist.variant_of(f"{label}.m3u8", shown[label]) for label in order]
    ts_master = [playlist.ts_variant_of(f"{label}.ts.m3u8", shown[label]) for label in order]
    sounds = [sound_track(f"{label}.m3u8", indexed[label], **_named(audio)) for label, audio in alone.items()]
    ts_sounds = [ts_sound_track(f"{label}.ts.m3u8", indexed[label], **_named(audio)) for label, audio in alone.items()]
    _write_masters(folder, (master, sounds), (ts_master, ts_sounds))
    main = loudness.get(ladder.audio.label) if ladder.audio is not None else None
    return [
        *(_rung(label, index, folder / f"{label}.mp4", main) for label, index in rungs.items()),
        *(
            _sound(audio, indexed[label], folder / f"{label}.mp4", loudness.get(label))
            for label, audio in alone.items()
        ),
    ]


def _write_playlists(folder: Path, label: str, media: str, index: FragmentedMp4) -> None:
    (folder / f"{label}.m3u8").write_text(media)
    (folder / f"{label}.ts.m3u8").write_text(playlist.write_ts_playlist(label, index.durations))


def _write_masters(
    folder: Path, own: tuple[list[Variant], list[SoundTrack]], streams: tuple[list[Variant], list[SoundTrack]]
) -> None:
    (folder / MASTER).write_text(playlist.write_master_playlist(*own))
    (folder / TS_MASTER).write_text(playlist.write_master_playlist(*streams))


def _named(audio: AudioPlan) -> dict[str, Any]:
    return {"language": audio.language, "title": audio.title, "is_default": audio.is_default}


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


def check_arrived(folder: str, renditions: Sequence[Packaged]) -> None:
    """Asks storage for what the join step has handed over: every file in its full size, every playlist finished.
    Raises VerificationFailed, or FileGone for what is not there."""
    for rung in renditions:
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


def _short_side(index: FragmentedMp4) -> int:
    return min(index.video.width, index.video.height) if index.video is not None else 0


def _rung(label: str, index: FragmentedMp4, file: Path, loudness: Loudness | None) -> Packaged:
    video = index.video
    main = video if video is not None else index.tracks[0]
    return Packaged(
        kind=RenditionKind.RUNG if video is not None else RenditionKind.AUDIO,
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
        loudness_lufs=loudness.integrated_lufs if loudness else None,
        true_peak_dbtp=loudness.true_peak_dbtp if loudness else None,
    )


def _sound(audio: AudioPlan, index: FragmentedMp4, file: Path, loudness: Loudness | None) -> Packaged:
    alone = _rung(audio.label, index, file, loudness)
    return replace(alone, kind=RenditionKind.SOUND, language=audio.language, title=audio.title)
