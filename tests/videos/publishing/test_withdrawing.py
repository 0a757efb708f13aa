"""What was withdrawn is refused everywhere at once, keeps its files, and comes back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from tests.videos.factories import make_video
from videos import storage
from videos.errors import NotPermitted, WithdrawnByModerator
from videos.jobs.plans import TRANSCODE_STEPS
from videos.jobs.queue import create_job
from videos.models import ContentMain, ContentStatus, JobKind, Visibility
from videos.publishing import versions, withdrawing
from videos.streaming.grants import PUBLIC, Subject, SubjectKind
from videos.streaming.permission import may_fetch

pytestmark = pytest.mark.django_db


@pytest.fixture
def film(owner: User) -> ContentMain:
    return make_video(owner)


def account(person: User) -> Subject:
    return Subject(SubjectKind.ACCOUNT, person.public_id)


@pytest.mark.usefixtures("media_place")
def test_bytes_are_refused_and_files_stay(film: ContentMain, owner: User, moderator: User, tmp_path: Path) -> None:
    file = tmp_path / "one"
    file.write_bytes(b"x")
    storage.put_file(file, f"{storage.version_folder(film.public_id, 1)}/720p.mp4")
    assert may_fetch(film.public_id, PUBLIC)
    withdrawing.withdraw(content=film, actor=owner)
    assert not may_fetch(film.public_id, PUBLIC)
    assert not may_fetch(film.public_id, account(owner))
    assert may_fetch(film.public_id, account(moderator)), "who decides about it can look at it"
    withdrawing.restore(content=film, actor=owner)
    assert may_fetch(film.public_id, PUBLIC)
    assert len(list(storage.list_names(storage.ITEMS))) == 1
    actions = AuditEntry.objects.order_by("id").values_list("action", "actor_name")
    assert list(actions) == [("video.withdraw", "owner"), ("video.restore", "owner")]


def test_pages_and_api_say_so(film: ContentMain, owner: User, api: APIClient, client: Client) -> None:
    api.force_authenticate(owner)
    answer = api.post(f"/api/videos/{film.public_id}/withdraw/")
    assert (answer.status_code, answer.json()["status"]) == (200, ContentStatus.WITHDRAWN)
    assert api.post(f"/api/videos/{film.public_id}/withdraw/").status_code == 200
    assert api.get(f"/api/videos/{film.public_id}/playback/").json()["code"] == "withdrawn"
    guest = APIClient()
    assert guest.get(f"/api/videos/{film.public_id}/").status_code == 404
    assert guest.get("/api/videos/").json()["count"] == 0
    assert client.get(film.get_absolute_url()).status_code == 404
    client.force_login(owner)
    assert "This film is withdrawn." in client.get(film.get_absolute_url()).content.decode()
    answer = api.post(f"/api/videos/{film.public_id}/restore/")
    assert (answer.status_code, answer.json()["status"]) == (200, ContentStatus.AVAILABLE)
    assert guest.get("/api/videos/").json()["count"] == 1
    assert AuditEntry.objects.count() == 2


@pytest.mark.parametrize("move", ["withdraw", "restore"])
def test_others_are_refused(film: ContentMain, stranger: User, api: APIClient, move: str) -> None:
    address = f"/api/videos/{film.public_id}/{move}/"
    assert api.post(address).status_code == 401
    assert api.get(address).status_code == 405
    api.force_authenticate(stranger)
    assert (api.post(address).status_code, api.post(address).json()["code"]) == (403, "not_permitted")
    ContentMain.objects.filter(pk=film.pk).update(visibility=Visibility.PRIVATE)
    assert api.post(address).status_code == 404
    with pytest.raises(NotPermitted):
        (withdrawing.withdraw if move == "withdraw" else withdrawing.restore)(content=film, actor=stranger)
    assert not AuditEntry.objects.exists()


def test_what_a_moderator_withdrew_only_a_moderator_brings_back(
    film: ContentMain, owner: User, moderator: User, api: APIClient
) -> None:
    withdrawing.withdraw(content=film, actor=owner)
    withdrawing.withdraw(content=film, actor=moderator)
    withdrawing.withdraw(content=film, actor=owner)
    with pytest.raises(WithdrawnByModerator):
        withdrawing.restore(content=film, actor=owner)
    api.force_authenticate(owner)
    answer = api.post(f"/api/videos/{film.public_id}/restore/")
    assert (answer.status_code, answer.json()["code"]) == (403, "withdrawn_by_moderator")
    assert withdrawing.restore(content=film, actor=moderator).status == ContentStatus.AVAILABLE
    withdrawing.withdraw(content=film, actor=owner)
    assert withdrawing.restore(content=film, actor=owner).status == ContentStatus.AVAILABLE


def test_work_goes_on_and_shows_when_it_comes_back(owner: User) -> None:
    film = make_video(owner, status=ContentStatus.PROCESSING)
    create_job(owner=owner, content=film, kind=JobKind.TRANSCODE, parameters={}, steps=TRANSCODE_STEPS)
    withdrawing.withdraw(content=film, actor=owner)
    assert withdrawing.restore(content=film, actor=owner).status == ContentStatus.PROCESSING
    withdrawing.withdraw(content=film, actor=owner)
    versions.publish(content_id=film.pk, version=versions.allocate(film.pk), renditions=[])
    assert ContentMain.objects.get(pk=film.pk).status == ContentStatus.WITHDRAWN
    assert withdrawing.restore(content=film, actor=owner).status == ContentStatus.AVAILABLE


def test_what_had_failed_has_failed_again(owner: User) -> None:
    film = make_video(owner, status=ContentStatus.FAILED)
    withdrawing.withdraw(content=film, actor=owner)
    assert withdrawing.restore(content=film, actor=owner).status == ContentStatus.FAILED
