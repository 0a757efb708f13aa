"""Sweeps the media storage: files that no row names and nobody is making, when nothing has touched them for a day. In
doubt a file stays. Local folders of attempts and arrivals are swept by videos.jobs.sweeper."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Final

import structlog
from django.conf import settings
from django.utils import timezone

from videos import storage
from videos.errors import StorageError
from videos.jobs.turns import OPEN_JOBS
from videos.models import Artwork, ContentMain, JobState, Rendition, Source, Step, StepState
from videos.storage import ListedFile
from videos.streaming import grants

log = structlog.get_logger(__name__)

UNTOUCHED: Final = timedelta(hours=24)
AT_ONCE: Final = 200  # items whose rows are asked for together
# So many items in one go, and not one that the database knows: rather the wrong database than so many leftovers.
SUSPICIOUS: Final = 20
PAUSE_EVERY_SECONDS: Final = 1.0
_UNENDED: Final = (*OPEN_JOBS, JobState.PAUSED)
# What goes or stays as a whole, below an item's folder; anything else is not ours to judge.
_UNIT = re.compile(r"v(?:0|[1-9]\d{0,8})/|source/[^/]+/|art/[^/]+$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Leftover:
    """A name in storage that can go: a whole folder with all in it, or one file."""

    name: str
    why: str
    remove: Callable[[str], None]


@dataclass(slots=True)
class _Known:
    """What the rows of an item name."""

    versions: set[int] = field(default_factory=set)
    published: int | None = None
    grants_live: timedelta = timedelta()
    tokens: set[str] = field(default_factory=set)
    pictures: set[str] = field(default_factory=set)


def sweep(*, trusts_database: bool = False, may_go_on: Callable[[], bool] = lambda: True) -> int:
    """Removes what `find` finds and returns how many names. What cannot be removed now is tried again next time.
    `may_go_on` is as `find` has it. Raises StorageError when the storage cannot be listed."""
    removed = 0
    for leftover in find(trusts_database=trusts_database, may_go_on=may_go_on):
        try:
            leftover.remove(leftover.name)
        except StorageError as error:
            log.warning("a leftover could not be removed", name=leftover.name, error=str(error))
        else:
            removed += 1
            log.info("removed a leftover", name=leftover.name, why=leftover.why)
    return removed


def find(*, trusts_database: bool = False, may_go_on: Callable[[], bool] = lambda: True) -> Iterator[Leftover]:
    """Everything in the media storage that can go, while it is being listed: memory does not grow with the storage.

    `may_go_on` is asked about once a second: it may do something else in between, and ends the search by False.
    `trusts_database` takes a crowd of items without a single row for what it looks like. Raises StorageError."""
    before = timezone.now() - UNTOUCHED
    asked_at = time.monotonic()

    def is_over() -> bool:
        nonlocal asked_at
        if time.monotonic() - asked_at < PAUSE_EVERY_SECONDS:
            return False
        is_ended = not may_go_on()
        asked_at = time.monotonic()
        return is_ended

    items = _by_item(storage.list_files(storage.ITEMS))
    while batch := dict(islice(items, AT_ONCE)):
        yield from _of_batch(batch, before, trusts_database=trusts_database)
        if is_over():
            return
    for names in storage.list_unfinished(storage.ITEMS, before=before):
        yield from (Leftover(name, "abandoned work in progress", storage.remove_unfinished) for name in names)
        if is_over():
            return


def _by_item(files: Iterable[ListedFile]) -> Iterator[tuple[str, list[ListedFile]]]:
    """Public id and files of one item after the other."""
    below = (file for file in files if file.name.count("/") > 1)
    for public_id, found in groupby(below, key=lambda file: file.name.split("/")[1]):
        yield public_id, list(found)


def _of_batch(
    batch: Mapping[str, Sequence[ListedFile]], before: datetime, *, trusts_database: bool
) -> Iterator[Leftover]:
    known = _known(list(batch))
    strangers = [public_id for public_id in batch if public_id not in known and _newest(batch[public_id]) < before]
    if not known and len(strangers) >= SUSPICIOUS and not trusts_database:
        log.error("the database knows none of these items: they stay. Is it the right one?", items=len(strangers))
        return
    for public_id in strangers:
        yield Leftover(storage.item_folder(public_id), "no such item", storage.delete_folder)
    for public_id in known:
        yield from _of_item(public_id, batch[public_id], known[public_id], before)


def _of_item(public_id: str, files: Sequence[ListedFile], known: _Known, before: datetime) -> Iterator[Leftover]:
    units: dict[str, list[ListedFile]] = {}
    for file in files:
        if unit := _UNIT.match(file.name.split("/", 2)[2]):
            units.setdefault(unit[0], []).append(file)
    is_settled = _is_settled(units.get(f"v{known.published}/"), known, before)
    for unit_name, found in units.items():
        kind, _, inner = unit_name.rstrip("/").partition("/")
        if _newest(found) >= before:
            continue
        if kind == "source":
            if inner not in known.tokens:
                yield Leftover(storage.source_folder(public_id, inner), "a source without a row", storage.delete_folder)
        elif kind == "art":
            if inner not in known.pictures:
                yield Leftover(storage.artwork_name(public_id, inner), "a picture without a row", storage.delete_file)
        elif is_settled and (number := int(kind[1:])) not in known.versions:
            name = storage.version_folder(public_id, number)
            yield Leftover(name, "a version that is not the published one", _remove_version)


def _is_settled(published: Sequence[ListedFile] | None, known: _Known, before: datetime) -> bool:
    """Whether no player can still be on the version before the published one: a grant that names it has run out."""
    if known.published is None:
        return True
    return published is not None and _newest(published) < min(before, timezone.now() - known.grants_live)


def _remove_version(name: str) -> None:
    _, public_id, version = name.split("/")
    number = int(version.removeprefix("v"))
    Rendition.objects.filter(content__public_id=public_id, version=number).exclude(content__version=number).delete()
    storage.delete_folder(name)


def _known(public_ids: Sequence[str]) -> dict[str, _Known]:
    """What the database has of these items. Asked after they were listed: what no row names then, none will name."""
    known: dict[str, _Known] = {}
    rows = ContentMain.objects.filter(public_id__in=public_ids)
    for public_id, version, duration in rows.values_list("public_id", "version", "duration_seconds"):
        life_seconds = settings.GRANT_SECONDS or grants.life_seconds(duration or 0.0)
        known[public_id] = _Known(
            versions=set() if version is None else {version},
            published=version,
            grants_live=timedelta(seconds=2 * life_seconds),  # those of public items are rounded up
        )
    for public_id, token in Source.objects.filter(content__in=rows).values_list("content__public_id", "token"):
        known[public_id].tokens.add(token)
    for picture in Artwork.objects.filter(content__in=rows).select_related("content"):
        known[picture.content.public_id].pictures.add(picture.filename)
    working = Step.objects.filter(job__content__in=rows, job__state__in=_UNENDED).select_related("job__content")
    for step in working:
        assert step.job.content is not None
        named = known[step.job.content.public_id].versions
        named.add(step.job.content.versions_made)  # what is being handed over has the latest number
        if step.state == StepState.DONE and "version" in step.result:
            named.add(int(step.result["version"]))
    return known


def _newest(files: Sequence[ListedFile]) -> datetime:
    return max(file.modified_at for file in files)
