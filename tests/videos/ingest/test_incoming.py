"""A file on its way in lies alone in a folder, and leaves nothing when it is thrown away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import LazySettings

from videos.errors import InsufficientStorage, TooLarge
from videos.ingest import incoming, space
from videos.ingest.incoming import IncomingFile


def test_pieces_are_written_in_order(settings: LazySettings) -> None:
    file = IncomingFile()
    file.append([b"one ", b"two "])
    file.append([b"", b"three"])
    file.finish()
    assert file.path.read_bytes() == b"one two three"
    assert file.bytes == 13
    assert file.path.parent.parent == Path(settings.INCOMING_DIR)
    assert [path.name for path in file.folder.iterdir()] == ["original"]
    assert file.path.stat().st_mode & 0o777 == 0o640


def test_a_discarded_file_is_gone_and_stays_gone() -> None:
    file = IncomingFile()
    file.append([b"x"])
    file.discard()
    file.discard()
    assert not file.folder.exists()


def test_a_file_that_was_taken_leaves_only_its_folder_to_remove(tmp_path: Path) -> None:
    file = IncomingFile()
    file.append([b"x"])
    file.finish()
    file.path.rename(tmp_path / "taken")
    file.discard()
    assert (tmp_path / "taken").read_bytes() == b"x"
    assert not file.folder.exists()


def test_a_full_disk_has_its_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "open_new", lambda *_path_and_flags: os.open("/dev/full", os.O_WRONLY))
    file = IncomingFile()
    with pytest.raises(InsufficientStorage):
        file.append([b"x"])
    file.discard()


def test_the_limit_holds_while_the_file_grows(settings: LazySettings) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    file = IncomingFile()
    file.append([b"x" * 10])
    with pytest.raises(TooLarge):
        file.append([b"x"])
    file.discard()


@pytest.mark.parametrize(
    ("declared", "limit", "reserve", "refusal"),
    [
        (None, 0, 0, None),
        (1000, 0, 0, None),
        (1000, 1000, 0, None),
        (1001, 1000, 0, TooLarge),
        (1 << 60, 0, 0, InsufficientStorage),
        (None, 0, 1 << 60, InsufficientStorage),
        (1, 1000, 1 << 60, InsufficientStorage),
    ],
)
def test_room_and_limit_are_asked_before_the_first_byte(
    settings: LazySettings, declared: int | None, limit: int, reserve: int, refusal: type[Exception] | None
) -> None:
    settings.UPLOAD_MAX_BYTES, settings.DISK_RESERVE_BYTES = limit, reserve
    if refusal is None:
        space.refuse_early(declared)
    else:
        with pytest.raises(refusal):
            space.refuse_early(declared)
