"""Playlists of a version whose files are still coming (RFC 8216 §4.3.3.5). They lie in no file: they are made of its
rows, and each process remembers one for a second."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache

from django.db import close_old_connections
from django.db.models import QuerySet

from videos.errors import FileGone
from videos.models import Rendition, RenditionKind
from videos.pipeline import playlist
from videos.pipeline.playlist import Part, Variant
from videos.pipeline.soundgroup import SoundTrack
from videos.streaming.address import MediaAddress
from videos.streaming.byterange import Representation
from videos.streaming.files import MemoryFile

MASTER = "master.m3u8"
_SUFFIX = ".m3u8"


def find(address: MediaAddress) -> tuple[MemoryFile, Representation]:
    """The playlist as it is now. Blocks: asks the database. Raises FileGone where nothing grows, or not yet."""
    close_old_connections()
    try:
        content = _remembered(address.item, address.version, address.filename, int(time.monotonic()))
    finally:
        close_old_connections()
    now = datetime.now(UTC).replace(microsecond=0)
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return MemoryFile(content, now), Representation(len(content), tag, now)


@lru_cache(maxsize=256)
def _remembered(item: str, version: int, filename: str, _second: int) -> bytes:
    rows = Rendition.objects.filter(content__public_id=item, version=version, parts__gt=0)
    if filename == MASTER:
        return _master(rows).encode()
    return _media(rows, filename.removesuffix(_SUFFIX)).encode()


def _media(rows: QuerySet[Rendition], label: str) -> str:
    """As many parts as are there without a gap."""
    row = rows.filter(label=label).first()
    if row is None:
        raise FileGone(label)
    parts = []
    for number, piece in enumerate(row.pieces.order_by("number")):
        if piece.number != number:
            break
        segments = [(Fraction(duration), offset, size) for duration, offset, size in piece.segments]
        parts.append(Part(piece.filename, piece.init_bytes, segments))
    if not parts:
        raise FileGone(label)
    return playlist.write_growing_playlist(parts, is_whole=len(parts) == row.parts)


def _master(rows: QuerySet[Rendition]) -> str:
    found = list(rows.exclude(codecs="").order_by("-height"))
    rungs = [row for row in found if row.kind == RenditionKind.RUNG]
    if not rungs:
        raise FileGone(MASTER)
    variants = [
        Variant(
            uri=f"{row.label}{_SUFFIX}",
            peak_bps=row.peak_bps,
            average_bps=row.average_bps,
            codecs=row.codecs,
            width_px=row.width_px or None,
            height_px=row.height_px or None,
            frame_rate=Fraction(row.frame_rate).limit_denominator(1001),
        )
        for row in rungs
    ]
    sounds = [
        SoundTrack(f"{row.label}{_SUFFIX}", row.language, row.title, True, row.codecs, row.peak_bps, row.average_bps)
        for row in found
        if row.kind == RenditionKind.SOUND
    ]
    return playlist.write_master_playlist(variants, sounds[:1])
