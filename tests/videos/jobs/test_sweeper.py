"""What dead attempts and broken uploads leave behind is removed; what lives is not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.videos.jobs.conftest import MakeJob, claim
from videos.jobs.sweeper import scratch_folder, sweep
from videos.models import Step

pytestmark = pytest.mark.django_db

TWO_DAYS_AGO = time.time() - 2 * 86_400


def made(folder: Path, *, age: float | None = TWO_DAYS_AGO) -> Path:
    """The folder with one file in it, both that old."""
    folder.mkdir(parents=True)
    (folder / "part").write_bytes(b"x")
    if age is not None:
        for path in (folder / "part", folder):
            os.utime(path, (age, age))
    return folder


def test_a_dead_attempt_goes_and_the_folder_of_its_job_with_it(settings: LazySettings) -> None:
    attempt = made(Path(settings.SCRATCH_DIR) / "abcdefghijk" / "ladder.1")
    assert sweep() == 1
    assert not attempt.exists()
    os.utime(attempt.parent, (TWO_DAYS_AGO, TWO_DAYS_AGO))
    sweep()
    assert not attempt.parent.exists()


def test_the_attempt_that_runs_stays_however_old(make_job: MakeJob) -> None:
    make_job("ladder")
    claimed = claim()
    folder = made(scratch_folder(Step.objects.select_related("job").get(pk=claimed.step_id)))
    assert sweep() == 0
    assert folder.exists()


def test_an_upload_that_broke_off_goes(settings: LazySettings) -> None:
    arrival = made(Path(settings.INCOMING_DIR) / "token")
    assert sweep() == 1
    assert not arrival.exists()


def test_what_was_written_today_stays(settings: LazySettings) -> None:
    fresh = made(Path(settings.INCOMING_DIR) / "token", age=None)
    os.utime(fresh, (TWO_DAYS_AGO, TWO_DAYS_AGO))  # the folder is old, the file in it is still growing
    assert sweep() == 0
    assert (fresh / "part").exists()


def test_nothing_to_sweep_is_no_fault() -> None:
    assert sweep() == 0


def test_a_link_is_not_followed_out_of_the_folder(settings: LazySettings, tmp_path: Path) -> None:
    precious = made(tmp_path / "precious")
    incoming = Path(settings.INCOMING_DIR)
    incoming.mkdir(parents=True)
    (incoming / "link").symlink_to(precious)
    sweep()
    assert (precious / "part").exists()
