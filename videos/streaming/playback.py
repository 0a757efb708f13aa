"""Where an item's streams are for one viewer, or the stated reason why it cannot be played."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any  # the progress object is JSON

from django.utils import timezone

from accounts.models import User
from videos.errors import Failed, NotReady, Rejected, VideoError, Withdrawn
from videos.models import AuditStatus, ContentMain, ContentStatus, Rendition, RenditionKind
from videos.models.content import Viewer
from videos.pipeline.loudness import Loudness, gain_db
from videos.reasons import sentence
from videos.streaming import hls


@dataclass(frozen=True, slots=True)
class FileAddress:
    """A rung as one file."""

    height: int  # the short side in pixels
    url: str
    bytes: int


@dataclass(frozen=True, slots=True)
class CaptionAddress:
    """A WebVTT file."""

    language: str  # BCP 47; "und" while nobody has said
    label: str  # empty: the language's name says enough
    url: str
    is_default: bool
    is_forced: bool


@dataclass(frozen=True, slots=True)
class ChapterStart:
    """A chapter lasts until the next one, or the film's end."""

    start_seconds: float
    title: str  # empty: players count


@dataclass(frozen=True, slots=True)
class LoudnessTold:
    """Of a whole track (EBU R 128), and what a player should add to even it out."""

    integrated_lufs: float
    true_peak_dbtp: float
    gain_db: float


@dataclass(frozen=True, slots=True)
class SoundChoice:
    """A sound track that viewers may choose. In the playlists, where there are several, it is `<label>.m3u8`."""

    label: str
    language: str  # BCP 47; empty while nobody knows
    title: str  # as its file calls it
    is_default: bool
    loudness: LoudnessTold | None  # None for silence, and before it was measured


@dataclass(frozen=True, slots=True)
class Playback:
    """Addresses under one grant, good until `expires_at`."""

    hls: str
    hls_ts: str
    mp4: tuple[FileAddress, ...]
    sounds: tuple[SoundChoice, ...]  # the default first
    poster: str | None
    storyboard: str | None  # WebVTT over sheets of small pictures, for the seek bar
    captions: tuple[CaptionAddress, ...]
    chapters: tuple[ChapterStart, ...]
    words_revision: int  # grows with each change of captions or chapters
    duration_seconds: float
    position_seconds: float
    version: int
    is_growing: bool  # its end is still to come: playlists grow
    expires_at: datetime


Progress = Callable[[ContentMain], Mapping[str, Any]]


def check_playable(*, content: ContentMain, viewer: Viewer, progress: Progress) -> int:
    """The version this viewer may play now. Raises NotReady, Rejected, Failed or Withdrawn (each 409), with
    the progress object where one exists. `progress` tells how the item is being made; it is passed in because
    jobs are none of streaming's business."""
    is_moderator = isinstance(viewer, User) and viewer.is_moderator
    if content.status == ContentStatus.WITHDRAWN:
        raise Withdrawn
    if content.audit_status == AuditStatus.REJECTED and not is_moderator:
        raise Rejected
    if content.status == ContentStatus.FAILED:
        raise Failed(extra={"progress": progress(content)})
    if content.version is None:
        raise NotReady(extra={"progress": progress(content)})
    return content.version


def refusal_of(content: ContentMain, viewer: Viewer) -> tuple[str, str]:
    """Why this viewer gets no stream now, for pages whose player then need not ask: the code of `check_playable` and
    what there is to say besides, empty when one plays. `stopped` is `failed` because somebody wanted it so."""
    try:
        check_playable(content=content, viewer=viewer, progress=lambda _content: {})
    except VideoError as error:
        reasons = {"rejected": content.audit_reason, "failed": sentence(content.failure_code)}
        is_stopped = error.code == "failed" and content.failure_code.startswith("cancelled")
        return "stopped" if is_stopped else error.code, reasons.get(error.code, "")
    return "", ""


def playback_of(*, content: ContentMain, viewer: Viewer, position_seconds: float, progress: Progress) -> Playback:
    """What a player needs; refuses as `check_playable` does."""
    version = check_playable(content=content, viewer=viewer, progress=progress)
    minted = hls.mint_grant(content=content, viewer=viewer, now=timezone.now())
    folder = f"{minted.prefix}/v{version}"
    rows = list(content.renditions.filter(version=version).order_by("-height", "label"))
    # An original is no file of its own that players could open: it is cut when asked for.
    is_growing = any(row.parts for row in rows)
    rungs = [row for row in rows if row.kind in {RenditionKind.RUNG, RenditionKind.AUDIO} and not row.parts]
    return Playback(
        hls=f"{folder}/master.m3u8",
        hls_ts="" if is_growing else f"{folder}/ts.m3u8",
        mp4=tuple(FileAddress(rung.height, f"{folder}/{rung.label}.mp4", rung.bytes) for rung in rungs),
        sounds=_sounds(rows),
        poster=hls.poster_url(content=content, viewer=viewer, now=timezone.now()),
        storyboard=hls.storyboard_url(content=content, viewer=viewer, now=timezone.now()),
        captions=tuple(
            CaptionAddress(
                caption.language,
                caption.label,
                f"{minted.prefix}/words/{caption.filename}",
                caption.is_default,
                caption.is_forced,
            )
            for caption in content.captions.all()
        ),
        chapters=tuple(ChapterStart(chapter.start_seconds, chapter.title) for chapter in content.chapters.all()),
        words_revision=content.words_revision,
        duration_seconds=content.duration_seconds or 0.0,
        position_seconds=position_seconds,
        version=version,
        is_growing=is_growing,
        expires_at=minted.expires_at,
    )


def _sounds(rows: Sequence[Rendition]) -> tuple[SoundChoice, ...]:
    """Tracks with files of their own; else the one that lies in every rung, where it was measured."""
    tracks = sorted(
        (row for row in rows if row.kind == RenditionKind.SOUND), key=lambda row: (len(row.label), row.label)
    )
    if not tracks:
        tracks = [row for row in rows if row.loudness_lufs is not None][:1]
    return tuple(
        SoundChoice(row.label, row.language, row.title, is_default=place == 0, loudness=_loudness(row))
        for place, row in enumerate(tracks)
    )


def _loudness(row: Rendition) -> LoudnessTold | None:
    if row.loudness_lufs is None or row.true_peak_dbtp is None:
        return None
    measured = Loudness(row.loudness_lufs, row.true_peak_dbtp)
    return LoudnessTold(measured.integrated_lufs, measured.true_peak_dbtp, gain_db(measured))
