"""Whatever happens to parts, an upload is a prefix of its film, and no longer than what it has told before."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from videos.ingest.partial import PartFile, UploadFolder, UploadLock, locked
from videos.ingest.refusals import ChecksumMismatch, PartTooLong, UploadLocked
from videos.ingest.tus import Checksum

FILM = bytes(range(256)) * 4
LENGTHS = st.integers(0, 400)


class Upload(RuleBasedStateMachine):
    """Parts come, break off, are wrong, are too long, and the server dies; the model is one number."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="matinee-test-"))
        self.settings = override_settings(INCOMING_DIR=self.place, DISK_RESERVE_BYTES=0)
        self.settings.enable()
        self.folder = UploadFolder("token")
        self.folder.make()
        self.offset = 0

    def teardown(self) -> None:
        self.settings.disable()
        shutil.rmtree(self.place)

    def begin(self, length: int, *, has_checksum: bool, is_right: bool = True) -> PartFile:
        """A part whose bytes have been written, but for its end."""
        assert self.folder.settle() == self.offset
        piece = FILM[self.offset : self.offset + length]
        said = hashlib.sha1(piece if is_right else piece + b"?").digest()
        checksum = Checksum("sha1", said) if has_checksum else None
        part = PartFile(self.folder, offset=self.offset, total_bytes=len(FILM), checksum=checksum)
        part.append([piece[: length // 2], piece[length // 2 :]])
        return part

    @rule(length=LENGTHS, has_checksum=st.booleans())
    def comes_whole(self, length: int, has_checksum: bool) -> None:
        part = self.begin(length, has_checksum=has_checksum)
        part.finish()
        self.offset = part.bytes

    @rule(length=LENGTHS, has_checksum=st.booleans())
    def breaks_off(self, length: int, has_checksum: bool) -> None:
        part = self.begin(length, has_checksum=has_checksum)
        part.keep()
        self.offset = self.offset if has_checksum else part.bytes

    @rule(length=LENGTHS)
    def arrives_damaged(self, length: int) -> None:
        part = self.begin(length, has_checksum=True, is_right=False)
        with pytest.raises(ChecksumMismatch):
            part.finish()
        part.discard()

    @rule(has_checksum=st.booleans())
    def is_too_long(self, has_checksum: bool) -> None:
        part = self.begin(len(FILM), has_checksum=has_checksum)
        with pytest.raises(PartTooLong):
            part.append([b"x"])
        part.discard()

    @rule(length=LENGTHS, has_checksum=st.booleans())
    def the_server_dies(self, length: int, has_checksum: bool) -> None:
        part = self.begin(length, has_checksum=has_checksum)
        os.close(part._open_descriptor)
        self.offset = self.offset if has_checksum else part.bytes
        assert self.folder.size() == self.offset

    @precondition(lambda self: self.offset)
    @rule()
    def is_looked_at(self) -> None:
        assert self.folder.settle() == self.folder.size() == self.offset

    @invariant()
    def it_is_a_prefix(self) -> None:
        assert self.folder.size() == self.offset
        assert self.folder.path.read_bytes()[: self.offset] == FILM[: self.offset]


TestUpload = Upload.TestCase
TestUpload.settings = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def folder(settings: LazySettings) -> UploadFolder:
    made = UploadFolder("token")
    made.make()
    return made


def test_the_lock_is_one_persons_and_says_that_others_wait(folder: UploadFolder) -> None:
    mine, theirs = UploadLock(folder), UploadLock(folder)
    assert (mine.try_acquire(), mine.is_wanted) == (True, False)
    assert (theirs.try_acquire(), mine.is_wanted) == (False, True)
    mine.release()
    assert (theirs.try_acquire(), theirs.is_wanted) == (True, False)
    mine.release()  # twice is no harm to whoever has it now
    assert (mine.try_acquire(), theirs.is_wanted) == (False, True)
    theirs.release()


def test_who_waits_in_vain_is_told(folder: UploadFolder) -> None:
    with locked(folder), pytest.raises(UploadLocked):
        locked(folder, wait_seconds=0.05).__enter__()
    with locked(folder, wait_seconds=0):
        assert folder.size() == 0


def test_a_folder_that_was_never_made_has_no_size(folder: UploadFolder) -> None:
    assert folder.settle() == 0
    folder.remove()
    folder.remove()
    assert folder.size() is None
    assert folder.settle() is None
