"""How much room there is on the disks that the site writes to. The one place that asks."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from videos.storage.media import is_local


def free_bytes(folder: Path) -> int:
    """On the disk of the folder, or of the one in which it will be made."""
    return shutil.disk_usage(next(place for place in (folder, *folder.parents) if place.exists())).free


def is_short() -> bool:
    """Whether a disk of this machine has less than the reserve that the operator keeps: then nothing that takes much
    room is begun."""
    folders = [settings.INCOMING_DIR, settings.SCRATCH_DIR, *([settings.MEDIA_ROOT] if is_local() else [])]
    return any(free_bytes(Path(folder)) < settings.DISK_RESERVE_BYTES for folder in folders)
