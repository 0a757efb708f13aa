"""Finishes an upload in a process of its own, which is killed at a given moment: `… -m <this> <id> <moment>`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest


def die(*_arguments: object, **_named: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(public_id: str, moment: str) -> None:
    import django

    django.setup()
    from videos import storage
    from videos.ingest import uploads
    from videos.models import Upload

    move = storage.take_in_source

    def move_and_die(path: Path, name: str) -> None:
        move(path, name)
        die()

    doomed = {
        "moved": ("videos.storage.take_in_source", move_and_die),
        "in the transaction": ("videos.ingest.accept.create_job", die),
        "committed": ("videos.ingest.partial.UploadFolder.remove", die),
    }
    pytest.MonkeyPatch().setattr(*doomed[moment])
    owner = Upload.objects.select_related("owner").get(public_id=public_id).owner
    with uploads.held(owner=owner, public_id=public_id) as part:
        uploads.finish_if_whole(part)


if __name__ == "__main__":
    main(*sys.argv[1:])
