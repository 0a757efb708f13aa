"""Sweeps the media storage: files that no row names and nobody is making, when nothing has touched them for a day. In
doubt a file stays. What something newer has replaced goes by rows of its own (videos/publishing/retiring.py); local
folders of attempts and arrivals are swept by videos.jobs.sweeper."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Any, Final  # a step's result is a JSON object

import structlog
from django.db.models import Q
from django.utils import timezone

from videos import storage
from videos.errors import StorageError
from videos.jobs.control import ENDED_EARLY
from videos.jobs.turns import OPEN_JOBS
from videos.models import (
    Artwork,
    Caption,
    ContentMain,
    JobState,
    Rendition,
    ReplacedSource,
    RetiredFiles,
    Source,
    Step,
    StepState,
)
from videos.storage import ListedFile

log = structlog.get_logger(__name__)

UNTOUCHED: Final = timedelta(hours=24)
AT_ONCE: Final = 200  # items whose rows are asked for together
# So many items in one go, and not one that the database knows: rather the wrong database than so many leftovers.
SUSPICIOUS: Final = 20
PAUSE_EVERY_SECONDS: Final = 1.0
_UNENDED: Final = (*OPEN_JOBS, JobState.PAUSED)
# What goes or stays as a whole, below an item's folder; anything else is not ours to judge.
_UNIT = re.compile(r"v(?:0|[1-9]\d{0,8})/|source/[^/]+/|(?:art|words)/[^/]+$", re.ASCII)
_WHY: Final = {
    "source": "a source without a row",
    "art": "a picture without a row",
    "words": "captions without a row",
}


@dataclass(frozen=True, slots=True)
class Leftover:
    """A name in storage that can go: a whole folder with all in it, or one file."""

    name: str
    why: str
    remove: Callable[[str], None]


def sweep(
    *,
    trusts_database: bool = False,
    untouched: timedelta = UNTOUCHED,
    may_go_on: Callable[[], bool] = lambda: True,
) -> int:
    """Removes what `find` finds and returns how many names. What cannot be removed now is tried again next time. The
    rest is as `find` has it. Raises StorageError when the storage cannot be listed."""
    removed = 0
    for leftover in find(trusts_database=trusts_database, untouched=untouched, may_go_on=may_go_on):
        try:
            leftover.remove(leftover.name)
        except StorageError as error:
            log.warning("a leftover could not be removed", name=leftover.name, error=str(error))
        else:
            removed += 1
            log.info("removed a leftover", name=leftover.name, why=leftover.why)
    return removed


def find(
    *,
    trusts_database: bool = False,
    untouched: timedelta = UNTOUCHED,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Iterator[Leftover]:
    """Everything in the media storage that can go, while it is being listed: memory does not grow with the storage.

    `may_go_on` is asked about once a second: it may do something else in between, and ends the search by False.
    `trusts_database` takes a crowd of items without a single row for what it looks like. Raises StorageError."""
    before = timezone.now() - untouched
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
    # Of an upload to a bucket nothing tells but when it began, and a large one takes its time.
    for names in storage.list_unfinished(storage.ITEMS, before=min(before, timezone.now() - UNTOUCHED)):
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


def _of_item(public_id: str, files: Sequence[ListedFile], named: set[str], before: datetime) -> Iterator[Leftover]:
    units: dict[str, list[ListedFile]] = {}
    for file in files:
        if found := _UNIT.match(file.name.split("/", 2)[2]):
            units.setdefault(found[0].rstrip("/"), []).append(file)
    for unit, below in units.items():
        if unit in named or _newest(below) >= before:
            continue
        kind, slash, _inner = unit.partition("/")
        name = f"{storage.item_folder(public_id)}/{unit}"
        if not slash:
            yield Leftover(name, "a version that is not the published one", _remove_version)
        else:
            yield Leftover(name, _WHY[kind], storage.delete_folder if kind == "source" else storage.delete_file)


def _remove_version(name: str) -> None:
    _, public_id, version = name.split("/")
    number = int(version.removeprefix("v"))
    Rendition.objects.filter(content__public_id=public_id, version=number).exclude(content__version=number).delete()
    storage.delete_folder(name)


def _known(public_ids: Sequence[str]) -> dict[str, set[str]]:
    """What the rows of these items name below the items' folders. Asked after they were listed: what no row names then,
    none will name."""
    rows = ContentMain.objects.filter(public_id__in=public_ids)
    known: dict[str, set[str]] = {public_id: set() for public_id in rows.values_list("public_id", flat=True)}
    for public_id, version in rows.exclude(version=None).values_list("public_id", "version"):
        known[public_id].add(f"v{version}")
    for kind in (Source, ReplacedSource):
        for public_id, token in kind.objects.filter(content__in=rows).values_list("content__public_id", "token"):
            known[public_id].add(f"source/{token}")
    for picture in Artwork.objects.filter(content__in=rows).select_related("content"):
        known[picture.content.public_id].update(f"art/{name}" for name in picture.filenames)
    for words in Caption.objects.filter(content__in=rows).select_related("content"):
        known[words.content.public_id].add(f"words/{words.filename}")
    for public_id, name in RetiredFiles.objects.filter(content__in=rows).values_list("content__public_id", "name"):
        known[public_id].add(name.removeprefix(f"{storage.item_folder(public_id)}/"))
    for step in Step.objects.filter(_may_go_on(), job__content__in=rows).select_related("job__content"):
        assert step.job.content is not None
        named = known[step.job.content.public_id]
        named.add(f"v{step.job.content.versions_made}")  # what is being handed over has the latest number
        if step.state == StepState.DONE:
            named.update(f"v{version}" for version in _versions_in(step.result))
    return known


def _may_go_on() -> Q:
    """Steps of work that is not ended, or that a retry goes on from."""
    return Q(job__state__in=_UNENDED) | Q(job__state__in=ENDED_EARLY, job__finished_at__gte=timezone.now() - UNTOUCHED)


def versions_in_hand(content: ContentMain) -> set[int]:
    """Versions of an item that work has made and that more work is to go on from."""
    done = Step.objects.filter(_may_go_on(), job__content=content, state=StepState.DONE)
    return {version for result in done.values_list("result", flat=True) for version in _versions_in(result)}


def _versions_in(result: Mapping[str, Any]) -> set[int]:
    """What a step has begun or made; `ahead` is the one size that goes before the others (encode_steps)."""
    return {int(result[name]) for name in ("version", "ahead") if name in result}


def _newest(files: Sequence[ListedFile]) -> datetime:
    return max(file.modified_at for file in files)
