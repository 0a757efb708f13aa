"""Versions that were replaced before replaced files had rows of their own get theirs, and go when they are due."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from accounts.models import User
from tests.videos.factories import make_video
from videos.models import ContentMain, ContentStatus, Rendition, RetiredFiles

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MIGRATION = import_module("videos.migrations.0006_superseded_versions")


def test_each_replaced_version_is_written_down_once(owner: User) -> None:
    content = make_video(owner, duration_seconds=10 * 3600.0)
    bare = {"codecs": "x", "average_bps": 1, "peak_bps": 1, "duration_seconds": 1, "bytes": 1}
    Rendition.objects.create(content=content, version=1, label="360p", kind="rung", **bare)
    ContentMain.objects.filter(pk=content.pk).update(version=2)
    make_video(owner)
    make_video(owner, status=ContentStatus.FAILED)
    for _ in range(2):
        MIGRATION.write_down(apps, None)
    retired = RetiredFiles.objects.get()
    assert (retired.content, retired.name) == (content, f"items/{content.public_id}/v1")
    assert retired.remove_after > timezone.now() + timedelta(hours=39)
