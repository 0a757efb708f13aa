"""Accepting a film is all or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import DatabaseError

from accounts.models import User
from videos import storage
from videos.errors import EmptyFile, FileGone
from videos.ingest.accept import accept_source
from videos.ingest.files import ReceivedFile
from videos.jobs.plans import TRANSCODE_STEPS
from videos.models import (
    AuditStatus,
    ContentKind,
    ContentMain,
    ContentStatus,
    Job,
    JobKind,
    Source,
    StepState,
)

FILM = b"a film" * 1000

pytestmark = pytest.mark.django_db


@pytest.fixture
def received(tmp_path: Path) -> ReceivedFile:
    folder = tmp_path / "incoming" / "0123"
    folder.mkdir(parents=True)
    (folder / "original").write_bytes(FILM)
    return ReceivedFile(folder / "original", "nine_kinds_of_rain.mp4", len(FILM))


@pytest.mark.usefixtures("media_place")
def test_an_accepted_film_waits_for_its_worker_and_its_moderator(owner: User, received: ReceivedFile) -> None:
    content = accept_source(owner=owner, received=received, title=" Rain ", description="Wet.")
    content.refresh_from_db()
    assert (content.kind, content.title, content.description) == (ContentKind.VOD, "Rain", "Wet.")
    assert (content.status, content.audit_status) == (ContentStatus.PROCESSING, AuditStatus.PENDING)
    assert content.version is None
    assert (content.source.filename, content.source.bytes) == ("nine_kinds_of_rain.mp4", len(FILM))
    assert storage.read(storage.source_name(content.public_id, content.source.token)) == FILM
    assert not received.path.exists()
    job = Job.objects.get(content=content)
    assert (job.kind, job.owner) == (JobKind.TRANSCODE, owner)
    steps = [(step.name, step.lane, step.state) for step in job.steps.order_by("position")]
    states = [StepState.QUEUED, *[StepState.WAITING] * (len(TRANSCODE_STEPS) - 1)]
    assert steps == [(plan.name, plan.lane, state) for plan, state in zip(TRANSCODE_STEPS, states, strict=True)]


@pytest.mark.parametrize(
    ("filename", "title"),
    [("nine_kinds_of_rain.mp4", "nine kinds of rain"), (".mp4", "Untitled"), ("x" * 300, "x" * 200)],
)
def test_a_film_without_a_title_is_named_after_its_file(
    owner: User, received: ReceivedFile, filename: str, title: str
) -> None:
    renamed = ReceivedFile(received.path, filename, received.bytes)
    assert accept_source(owner=owner, received=renamed, title="  ").title == title


def test_an_empty_file_is_refused_where_it_lies(owner: User, received: ReceivedFile) -> None:
    with pytest.raises(EmptyFile):
        accept_source(owner=owner, received=ReceivedFile(received.path, "x.mp4", 0))
    assert received.path.exists()
    assert not ContentMain.objects.exists()


def test_a_file_that_is_gone_makes_no_row(owner: User, received: ReceivedFile) -> None:
    received.path.unlink()
    with pytest.raises(FileGone):
        accept_source(owner=owner, received=received)
    assert not ContentMain.objects.exists()


@pytest.mark.usefixtures("media_place")
def test_a_transaction_that_fails_takes_the_file_along(
    owner: User, received: ReceivedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    public_id = "onlyOneItem"
    monkeypatch.setattr("videos.ingest.accept.new_public_id", lambda: public_id)

    def refused(**_arguments: object) -> None:
        raise DatabaseError

    monkeypatch.setattr("videos.ingest.accept.create_job", refused)
    with pytest.raises(DatabaseError):
        accept_source(owner=owner, received=received)
    assert not ContentMain.objects.exists()
    assert not Source.objects.exists()
    assert list(storage.list_names(storage.item_folder(public_id))) == []
