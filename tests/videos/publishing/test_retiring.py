"""What something newer has replaced stays as long as anybody can have been given it, and then goes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.utils import timezone

from accounts.models import User
from tests.videos.factories import make_video
from videos import storage, tasks
from videos.errors import StorageError
from videos.ingest import uploads
from videos.models import (
    ContentMain,
    ContentStatus,
    Rendition,
    RenditionKind,
    RenditionPart,
    RetiredFiles,
    Source,
    Upload,
)
from videos.publishing import retiring, versions
from videos.streaming import hls

pytestmark = pytest.mark.django_db


def rung(content: ContentMain, version: int) -> Rendition:
    return Rendition(
        content=content, version=version, kind=RenditionKind.RUNG, label="360p", codecs="avc1.64001f",
        average_bps=1, peak_bps=1, duration_seconds=60, bytes=1,
    )  # fmt: skip


def publish(content: ContentMain, tmp_path: Path) -> int:
    """Another version of the item, with a file."""
    version = versions.allocate(content.pk)
    file = tmp_path / "one"
    file.write_bytes(b"x")
    storage.put_file(file, f"{storage.version_folder(content.public_id, version)}/360p.mp4")
    versions.publish(content_id=content.pk, version=version, renditions=[rung(content, version)])
    content.refresh_from_db()
    return version


def held() -> set[str]:
    return {name.split("/")[2] for name in storage.list_names(storage.ITEMS)}


@pytest.fixture
def film(owner: User, tmp_path: Path) -> ContentMain:
    """An item with its first version."""
    content = make_video(owner, status=ContentStatus.PROCESSING, duration_seconds=60)
    assert publish(content, tmp_path) == 1
    return content


@pytest.mark.usefixtures("media_place")
def test_the_version_before_goes_with_its_rows_when_its_last_grant_has_died(
    film: ContentMain, owner: User, tmp_path: Path
) -> None:
    RenditionPart.objects.create(
        rendition=Rendition.objects.get(version=1), number=0, segments=[], init_bytes=1, bytes=1
    )
    given = hls.mint_grant(content=film, viewer=owner, now=timezone.now())
    publish(film, tmp_path)
    for hours in (0, 5, 7):
        with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=True):
            assert retiring.remove_due() == 0
    assert held() == {"v1", "v2"}
    assert Rendition.objects.filter(version=1).exists()
    with time_machine.travel(max(given.expires_at, timezone.now() + timedelta(hours=7.6)), tick=True):
        assert retiring.remove_due() == 1
        assert retiring.remove_due() == 0
    assert held() == {"v2"}
    assert list(Rendition.objects.values_list("version", flat=True)) == [2]
    assert not RenditionPart.objects.exists()
    assert not RetiredFiles.objects.exists()


@pytest.mark.parametrize(
    ("duration_seconds", "grant_seconds", "hours"), [(60, 0, 7.6), (10 * 3600, 0, 25.1), (60, 3600, 1.4)]
)
def test_no_grant_outlives_what_it_names(
    film: ContentMain,
    owner: User,
    tmp_path: Path,
    settings: LazySettings,
    duration_seconds: float,
    grant_seconds: int,
    hours: float,
) -> None:
    settings.GRANT_SECONDS = grant_seconds
    ContentMain.objects.filter(pk=film.pk).update(duration_seconds=duration_seconds, audit_status=0)
    film.refresh_from_db()
    ends = [
        hls.mint_grant(content=film, viewer=owner, now=timezone.now() - timedelta(minutes=minutes)).expires_at
        for minutes in range(0, 600, 7)
    ]
    publish(film, tmp_path)
    retired = RetiredFiles.objects.get()
    assert max(ends) <= retired.remove_after <= timezone.now() + timedelta(hours=hours)


def test_a_version_published_again_is_not_retired(film: ContentMain) -> None:
    versions.publish(content_id=film.pk, version=1, renditions=[rung(film, 1)])
    assert not RetiredFiles.objects.exists()


def test_what_is_in_use_stays_whatever_is_written_down(film: ContentMain) -> None:
    source = Source.objects.create(content=film, filename="a.mp4", bytes=1)
    for name in (
        storage.version_folder(film.public_id, 1),
        storage.source_folder(film.public_id, source.token),
    ):
        RetiredFiles.objects.create(content=film, name=name)
    assert retiring.remove_due() == 0
    assert held() == {"v1"}
    assert not RetiredFiles.objects.exists()


def test_one_that_the_storage_keeps_does_not_keep_the_others(
    film: ContentMain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(film, tmp_path)
    publish(film, tmp_path)
    delete_folder = storage.delete_folder

    def refuse_first(name: str) -> None:
        if name.endswith("/v1"):
            raise StorageError(name)
        delete_folder(name)

    monkeypatch.setattr(storage, "delete_folder", refuse_first)
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=True):
        assert retiring.remove_due() == 1
        assert held() == {"v1", "v3"}
        assert Rendition.objects.filter(version=1).exists()
        monkeypatch.undo()
        assert retiring.remove_due() == 1
    assert held() == {"v3"}


def test_files_of_a_deleted_item_need_nobody_to_remember_them(film: ContentMain, owner: User, tmp_path: Path) -> None:
    publish(film, tmp_path)
    versions.delete(content=film, actor=owner)
    assert not RetiredFiles.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_hourly_sweep_goes_on_to_its_end_whatever_it_lets_by(owner: User, tmp_path: Path) -> None:
    """Between two of them the task runs what waits, and that closes the connection."""
    for title in ("one", "two", "three"):
        film = make_video(owner, title=title, status=ContentStatus.PROCESSING, duration_seconds=60)
        publish(film, tmp_path)
        publish(film, tmp_path)
        uploads.create_upload(owner=owner, total_bytes=10, metadata="")
    RetiredFiles.objects.update(remove_after=timezone.now())
    Upload.objects.update(expires_at=timezone.now())
    orphan = f"{storage.version_folder(film.public_id, 9)}/360p.mp4"
    (tmp_path / "one").write_bytes(b"x")
    storage.put_file(tmp_path / "one", orphan)
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=True):
        tasks.sweep()
    assert not RetiredFiles.objects.exists()
    assert not Upload.objects.exists()
    assert held() == {"v2"}
