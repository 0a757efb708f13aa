"""Segments that are cut when somebody asks for them, from a finished rung or from the original, and kept on the local
disk for the next one. Cutting again gives the same bytes, so anything here may be thrown away at any time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import structlog
from django.conf import settings

from videos import storage
from videos.errors import FileGone, StorageError
from videos.pipeline import cutter, mpegts
from videos.pipeline.fmp4 import ByteSpan, parse_init, parse_segment
from videos.pipeline.indexing import LABEL as ORIGINAL
from videos.pipeline.mp4boxes import Mp4Error
from videos.pipeline.mp4tracks import Track
from videos.pipeline.mpegts import TransportStreamError, segment_to_ts
from videos.pipeline.playlist import PlaylistError, parse_media_playlist
from videos.streaming import original
from videos.streaming.address import MediaAddress
from videos.streaming.files import MemoryFile, OpenFile, open_file, whole_seconds

log = structlog.get_logger(__name__)

_TOUCHED_SECONDS = 60  # how exactly the time of last use is kept; younger files are never thrown away
_KEPT_SHARE = 0.9  # of the capacity, after throwing away
_SWEEPS_PER_CAPACITY = 32
_PROCESSOR = threading.Lock()  # reading may overlap; cutting is pure work, of which the event loop needs its share


@dataclass(frozen=True, slots=True)
class _Rung:
    """What cutting any segment of a rung needs."""

    name: str
    tracks: tuple[Track, ...]
    spans: tuple[ByteSpan, ...]
    modified_ns: int


def cut_segment(address: MediaAddress) -> tuple[bytes, int]:
    """The segment that `address` names, and when what it is cut from was last changed (ns). Blocks: reads a few ranges
    of the rung or of the original. Raises FileGone where there is no such rung or segment, StorageError."""
    folder = storage.version_folder(address.item, address.version)
    if address.label == ORIGINAL:
        film = original.original(folder, address.label)
        segment = original.cut(film, address.index)
        if address.extension == "ts":
            segment = _as_stream(segment, 0, film.tracks, address)
        return segment, film.modified_ns
    if address.extension != "ts":
        raise FileGone(f"{address.label} is one file: its playlist names ranges of it")
    rung = _rung(folder, address.label)
    if address.index >= len(rung.spans):
        raise FileGone(f"{rung.name} has {len(rung.spans)} segments")
    span = rung.spans[address.index]
    content = storage.read_range(rung.name, start=span.offset, length=span.bytes)
    return _as_stream(content, span.offset, rung.tracks, address), rung.modified_ns


def _as_stream(content: bytes, offset: int, tracks: tuple[Track, ...], address: MediaAddress) -> bytes:
    """The segment that lies at `offset` of its file as a transport stream."""
    try:
        samples = parse_segment(content, offset, tracks)
        with _PROCESSOR:
            return segment_to_ts(content, offset, samples, tracks, index=address.index)
    except (Mp4Error, TransportStreamError) as error:
        raise StorageError(f"{address.item} v{address.version} {address.label}: {error}") from error


@lru_cache(maxsize=64)
def _rung(folder: str, label: str) -> _Rung:
    """Published rungs never change, so this is read once."""
    try:
        playlist = parse_media_playlist(storage.read(f"{folder}/{label}.m3u8").decode())
        name = f"{folder}/{playlist.entries[0].uri}"
        init = storage.read_range(f"{folder}/{playlist.uri}", start=playlist.init.offset, length=playlist.init.bytes)
        spans = tuple(entry.span for entry in playlist.entries)
        modified_ns = int(storage.stat(name).modified_at.timestamp()) * 1_000_000_000
        return _Rung(name, parse_init(init), spans, modified_ns)
    except (PlaylistError, Mp4Error, UnicodeDecodeError) as error:
        raise StorageError(f"{folder}/{label}: {error}") from error


class SegmentCache:
    """Segments as files below CACHE_DIR, at most SEGMENT_CACHE_BYTES of them beside those just used. Each
    process cuts a segment once at a time; two processes that cut the same one write the same bytes."""

    def __init__(self) -> None:
        self._cutting: dict[Path, asyncio.Future[MemoryFile | None]] = {}
        self._written: int | None = None  # since the last sweep; None before the first
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="segment-cutter")

    async def open(self, address: MediaAddress) -> OpenFile | MemoryFile:
        """The segment from the disk, or from memory where the disk did not take it. Raises FileGone,
        StorageError."""
        path = _path(address)
        for _ in range(2):
            with contextlib.suppress(FileGone):
                return _touched(path)
            content = await self._cut_once(address, path)
            if content is not None:
                return content
        return _touched(path)

    async def _cut_once(self, address: MediaAddress, path: Path) -> MemoryFile | None:
        pending = self._cutting.get(path)
        if pending is None:
            loop = asyncio.get_running_loop()
            pending = loop.run_in_executor(self._threads, self._cut, address, path)
            self._cutting[path] = pending
            pending.add_done_callback(lambda done: self._forget(path, done))
        return await asyncio.shield(pending)

    def _forget(self, path: Path, done: asyncio.Future[MemoryFile | None]) -> None:
        self._cutting.pop(path, None)
        if not done.cancelled():
            done.exception()  # whoever still waits gets it; nobody may be left

    def _cut(self, address: MediaAddress, path: Path) -> MemoryFile | None:
        """Cuts and keeps a segment. Returns it only if it could not be kept."""
        content, modified_ns = cut_segment(address)
        try:
            _keep(path, content, modified_ns)
            self._sweep_at_times(len(content))
        except OSError as error:
            log.warning("segment cache cannot be written", path=str(path), error=str(error))
            return MemoryFile(content, whole_seconds(modified_ns))
        return None

    def _sweep_at_times(self, written: int) -> None:
        capacity = settings.SEGMENT_CACHE_BYTES
        self._written = None if self._written is None else self._written + written
        if self._written is None or self._written > capacity // _SWEEPS_PER_CAPACITY:
            self._written = 0
            sweep(capacity)


def sweep(capacity: int) -> None:
    """Throws away the segments that were not used for the longest time, until nine tenths of `capacity` bytes
    are left. What was used within the last minute stays."""
    now = time.time()
    files = sorted(_kept_files(), key=lambda entry: entry[1].st_atime)
    total = sum(facts.st_size for _, facts in files)
    if total <= capacity:
        return
    for path, facts in files:
        if total <= capacity * _KEPT_SHARE or now - facts.st_atime < _TOUCHED_SECONDS:
            return
        with contextlib.suppress(OSError):
            path.unlink()
        with contextlib.suppress(OSError):  # not empty yet
            path.parent.rmdir()
        total -= facts.st_size


def forget_item(public_id: str) -> None:
    """Throws away what this machine keeps of an item that was deleted."""
    shutil.rmtree(_root() / public_id, ignore_errors=True)


def forget_version(public_id: str, version: int) -> None:
    """The same of one version, whose files are gone."""
    shutil.rmtree(_root() / public_id / f"v{version}", ignore_errors=True)


def _all() -> Path:
    return Path(settings.CACHE_DIR) / "segments"


def _root() -> Path:
    return _all() / f"r{mpegts.REVISION}.{cutter.REVISION}"


def _path(address: MediaAddress) -> Path:
    return _root() / address.item / f"v{address.version}" / address.label / address.filename


def _touched(path: Path) -> OpenFile:
    """Opens a kept segment and, now and then, writes down that it was used."""
    file = open_file(path)
    now_ns = time.time_ns()
    if now_ns - file.accessed_ns > _TOUCHED_SECONDS // 2 * 1_000_000_000:
        with contextlib.suppress(OSError):
            os.utime(path, ns=(now_ns, file.modified_ns))
    return file


def _keep(path: Path, content: bytes, modified_ns: int) -> None:
    """Writes a segment under a name of its own, then renames it: nobody ever sees half of one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        beside.write_bytes(content)
        os.utime(beside, ns=(time.time_ns(), modified_ns))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _kept_files() -> Iterator[tuple[Path, os.stat_result]]:
    """Also what an earlier way to cut has left."""
    for folder, _, names in os.walk(_all()):
        for name in names:
            with contextlib.suppress(OSError):
                path = Path(folder) / name
                yield path, path.stat()
