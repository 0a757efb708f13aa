"""A quota counts what is stored and what was announced, and parallel requests cannot both take the last of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.conf import LazySettings
from django.db import connections

from accounts.models import User
from videos.ingest import quota, uploads
from videos.ingest.accept import accept_source
from videos.ingest.files import ReceivedFile
from videos.ingest.partial import UploadFolder
from videos.ingest.refusals import QuotaExceeded, TooManyUploads
from videos.models import ContentMain, ReplacedSource, Source, Upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture(autouse=True)
def thousand(settings: LazySettings) -> None:
    settings.UPLOAD_QUOTA_BYTES = 1000


def arrived(folder: Path, file_bytes: int) -> ReceivedFile:
    folder.mkdir(parents=True)
    (folder / "original").write_bytes(b"x" * file_bytes)
    return ReceivedFile(folder / "original", "rain.mp4", file_bytes)


def announce(owner: User, total_bytes: int) -> Upload:
    return uploads.create_upload(owner=owner, total_bytes=total_bytes, metadata="")


@pytest.mark.parametrize("kind", ["announced", "whole forms", "both"])
def test_ten_at_once_never_take_more_than_there_is(owner: User, tmp_path: Path, kind: str) -> None:
    together = Barrier(10)

    def take(number: int) -> bool:
        try:
            together.wait(10)
            if kind == "announced" or (kind == "both" and number % 2):
                announce(owner, 600)
            else:
                accept_source(owner=owner, received=arrived(tmp_path / "incoming" / str(number), 600))
        except QuotaExceeded:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(10) as pool:
        taken = list(pool.map(take, range(10)))
    assert sum(taken) == 1
    assert quota.used_bytes(owner) == 600
    assert Upload.objects.count() + Source.objects.count() == 1
    assert len([path for path in (tmp_path / "media").rglob("*") if path.is_file()]) == Source.objects.count()


def test_a_finished_upload_counts_once(owner: User) -> None:
    upload = announce(owner, 600)
    UploadFolder(upload.token).path.write_bytes(b"x" * 600)
    with uploads.held(owner=owner, public_id=upload.public_id) as part:
        uploads.finish_if_whole(part)
    assert quota.used_bytes(owner) == 600
    assert ContentMain.objects.count() == 1
    announce(owner, 400)
    with pytest.raises(QuotaExceeded):
        announce(owner, 1)


def test_what_waits_to_be_replaced_counts_until_it_goes(owner: User, tmp_path: Path) -> None:
    film = accept_source(owner=owner, received=arrived(tmp_path / "incoming" / "1", 600))
    ReplacedSource.objects.create(content=film, token="0123abcd", filename="b.mp4", bytes=300)
    assert quota.used_bytes(owner) == 900
    assert quota.freed_bytes(owner, film) == 900
    with pytest.raises(QuotaExceeded):
        announce(owner, 101)


def test_each_has_a_quota_of_their_own(owner: User, member: User) -> None:
    announce(owner, 1000)
    announce(member, 1000)


def test_staff_have_none(moderator: User) -> None:
    announce(moderator, 5000)


def test_no_quota_is_no_limit(owner: User, settings: LazySettings) -> None:
    settings.UPLOAD_QUOTA_BYTES = 0
    announce(owner, 5000)


def test_nobody_has_any_number_of_unfinished_uploads(owner: User, settings: LazySettings) -> None:
    settings.UPLOADS_UNFINISHED = 2
    first, _second = announce(owner, 1), announce(owner, 1)
    with pytest.raises(TooManyUploads) as refused:
        announce(owner, 1)
    assert (refused.value.code, refused.value.extra) == ("too_many_uploads", {"most": 2})
    uploads.terminate(first)
    announce(owner, 1)
    owner.is_staff = True
    announce(owner, 1)
    owner.is_staff = False
    settings.UPLOADS_UNFINISHED = 0
    announce(owner, 1)
