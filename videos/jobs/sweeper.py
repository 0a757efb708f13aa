"""Local folders of attempts and arrivals, and their removal when whoever made them could not."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog
from django.conf import settings

from videos.models import Step, StepState

log = structlog.get_logger(__name__)

LEFT_OVER_AFTER_SECONDS = 24 * 3600


def scratch_folder(step: Step) -> Path:
    """Where this attempt at the step may write."""
    return Path(settings.SCRATCH_DIR) / step.job.public_id / f"{step.name}.{step.fence}"


def sweep() -> int:
    """Removes folders of dead attempts and abandoned arrivals in which nothing has changed for a day. Returns how
    many. Safe at any time."""
    living = {scratch_folder(step) for step in Step.objects.filter(state=StepState.RUNNING).select_related("job")}
    old = [
        folder for folder in _folders(Path(settings.SCRATCH_DIR), depth=2) if folder not in living and _is_old(folder)
    ]
    old += [folder for folder in _folders(Path(settings.INCOMING_DIR), depth=1) if _is_old(folder)]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
        log.info("removed what was left over", folder=str(folder))
    for job_folder in _folders(Path(settings.SCRATCH_DIR), depth=1):
        if _is_old(job_folder):
            with suppress(OSError):  # attempts live in it
                job_folder.rmdir()
    return len(old)


def _folders(root: Path, *, depth: int) -> Iterator[Path]:
    return (path for path in root.glob("/".join("*" * depth)) if path.is_dir() and not path.is_symlink())


def _is_old(folder: Path) -> bool:
    """Nothing in it was written for a day."""
    newest = 0.0
    with suppress(OSError):  # it went away while we looked
        newest = max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
    return 0 < newest < time.time() - LEFT_OVER_AFTER_SECONDS
