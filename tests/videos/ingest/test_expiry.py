"""Uploads that lay still go and free what they reserved; those that live, or have come whole, do not."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.utils import timezone

from accounts import deletion
from accounts.models import User
from videos import storage, tasks
from videos.errors import StorageError
from videos.ingest import expiry, partial, quota, uploads
from videos.ingest.partial import UploadFolder
from videos.jobs import sweeper
from videos.models import ContentMain, Upload

pytestmark = pytest.mark.django_db

LONG_AGO = time.time() - 3 * 86_400


@pytest.fixture
def begun(owner: User) -> Upload:
    """Three bytes of ten have come."""
    upload = uploads.create_upload(owner=owner, total_bytes=10, metadata="")
    UploadFolder(upload.token).path.write_bytes(b"xyz")
    return upload


def expire() -> None:
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["task", "command"])
def test_what_lay_still_goes(begun: Upload, owner: User, settings: LazySettings, who: str) -> None:
    expire()
    if who == "task":
        tasks.sweep()
    else:
        listed = StringIO()
        call_command("sweep", dry_run=True, stdout=listed)
        assert begun.public_id in listed.getvalue()
        assert Upload.objects.exists()
        call_command("sweep", stdout=StringIO())
    assert not Upload.objects.exists()
    assert not list(Path(settings.INCOMING_DIR).glob("*"))
    assert quota.used_bytes(owner) == 0


def test_what_lives_stays_however_old_its_files(begun: Upload) -> None:
    folder = UploadFolder(begun.token)
    for path in (folder.path, folder.folder):
        os.utime(path, (LONG_AGO, LONG_AGO))
    assert expiry.sweep() == 0
    assert sweeper.sweep() == 0
    assert folder.path.read_bytes() == b"xyz"


def test_what_no_row_names_goes_after_a_day(begun: Upload) -> None:
    folder = UploadFolder(begun.token)
    begun.delete()
    assert sweeper.sweep() == 0
    for path in (folder.path, folder.folder):
        os.utime(path, (LONG_AGO, LONG_AGO))
    assert sweeper.sweep() == 1
    assert not folder.folder.exists()


def test_what_somebody_writes_to_stays(begun: Upload) -> None:
    expire()
    with partial.locked(UploadFolder(begun.token)):
        assert expiry.sweep() == 0
    assert expiry.sweep() == 1


@pytest.mark.parametrize("is_expired", [False, True])
def test_what_has_come_whole_is_handed_over(begun: Upload, is_expired: bool) -> None:
    UploadFolder(begun.token).path.write_bytes(b"0123456789")
    if is_expired:
        expire()
    assert expiry.sweep() == 0
    content = ContentMain.objects.get()
    assert storage.read(storage.source_name(content.public_id, content.source.token)) == b"0123456789"


def test_what_could_not_be_handed_over_is_tried_again(begun: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    UploadFolder(begun.token).path.write_bytes(b"0123456789")
    expire()

    def silent(**_arguments: object) -> None:
        raise StorageError

    with monkeypatch.context() as broken:
        broken.setattr("videos.storage.take_in_source", silent)
        assert expiry.sweep() == 0
    assert expiry.sweep() == 0
    assert ContentMain.objects.count() == 1


def test_whole_films_of_closed_accounts_go(begun: Upload, owner: User) -> None:
    UploadFolder(begun.token).path.write_bytes(b"0123456789")
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert expiry.sweep() == 0
    expire()
    assert expiry.sweep() == 1
    assert not ContentMain.objects.exists()


def test_uploads_go_with_the_account(begun: Upload, owner: User, settings: LazySettings) -> None:
    deletion.delete_account(person=owner, actor=None)
    assert not Upload.objects.exists()
    folder = UploadFolder(begun.token)
    for path in (folder.path, folder.folder):
        os.utime(path, (LONG_AGO, LONG_AGO))
    assert sweeper.sweep() == 1
    assert not list(Path(settings.INCOMING_DIR).glob("*"))


def test_bytes_on_another_machine_are_not_judged(begun: Upload) -> None:
    UploadFolder(begun.token).remove()
    assert expiry.sweep() == 0
    assert not UploadFolder(begun.token).folder.exists()
    expire()
    assert expiry.sweep() == 1


def test_what_a_finished_upload_has_become_is_remembered_for_a_while(begun: Upload) -> None:
    UploadFolder(begun.token).path.write_bytes(b"0123456789")
    expiry.sweep()
    expiry.sweep()
    assert Upload.objects.get().is_finished
    expire()
    assert expiry.sweep() == 0
    assert not Upload.objects.exists()
    assert ContentMain.objects.exists()


def test_the_sweep_ends_when_it_may_not_go_on(begun: Upload, owner: User) -> None:
    uploads.create_upload(owner=owner, total_bytes=10, metadata="")
    expire()
    asked = iter([True, False])
    assert expiry.sweep(may_go_on=lambda: next(asked)) == 1
    assert Upload.objects.exclude(pk=begun.pk).exists()
