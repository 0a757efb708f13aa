"""Whether rows and files agree: rows whose files are missing or short, playlists that name more than there is, and
files that nothing names (videos/publishing/leftovers.py). What is younger than an hour, and what living work holds, is
nobody's fault yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from django.db import models, transaction
from django.utils import timezone

from videos import storage
from videos.errors import StorageError
from videos.jobs import sweeper
from videos.jobs.turns import OPEN_JOBS
from videos.models import (
    Artwork,
    Caption,
    ContentMain,
    ContentStatus,
    Job,
    JobState,
    Rendition,
    RenditionKind,
    ReplacedSource,
    RetiredFiles,
    Source,
)
from videos.pipeline.playlist import PlaylistError, parse_media_playlist
from videos.publishing import leftovers, packaging, replacing

UNTOUCHED: Final = timedelta(hours=1)
AT_ONCE: Final = 200


@dataclass(frozen=True)
class Fault:
    """What is wrong with which name or row. `mend` is None where nothing can bring back what is lost."""

    name: str
    why: str
    mend: Callable[[], None] | None = None


def find(*, untouched: timedelta = UNTOUCHED, trusts_database: bool = False) -> Iterator[Fault]:
    """Every fault, as it is found. Safe at any time: an item with a fault is looked at twice, and what has changed
    meanwhile is let be. Raises StorageError when the storage cannot be listed."""
    for content in ContentMain.objects.filter(updated_at__lte=timezone.now() - untouched).iterator(chunk_size=AT_ONCE):
        yield from _confirmed(content)
    for leftover in leftovers.find(untouched=untouched, trusts_database=trusts_database):
        yield Fault(leftover.name, leftover.why, partial(leftover.remove, leftover.name))
    for path in sweeper.find(untouched=untouched):
        yield Fault(str(path), "an abandoned attempt or upload", partial(sweeper.remove, path))


def _confirmed(content: ContentMain) -> Iterator[Fault]:
    if not (first := list(_of_item(content))):
        return
    again = ContentMain.objects.filter(pk=content.pk, updated_at=content.updated_at).first()
    if again is not None:
        still = {(fault.name, fault.why) for fault in _of_item(again)}
        yield from (fault for fault in first if (fault.name, fault.why) in still)


def _of_item(content: ContentMain) -> Iterator[Fault]:
    folder = storage.item_folder(content.public_id)
    files = {file.name.removeprefix(f"{folder}/"): file.bytes for file in storage.list_files(folder)}
    is_worked_at = Job.objects.filter(content=content, state__in=(*OPEN_JOBS, JobState.PAUSED)).exists()
    yield from _sources(content, files, folder, is_worked_at=is_worked_at)
    if content.version is not None:
        yield from _version(content, files, folder)
    yield from _beside(content, files, folder)
    if not is_worked_at:
        yield from _unfinished(content, folder)


def _sources(content: ContentMain, files: dict[str, int], folder: str, *, is_worked_at: bool) -> Iterator[Fault]:
    for kind in (Source, ReplacedSource):
        for source in kind.objects.filter(content=content):
            name = f"source/{source.token}/original"
            if files.get(name) != source.bytes:
                yield Fault(f"{folder}/{name}", _missing(files.get(name), source.bytes))
    if not is_worked_at and ReplacedSource.objects.filter(content=content).exists():
        yield Fault(folder, "a newer file waits for work that has ended", partial(_take_back, content.pk))


def _version(content: ContentMain, files: dict[str, int], folder: str) -> Iterator[Fault]:
    """Of the published version: each file in its size, each playlist within its file."""
    below = f"v{content.version}"
    renditions = list(Rendition.objects.filter(content=content, version=content.version or 0))
    if not renditions:
        yield Fault(f"{folder}/{below}", "a published version without renditions")
    for rendition in renditions:
        if rendition.parts:
            sizes: dict[str, int | None] = {piece.filename: piece.bytes for piece in rendition.pieces.all()}
        elif rendition.kind == RenditionKind.ORIGINAL:
            sizes = {f"{rendition.label}.idx": None, f"{rendition.label}.m3u8": None}
        else:
            sizes = {f"{rendition.label}.mp4": rendition.bytes, f"{rendition.label}.ts.m3u8": None}
            yield from _playlist(files, folder, f"{below}/{rendition.label}.m3u8")
        yield from _named(files, folder, {f"{below}/{name}": size for name, size in sizes.items()})
    if renditions and not any(rendition.parts for rendition in renditions):
        yield from _named(files, folder, {f"{below}/{packaging.MASTER}": None, f"{below}/{packaging.TS_MASTER}": None})


def _named(files: dict[str, int], folder: str, sizes: dict[str, int | None]) -> Iterator[Fault]:
    for name, size in sizes.items():
        if name not in files or (size is not None and files[name] != size):
            yield Fault(f"{folder}/{name}", _missing(files.get(name), size))


def _playlist(files: dict[str, int], folder: str, name: str) -> Iterator[Fault]:
    if name not in files:
        yield Fault(f"{folder}/{name}", "missing")
        return
    try:
        playlist = parse_media_playlist(storage.read(f"{folder}/{name}").decode())
    except (PlaylistError, UnicodeDecodeError, StorageError) as error:
        yield Fault(f"{folder}/{name}", f"cannot be read: {error}")
        return
    beside = name.rpartition("/")[0]
    spans = [(playlist.uri, playlist.init), *((entry.uri, entry.span) for entry in playlist.entries)]
    if any(span.offset + span.bytes > files.get(f"{beside}/{uri}", 0) for uri, span in spans):
        yield Fault(f"{folder}/{name}", "names more than its file holds")


def _beside(content: ContentMain, files: dict[str, int], folder: str) -> Iterator[Fault]:
    """Pictures and words: a row without its files is worth nothing."""
    pictures = Artwork.objects.filter(content=content)
    rows: list[tuple[models.Model, Iterable[str]]] = [
        *((row, [f"art/{name}" for name in row.filenames]) for row in pictures),
        *((row, [f"words/{row.filename}"]) for row in Caption.objects.filter(content=content)),
    ]
    for row, names in rows:
        for name in names:
            if name not in files:
                yield Fault(f"{folder}/{name}", "missing", partial(_drop, row))


def _unfinished(content: ContentMain, folder: str) -> Iterator[Fault]:
    """What only work that is under way explains."""
    if content.status == ContentStatus.PROCESSING and Source.objects.filter(content=content).exists():
        yield Fault(folder, "waits to be made, and nobody is making it")
    kept = {content.version, *_retired_versions(content, folder), *leftovers.versions_in_hand(content)}
    made = Rendition.objects.filter(content=content).values_list("version", flat=True).distinct()
    for version in sorted(set(made) - kept):
        yield Fault(
            f"{folder}/v{version}", "rows of a version that nothing plays", partial(_drop_rows, content, version)
        )


def _retired_versions(content: ContentMain, folder: str) -> set[int]:
    names = RetiredFiles.objects.filter(content=content, name__startswith=f"{folder}/v").values_list("name", flat=True)
    return {int(number) for name in names if (number := name.removeprefix(f"{folder}/v")).isdigit()}


def _missing(there: int | None, expected: int | None) -> str:
    return "missing" if there is None else f"has {there} bytes instead of {expected}"


def _drop(row: models.Model) -> None:
    row.delete()


def _drop_rows(content: ContentMain, version: int) -> None:
    if version not in leftovers.versions_in_hand(content):
        Rendition.objects.filter(content=content, version=version).exclude(content__version=version).delete()


def _take_back(content_id: int) -> None:
    with transaction.atomic():
        replacing.give_up(ContentMain.objects.locked(content_id))


def holds() -> list[str]:
    """For tests of faults, after everything has come to rest: what is wrong, in lines; empty when rows and files
    agree."""
    return [f"{fault.name}: {fault.why}" for fault in find(untouched=timedelta(0), trusts_database=True)]
