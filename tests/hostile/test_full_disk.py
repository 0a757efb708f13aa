"""A disk with too little room, and one that ends in the middle of a step: nothing is begun that cannot be done, nothing
half done is left, and what waited goes on when there is room. On a real disk of a few megabytes."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from tests.media_samples import sample
from tests.videos.arrivals import accept, work
from videos.models import ContentStatus, Job, JobState, Lane, Step
from videos.publishing import fsck

pytestmark = pytest.mark.django_db(transaction=True)
MEGABYTE = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """`small_disk(bytes)`: a folder that is a disk of that size; called again it becomes so large."""
    libc = ctypes.CDLL(None, use_errno=True)
    folder = tmp_path / "disk"
    folder.mkdir()
    is_mounted = False

    def mount(size: int) -> Path:
        nonlocal is_mounted
        remount = 32 if is_mounted else 0
        if libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", remount, f"size={size}".encode()):
            pytest.skip(f"no disk of our own can be made here: {os.strerror(ctypes.get_errno())}")
        is_mounted = True
        return folder

    yield mount
    if is_mounted:
        assert libc.umount2(os.fsencode(folder), 2) == 0


def test_below_the_reserve_nothing_large_is_begun_and_all_else_goes_on(
    owner: User, tmp_path: Path, settings: LazySettings, small_disk: Callable[[int], Path], api: APIClient
) -> None:
    content = accept(owner, sample("no_audio.mp4"), tmp_path)
    settings.SCRATCH_DIR = small_disk(8 * MEGABYTE)
    settings.DISK_RESERVE_BYTES = 16 * MEGABYTE
    work()
    content.refresh_from_db()
    assert content.status == ContentStatus.AVAILABLE, "it was looked at, and plays as it is"
    waiting = Step.objects.filter(job__content=content, lane=Lane.ENCODE, state="queued")
    assert waiting
    assert {step.attempts for step in waiting} == {0}
    api.force_authenticate(owner)
    progress = api.get(f"/api/videos/{content.public_id}/progress/").json()
    assert (progress["state"], progress["waits_for"]["code"]) == ("queued", "waits_for_room")
    assert progress["waits_for"]["message"].startswith("There is too little space left")
    assert api.get("/readyz").json()["checks"]["disk"] != "ok"
    answer = api.post("/api/uploads/", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "10"})
    assert answer.status_code == 201, "uploads are asked about their own disk"

    small_disk(64 * MEGABYTE)
    assert work()
    assert Job.objects.get(content=content).state == JobState.DONE
    assert api.get(f"/api/videos/{content.public_id}/progress/").json()["waits_for"] is None


def test_a_disk_that_ends_in_the_middle_of_a_step(
    owner: User, tmp_path: Path, settings: LazySettings, small_disk: Callable[[int], Path]
) -> None:
    content = accept(owner, sample("film.avi"), tmp_path)
    settings.SCRATCH_DIR = small_disk(64 * 1024)
    settings.DISK_RESERVE_BYTES = 0
    work()
    step = Step.objects.filter(job__content=content, attempts__gt=0, state="queued").first()
    assert step is not None
    assert step.log[-1]["error"] in {"disk_full", "insufficient_storage"}
    assert step.not_before is not None
    assert not [path for path in Path(settings.SCRATCH_DIR).rglob("*") if path.is_file()], "what it wrote went at once"

    small_disk(64 * MEGABYTE)
    Step.objects.filter(job__content=content).update(not_before=timezone.now() - timedelta(seconds=1))
    work()
    assert Job.objects.get(content=content).state == JobState.DONE
    assert fsck.holds() == []
