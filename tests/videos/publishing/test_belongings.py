"""An account goes with its films: rows, files, cached segments, work; each told to the trail and to open pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.test import Client

from accounts import audit, deletion
from accounts.models import AuditEntry, User
from tests.videos.factories import make_video
from videos import storage
from videos.errors import StorageError
from videos.jobs import registry, runner
from videos.jobs.queue import StepPlan, create_job
from videos.models import ContentMain, Job, Lane, Source
from videos.publishing import versions
from videos.storage import media
from videos.streaming import segments

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def film(owner: User, folder: Path) -> ContentMain:
    """An item with a source, a version and a cut segment."""
    content = make_video(owner)
    source = Source.objects.create(content=content, filename="a.mp4", bytes=1)
    picture = folder / "one.jpg"
    picture.write_bytes(b"x")
    storage.put_file(picture, storage.source_name(content.public_id, source.token))
    storage.put_file(picture, f"{storage.version_folder(content.public_id, 1)}/master.m3u8")
    cached = segments._root() / content.public_id / "v1" / "720p" / "0.ts"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"x")
    return content


def stored(public_id: str) -> list[str]:
    """What storage still has of an item."""
    return list(storage.list_names(storage.item_folder(public_id)))


def test_a_person_with_films_cannot_be_deleted_past_the_service(owner: User) -> None:
    make_video(owner)
    with pytest.raises(ProtectedError):
        owner.delete()
    with pytest.raises(ProtectedError):
        User.objects.filter(pk=owner.pk).delete()


def test_every_film_goes_with_its_files_and_an_entry(
    owner: User, stranger: User, admin: User, tmp_path: Path, media_place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(versions, "item_changed", told.append)
    films = [film(owner, tmp_path).public_id for _ in range(3)]
    other = film(stranger, tmp_path)
    deletion.delete_account(person=owner, actor=admin)
    assert not User.objects.filter(username="owner").exists()
    assert list(ContentMain.objects.all()) == [other]
    for public_id in films:
        assert stored(public_id) == []
        assert not (segments._root() / public_id).exists()
    assert len(stored(other.public_id)) == 2
    assert sorted(told) == sorted(films)
    entries = AuditEntry.objects.filter(action="video.delete")
    assert sorted(entry.target for entry in entries) == sorted(f"video:{public_id}" for public_id in films)
    assert {(entry.actor, entry.detail["owner"]) for entry in entries} == {(admin, "owner")}
    assert AuditEntry.objects.get(action="user.delete").detail["videos"] == 3
    assert audit.verify() is None


def test_hundreds_of_films_go_one_by_one(owner: User, admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files follow the commit of their own item, not of all: nothing of this is one transaction."""
    for number in range(230):
        make_video(owner, title=str(number))
    left: list[int] = []

    def note(_public_id: str) -> None:
        assert not connection.in_atomic_block
        left.append(ContentMain.objects.count())

    monkeypatch.setattr(media, "delete_item", note)
    deletion.delete_account(person=owner, actor=admin)
    assert left == list(range(229, -1, -1))


def test_the_admin_s_page_deletes_films_outside_of_one_transaction(
    owner: User, admin: User, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public_id = film(owner, tmp_path).public_id
    is_atomic: list[bool] = []
    really_delete = storage.delete_item

    def note(name: str) -> None:
        is_atomic.append(connection.in_atomic_block)
        really_delete(name)

    monkeypatch.setattr(media, "delete_item", note)
    client.force_login(admin)
    assert "1 video with all its files" in client.get(f"/admin/accounts/user/{owner.pk}/delete/").content.decode()
    client.post(f"/admin/accounts/user/{owner.pk}/delete/", {"post": "yes"})
    assert not ContentMain.objects.exists()
    assert stored(public_id) == []
    assert is_atomic == [False]


def test_a_storage_that_does_not_answer_keeps_nobody_from_going(
    owner: User, admin: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = [film(owner, tmp_path).public_id for _ in range(2)]
    really_delete = storage.delete_item

    def fail_once(public_id: str) -> None:
        if public_id == films[0]:
            raise StorageError("away")
        really_delete(public_id)

    monkeypatch.setattr(media, "delete_item", fail_once)
    deletion.delete_account(person=owner, actor=admin)
    assert not User.objects.filter(username="owner").exists()
    assert [bool(stored(public_id)) for public_id in films] == [True, False]  # the sweep finds the first


def test_running_work_notices(owner: User, admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[bool] = []

    def work(context: runner.StepContext) -> None:
        deletion.delete_account(person=User.objects.get(pk=owner.pk), actor=admin)
        context.report(0.5)
        ended.append(context.should_stop())

    monkeypatch.setattr(registry, "_steps", {("drill", "work"): work})
    create_job(
        owner=owner, content=make_video(owner), kind="drill", parameters={}, steps=[StepPlan("work", Lane.QUICK)]
    )
    runner.drain(Lane.QUICK)
    assert ended == [True]
    assert not Job.objects.exists()


def test_work_on_somebody_else_s_film_goes_on_without_its_starter(owner: User, stranger: User, admin: User) -> None:
    job = create_job(
        owner=owner, content=make_video(stranger), kind="drill", parameters={}, steps=[StepPlan("work", Lane.QUICK)]
    )
    create_job(owner=owner, content=None, kind="drill", parameters={}, steps=[StepPlan("work", Lane.QUICK)])
    deletion.delete_account(person=owner, actor=admin)
    left = Job.objects.get()
    assert (left.pk, left.owner) == (job.pk, None)
