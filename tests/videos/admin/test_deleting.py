"""Deleting videos in the admin: rows, work and files go, item by item, and the trail tells of each."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from tests.videos.factories import make_video
from videos import storage
from videos.jobs.plans import TRANSCODE_STEPS
from videos.jobs.queue import create_job
from videos.models import ContentMain, Job, JobKind
from videos.publishing import versions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

QUEUE = "/admin/videos/contentmain/"


@pytest.fixture
def chief(client: Client, admin: User) -> Client:
    """The administrator's browser."""
    client.force_login(admin)
    return client


def made(owner: User, title: str = "Nine Kinds of Rain") -> tuple[ContentMain, str]:
    """An item with its job and a file, and the file's name in the storage."""
    content = make_video(owner, title=title)
    create_job(owner=owner, content=content, kind=JobKind.TRANSCODE, parameters={}, steps=TRANSCODE_STEPS)
    return content, default_storage.save(storage.source_name(content.public_id, "token"), ContentFile(b"film"))


def test_the_administrator_deletes_a_video_with_all_that_is_its(chief: Client, admin: User, owner: User) -> None:
    content, file = made(owner)
    address = reverse("admin:videos_contentmain_delete", args=[content.pk])
    asked = chief.get(address).content.decode()
    assert "1 job" in asked
    assert "permission" not in asked
    answer = chief.post(address, {"post": "yes"}, follow=True)
    assert "was deleted successfully" in answer.content.decode()
    assert not ContentMain.objects.exists()
    assert not Job.objects.exists()
    assert not default_storage.exists(file)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target) == (admin, "video.delete", f"video:{content.public_id}")


def test_many_go_in_a_bulk_action_each_with_its_files_and_an_entry(
    chief: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [made(owner, title=f"Film {number}") for number in range(3)]
    in_one_transaction: list[bool] = []
    delete = versions.delete

    def watched(*, content: ContentMain, actor: User) -> None:
        in_one_transaction.append(transaction.get_connection().in_atomic_block)
        delete(content=content, actor=actor)

    monkeypatch.setattr(versions, "delete", watched)
    form = {"action": "delete_selected", "_selected_action": [content.pk for content, _file in pairs]}
    asked = chief.post(QUEUE, form).content.decode()
    assert all(content.title in asked for content, _file in pairs)
    assert ContentMain.objects.count() == 3
    chief.post(QUEUE, {**form, "post": "yes"})
    assert not ContentMain.objects.exists()
    assert not any(default_storage.exists(file) for _content, file in pairs)
    assert AuditEntry.objects.filter(action="video.delete").count() == 3
    assert in_one_transaction == [False] * 3


def test_moderators_who_may_not_delete_delete_nothing(client: Client, moderator: User, owner: User) -> None:
    client.force_login(moderator)
    content, file = made(owner)
    assert (
        client.post(reverse("admin:videos_contentmain_delete", args=[content.pk]), {"post": "yes"}).status_code == 403
    )
    client.post(QUEUE, {"action": "delete_selected", "_selected_action": [content.pk], "post": "yes"})
    assert ContentMain.objects.exists()
    assert default_storage.exists(file)


def test_staff_who_may_delete_videos_need_no_right_to_delete_jobs(client: Client, moderator: User, owner: User) -> None:
    moderator.user_permissions.add(Permission.objects.get(codename="delete_contentmain"))
    client.force_login(moderator)
    content, _file = made(owner)
    client.post(reverse("admin:videos_contentmain_delete", args=[content.pk]), {"post": "yes"})
    assert not ContentMain.objects.exists()


def test_no_video_is_deleted_by_a_form_from_elsewhere(admin: User, owner: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    content, _file = made(owner)
    assert (
        strict.post(reverse("admin:videos_contentmain_delete", args=[content.pk]), {"post": "yes"}).status_code == 403
    )
    assert ContentMain.objects.exists()
