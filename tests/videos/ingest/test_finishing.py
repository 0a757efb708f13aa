"""However often, by however many, and after whatever crash an upload is finished: it makes one video."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connections

from accounts.models import User
from tests.databases import url_of_test_database
from videos import storage
from videos.errors import StorageError
from videos.ingest import expiry, uploads
from videos.ingest.accept import accept_upload
from videos.ingest.files import ReceivedFile
from videos.ingest.partial import UploadFolder
from videos.ingest.refusals import UploadUnknown
from videos.models import ContentMain, Job, Source, Upload

ROOT = Path(__file__).resolve().parents[3]
FILM = b"a film" * 1000

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def whole(owner: User) -> Upload:
    """An upload of which everything has come."""
    upload = uploads.create_upload(owner=owner, total_bytes=len(FILM), metadata="title UmFpbg==")
    UploadFolder(upload.token).path.write_bytes(FILM)
    return upload


def finish(upload: Upload) -> Upload:
    with uploads.held(owner=upload.owner, public_id=upload.public_id) as part:
        return uploads.finish_if_whole(part)


def assert_one_video(upload: Upload) -> None:
    """One item, source, job and file; the upload names it; nothing lies around."""
    content = ContentMain.objects.get()
    assert (content.title, content.owner) == ("Rain", upload.owner)
    assert Source.objects.get().bytes == len(FILM)
    assert Job.objects.get().content == content
    row = Upload.objects.get()
    assert (row.state, row.content, row.item_id) == ("finished", content, content.public_id)
    assert list(storage.list_names("items")) == [storage.source_name(content.public_id, content.source.token)]
    assert storage.read(storage.source_name(content.public_id, content.source.token)) == FILM
    assert not UploadFolder(upload.token).folder.exists()


@pytest.mark.usefixtures("media_place")
def test_finished_again_and_again_it_is_one_video(whole: Upload) -> None:
    named = {finish(whole).content for _ in range(3)}
    assert len(named) == 1
    assert_one_video(whole)


def test_finished_by_many_at_once_it_is_one_video(whole: Upload) -> None:
    """Without the lock on the folder too: another machine has another disk."""
    together = Barrier(8)
    received = ReceivedFile(UploadFolder(whole.token).path, whole.filename, whole.bytes)

    def finish_at_once(has_lock: bool) -> ContentMain | None:
        try:
            together.wait(10)
            return finish(whole).content if has_lock else accept_upload(whole, received)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        contents = list(pool.map(finish_at_once, [True, False] * 4))
    assert len(set(contents)) == 1
    assert contents[0] is not None
    assert_one_video(whole)


@pytest.mark.parametrize("moment", ["moved", "in the transaction", "committed"])
@pytest.mark.parametrize("then", ["the client asks", "the sweep comes by"])
def test_killed_while_finishing_it_is_one_video(whole: Upload, tmp_path: Path, moment: str, then: str) -> None:
    killed = subprocess.run(
        [sys.executable, "-m", "tests.videos.ingest.killed_finish", whole.public_id, moment],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), "DATABASE_URL": url_of_test_database()},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert ContentMain.objects.count() == (moment == "committed")
    if then == "the client asks":
        assert finish(whole).content == ContentMain.objects.get()
    else:
        assert expiry.sweep() == 0
    UploadFolder(whole.token).remove()  # what a process killed after its commit leaves is swept after a day
    assert_one_video(whole)


@pytest.mark.usefixtures("media_place")
def test_a_transaction_that_fails_keeps_the_film(whole: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_arguments: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr("videos.ingest.accept.create_job", refused)
        with pytest.raises(DatabaseError):
            finish(whole)
    assert not ContentMain.objects.exists()
    with uploads.held(owner=whole.owner, public_id=whole.public_id) as part:
        assert part.offset == len(FILM)
    finish(whole)
    assert_one_video(whole)


def test_a_storage_that_does_not_answer_keeps_the_film(whole: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(**_arguments: object) -> None:
        raise StorageError

    with monkeypatch.context() as broken:
        broken.setattr("videos.storage.take_in_source", silent)
        with pytest.raises(StorageError):
            finish(whole)
    finish(whole)
    assert_one_video(whole)


def test_an_account_that_is_closed_meanwhile_takes_the_film_along(whole: Upload) -> None:
    received = ReceivedFile(UploadFolder(whole.token).path, whole.filename, whole.bytes)
    Upload.objects.all().delete()
    with pytest.raises(UploadUnknown):
        accept_upload(whole, received)
    assert not ContentMain.objects.exists()
    assert list(storage.list_names("items")) == []


def test_given_up_after_a_crash_the_moved_film_goes_too(whole: Upload, settings: LazySettings) -> None:
    storage.take_in_source(path=UploadFolder(whole.token).path, name=storage.source_name(whole.item_id, whole.token))
    with uploads.held(owner=whole.owner, public_id=whole.public_id) as part:
        assert part.offset == len(FILM)
        uploads.terminate(part.upload)
    assert list(storage.list_names("items")) == []
    assert not list(Path(settings.INCOMING_DIR).glob("*"))


def test_the_video_may_be_deleted_later(whole: Upload) -> None:
    content = finish(whole).content
    assert content is not None
    content.jobs.all().delete()
    content.delete()
    assert finish(whole).content is None
    assert not ContentMain.objects.exists()
