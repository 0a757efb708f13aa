"""What nothing names goes after a day, on disk and in a bucket alike; what a row names, or somebody makes, stays."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from tests.videos.factories import make_video
from videos import storage, tasks
from videos.errors import StorageError
from videos.jobs.plans import TRANSCODE_STEPS
from videos.jobs.queue import create_job
from videos.models import (
    Artwork,
    ContentMain,
    ContentStatus,
    Job,
    JobKind,
    JobState,
    Rendition,
    RenditionKind,
    ReplacedSource,
    RetiredFiles,
    Source,
    Step,
    StepState,
)
from videos.publishing import leftovers, versions
from videos.storage import media

pytestmark = pytest.mark.django_db

Put = Callable[[str], str]
STRANGE = "AbCdEfGhIjK"


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """`put(name)`: a small file of that name in storage."""
    file = tmp_path / "one"
    file.write_bytes(b"x")

    def put_one(name: str) -> str:
        storage.put_file(file, name)
        return name

    return put_one


def held() -> set[str]:
    """All that storage has."""
    return set(storage.list_names(storage.ITEMS))


def sweep_later(hours: float = 25) -> int:
    """The sweep that comes so much later."""
    with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=True):
        return leftovers.sweep()


def published(owner: User, put: Put, version: int = 1) -> tuple[ContentMain, set[str]]:
    """An item with a source, a poster and that version, and the names of its files."""
    content = make_video(owner)
    ContentMain.objects.filter(pk=content.pk).update(version=version, versions_made=version)
    source = Source.objects.create(content=content, filename="a.mp4", bytes=1)
    poster = Artwork.objects.create(content=content, kind="poster", width_px=1, height_px=1, bytes=1)
    names = {
        put(storage.source_name(content.public_id, source.token)),
        put(storage.artwork_name(content.public_id, poster.filename)),
        put(f"{storage.version_folder(content.public_id, version)}/master.m3u8"),
        put(f"{storage.version_folder(content.public_id, version)}/720p.mp4"),
    }
    return content, names


@pytest.mark.usefixtures("media_place")
def test_what_no_row_names_goes_and_what_one_names_stays(owner: User, put: Put) -> None:
    content, named = published(owner, put, version=2)
    folder = storage.item_folder(content.public_id)
    for name in (
        f"{folder}/v1/master.m3u8",
        f"{folder}/v1/720p.mp4",
        f"{folder}/v3/720p.mp4",
        f"{folder}/source/0123abcd/original",
        f"{folder}/art/older.jpg",
        f"{storage.item_folder(STRANGE)}/source/0123abcd/original",
        f"{storage.item_folder(STRANGE)}/v1/master.m3u8",
    ):
        put(name)
    assert sweep_later(hours=23) == 0
    assert sweep_later() == 5
    assert held() == named
    assert sweep_later() == 0


@pytest.mark.usefixtures("media_place")
def test_what_is_of_no_kind_that_we_know_stays(owner: User, put: Put) -> None:
    content, named = published(owner, put)
    folder = storage.item_folder(content.public_id)
    more = {put(f"{folder}/speech/en.vtt"), put(f"{folder}/v01/x"), put(f"{folder}/notes"), put(f"{folder}/art/a/b")}
    more |= {put("items/loose"), put("elsewhere/v1/x")}
    assert sweep_later() == 0
    assert held() | {"elsewhere/v1/x"} == named | more


def test_one_young_file_keeps_its_folder(put: Put) -> None:
    names = {put(f"{storage.version_folder(STRANGE, 1)}/{name}") for name in ("720p.mp4", "master.m3u8")}
    os.utime(storage.local_path(min(names)), (1, 1))
    assert sweep_later(hours=0) == 0
    assert held() == names


def a_job(content: ContentMain, **changes: object) -> Job:
    job = create_job(owner=content.owner, content=content, kind=JobKind.TRANSCODE, parameters={}, steps=TRANSCODE_STEPS)
    Job.objects.filter(pk=job.pk).update(**changes)
    return job


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.PAUSED])
def test_a_version_that_is_being_made_or_waits_for_its_publication_stays(
    state: JobState, owner: User, put: Put
) -> None:
    waits = make_video(owner, status=ContentStatus.PROCESSING)
    ContentMain.objects.filter(pk=waits.pk).update(versions_made=3)
    job = a_job(waits, state=state)
    Step.objects.filter(job=job, name="join").update(state=StepState.DONE, result={"version": 2, "rungs": []})
    names = {number: put(f"{storage.version_folder(waits.public_id, number)}/720p.mp4") for number in (1, 2, 3)}
    assert sweep_later(hours=24 * 30) == 1
    assert held() == {names[2], names[3]}, "a dead attempt's goes, what is ready and what is being made stays"


def test_versions_of_a_job_that_failed_go(owner: User, put: Put) -> None:
    content = make_video(owner, status=ContentStatus.FAILED)
    a_job(content, state=JobState.FAILED)
    put(f"{storage.version_folder(content.public_id, 1)}/720p.mp4")
    assert sweep_later()
    assert held() == set()


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_what_a_retry_would_go_on_from_stays_for_a_day_after_the_end(state: JobState, owner: User, put: Put) -> None:
    content = make_video(owner, status=ContentStatus.FAILED)
    job = a_job(content, state=state, finished_at=timezone.now() + timedelta(hours=2))  # it was paused for long
    Step.objects.filter(job=job, name="plan").update(state=StepState.DONE, result={"version": 1})
    part = put(f"{storage.version_folder(content.public_id, 1)}/720p-0-1.mp4")
    assert sweep_later() == 0
    assert held() == {part}
    Job.objects.update(finished_at=timezone.now())
    assert sweep_later()
    assert held() == set()


def test_what_was_replaced_goes_by_its_own_rows(owner: User, put: Put) -> None:
    content, _ = published(owner, put, version=2)
    folder = storage.item_folder(content.public_id)
    replaced = [put(f"{folder}/{name}") for name in ("v1/720p.mp4", "source/0123abcd/original", "art/old-1.jpg")]
    for name in ("v1", "source/0123abcd", "art/old-1.jpg"):
        RetiredFiles.objects.create(content=content, name=f"{folder}/{name}")
    assert sweep_later(hours=100) == 0
    assert set(replaced) <= held()


def test_the_file_of_which_an_item_still_plays_stays(owner: User, put: Put) -> None:
    content, _ = published(owner, put)
    ReplacedSource.objects.create(content=content, token="0123abcd", filename="b.mp4", bytes=1)
    put(f"{storage.source_folder(content.public_id, '0123abcd')}/original")
    assert sweep_later(hours=100) == 0


def test_the_published_version_s_rows_stay(owner: User, put: Put) -> None:
    content, named = published(owner, put)
    Rendition.objects.create(
        content=content, version=2, kind=RenditionKind.RUNG, label="360p", codecs="x", average_bps=1, peak_bps=1,
        duration_seconds=1, bytes=1,
    )  # fmt: skip
    put(f"{storage.version_folder(content.public_id, 2)}/360p.mp4")
    sweep_later()
    assert held() == named
    assert list(Rendition.objects.values_list("version", flat=True)) == [1]


@pytest.mark.usefixtures("media_place")
def test_one_name_that_cannot_be_removed_does_not_keep_the_others(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = (storage.item_folder(name) for name in ("AAAAAAAAAAA", "BBBBBBBBBBB"))
    kept = put(f"{bad}/v1/x")
    put(f"{good}/v1/x")
    really_delete = storage.delete_folder

    def fail(name: str) -> None:
        if name == bad:
            raise StorageError("away")
        really_delete(name)

    monkeypatch.setattr(storage, "delete_folder", fail)
    assert sweep_later() == 1
    assert held() == {kept}


def test_what_a_failed_deletion_has_left_goes(owner: User, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    content, _ = published(owner, put)

    def fail(_public_id: str) -> None:
        raise StorageError("away")

    monkeypatch.setattr(media, "delete_item", fail)
    versions.delete(content=content, actor=owner)
    assert len(held()) == 4
    assert sweep_later() == 1
    assert held() == set()


@pytest.mark.usefixtures("media_place")
def test_a_database_that_knows_none_of_many_items_is_not_believed(put: Put) -> None:
    for number in range(leftovers.SUSPICIOUS):
        put(f"{storage.item_folder(f'item{number:07}')}/v1/x")
    assert sweep_later() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        assert leftovers.sweep(trusts_database=True) == leftovers.SUSPICIOUS
    assert held() == set()


def test_a_large_storage_is_gone_through_in_parts(owner: User, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "AT_ONCE", 2)
    monkeypatch.setattr(leftovers, "PAUSE_EVERY_SECONDS", 0)
    kept = [published(owner, put)[1] for _ in range(3)]
    for number in range(4):
        put(f"{storage.item_folder(f'item{number:07}')}/v1/x")
    breaths: list[int] = []

    def breathe() -> bool:
        breaths.append(1)
        return True

    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        assert leftovers.sweep(may_go_on=breathe) == 4
        assert len(breaths) >= 4
        assert held() == set.union(*kept)
        put(f"{storage.item_folder(STRANGE)}/v1/x")
    with time_machine.travel(timezone.now() + timedelta(hours=75), tick=True):
        leftovers.sweep(may_go_on=lambda: False)  # the worker is told to end


# --- On disk: what lies beside the names ------------------------------------------------------------------------------


@pytest.fixture
def items(settings: LazySettings) -> Path:
    folder = Path(settings.MEDIA_ROOT) / "items"
    folder.mkdir(parents=True)
    return folder


def test_work_in_progress_that_was_abandoned_goes(owner: User, put: Put, items: Path) -> None:
    content, named = published(owner, put)
    for name in (
        f".{STRANGE}.0123456789abcdef/v1/720p.mp4",
        f"{content.public_id}/.v2.0123456789abcdef/720p.mp4",
        f"{content.public_id}/art/.token.jpg.0123456789abcdef",
        f"{STRANGE}/source/token/.original.0123456789abcdef",
    ):
        (items / name).parent.mkdir(parents=True, exist_ok=True)
        (items / name).write_bytes(b"half")
    assert sweep_later(hours=23) == 0
    with time_machine.travel(timezone.now() + timedelta(hours=23), tick=True):
        assert leftovers.sweep(untouched=timedelta(hours=1)) == 0, "what has begun long ago may still be on its way"
    assert sweep_later() == 4
    assert not [path for path in items.rglob("*") if path.name.startswith(".")]
    assert held() == named


def test_folders_that_hold_nothing_go(items: Path) -> None:
    (items / STRANGE / "source" / "token").mkdir(parents=True)
    assert sweep_later(hours=23) == 0
    assert sweep_later() == 1
    assert list(items.iterdir()) == []


def test_links_and_strange_names_are_left_alone(items: Path, tmp_path: Path, put: Put) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "film").write_bytes(b"x")
    (items / "linkedItem0").symlink_to(precious)
    (items / "with blanks").mkdir()
    (items / "with blanks" / "film").write_bytes(b"x")
    put(f"{storage.item_folder(STRANGE)}/v1/x")
    (items / STRANGE / "v2").symlink_to(precious)
    assert sweep_later() == 1
    assert (precious / "film").exists()
    assert sorted(path.name for path in items.iterdir()) == ["linkedItem0", "with blanks"]


def test_an_old_film_that_comes_in_now_is_young(tmp_path: Path) -> None:
    """A rename keeps a file's age; an import of last year's film must not look abandoned before its row is there."""
    received = tmp_path / "incoming" / "token" / "original"
    received.parent.mkdir(parents=True)
    received.write_bytes(b"film")
    os.utime(received, (1, 1))
    name = storage.source_name(STRANGE, "0123abcd")
    storage.take_in_source(received, name)
    assert leftovers.sweep() == 0
    assert held() == {name}


# --- By beat and by hand ----------------------------------------------------------------------------------------------


def test_the_hourly_sweep_looks_into_the_storage_too(put: Put) -> None:
    put(f"{storage.item_folder(STRANGE)}/v1/x")
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        tasks.sweep()
    assert held() == set()


@pytest.mark.usefixtures("media_place")
def test_the_command_lists_and_then_removes(put: Put, settings: LazySettings) -> None:
    name = put(f"{storage.item_folder(STRANGE)}/v1/x")
    arrival = Path(settings.INCOMING_DIR) / "token"
    arrival.mkdir(parents=True)
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        said = io.StringIO()
        call_command("sweep", "--dry-run", stdout=said)
        assert [line.split(":")[0] for line in said.getvalue().splitlines()] == [
            str(arrival),
            storage.item_folder(STRANGE),
        ]
        assert held() == {name}
        assert arrival.exists()
        said = io.StringIO()
        call_command("sweep", stdout=said)
        assert said.getvalue() == "2 removed\n"
    assert held() == set()
    assert not arrival.exists()


def test_a_sweep_of_what_is_in_order_removes_nothing(owner: User, put: Put) -> None:
    _, named = published(owner, put)
    said = io.StringIO()
    with time_machine.travel(timezone.now() + timedelta(days=400), tick=True):
        call_command("sweep", "--dry-run", stdout=said)
        call_command("sweep", stdout=said)
    assert said.getvalue() == "0 removed\n"
    assert held() == named
