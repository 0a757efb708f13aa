"""Films that come in as if they had been uploaded, and workers that make them."""

from __future__ import annotations

import shutil
from pathlib import Path

from accounts.models import User
from videos.ingest.accept import accept_source
from videos.ingest.files import ReceivedFile
from videos.jobs import runner
from videos.models import ContentMain, Lane


def place_in(folder: Path) -> Path:
    """Where a file that has arrived lies; nothing yet."""
    place = folder / "incoming" / "token" / "original"
    place.parent.mkdir(parents=True)
    return place


def accept_at(owner: User, place: Path, filename: str = "film.mp4") -> ContentMain:
    """What lies there is accepted; the folder that it came in goes."""
    content = accept_source(owner=owner, received=ReceivedFile(place, filename, place.stat().st_size))
    place.parent.rmdir()
    return content


def accept(owner: User, clip: Path, folder: Path) -> ContentMain:
    """The clip comes in."""
    place = place_in(folder)
    shutil.copyfile(clip, place)
    return accept_at(owner, place, clip.name)


def work() -> int:
    """What two workers would do, one after the other, until both lanes are empty. Returns how many steps were run."""
    ran = 0
    while done := runner.drain(Lane.QUICK) + runner.drain(Lane.ENCODE):
        ran += done
    return ran
