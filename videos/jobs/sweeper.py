"""Local folders of attempts and arrivals, and their removal when whoever made them could not."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings

from videos import storage
from videos.models import Step, StepState, Upload, UploadState

log = structlog.get_logger(__name__)

LEFT_OVER_AFTER: Final = timedelta(hours=24)


def scratch_folder(step: Step) -> Path:
    """Where this attempt at the step may write."""
    return Path(settings.SCRATCH_DIR) / step.job.public_id / f"{_stem(step)}.{step.fence}"


def earlier_attempts(step: Step) -> Iterator[Path]:
    """Folders on this machine of attempts at the same step; those of steps beside it, of one name or not, are
    others'."""
    return scratch_folder(step).parent.glob(f"{_stem(step)}.*")


def _stem(step: Step) -> str:
    return f"{step.name}-{step.position}"


def find(*, untouched: timedelta = LEFT_OVER_AFTER) -> Iterator[Path]:
    """Folders of dead attempts and abandoned arrivals in which nothing has changed for so long. Resumable uploads have
    a life of their own (videos.ingest.expiry)."""
    running = Step.objects.filter(state=StepState.RUNNING).select_related("job")
    living = {scratch_folder(step) for step in running}
    # Copies of what lies in a bucket stand still while somebody reads them for hours.
    borrowed = Path(settings.SCRATCH_DIR) / storage.BORROWED if running.exists() else None
    for path in _names(Path(settings.SCRATCH_DIR), depth=2):
        if path.parent != borrowed and path not in living and _is_old(path, untouched):
            yield path
    resumable = Upload.objects.filter(state=UploadState.RECEIVING)
    for path in _names(Path(settings.INCOMING_DIR), depth=1):
        if _is_old(path, untouched) and not resumable.filter(token=path.name).exists():
            yield path


def sweep() -> int:
    """Removes what `find` finds and returns how many. Safe at any time; one that cannot be removed does not keep the
    others."""
    removed = 0
    for path in list(find()):
        try:
            remove(path)
        except OSError as error:
            log.warning("what is left over could not be removed", folder=str(path), error=str(error))
        else:
            removed += 1
            log.info("removed what was left over", folder=str(path))
    for job_folder in _names(Path(settings.SCRATCH_DIR), depth=1):
        if _is_old(job_folder, LEFT_OVER_AFTER):
            with suppress(OSError):  # attempts live in it
                job_folder.rmdir()
    return removed


def remove(path: Path) -> None:
    """What `find` has found. Raises OSError."""
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _names(root: Path, *, depth: int) -> Iterator[Path]:
    """What lies that deep; links are nobody's leftovers."""
    return (path for path in root.glob("/".join("*" * depth)) if not path.is_symlink())


def _is_old(path: Path, untouched: timedelta) -> bool:
    """Nothing in it was written for so long."""
    newest = 0.0
    with suppress(OSError):  # it went away while we looked
        newest = max(found.lstat().st_mtime for found in (path, *path.rglob("*")))
    return 0 < newest < time.time() - untouched.total_seconds()
