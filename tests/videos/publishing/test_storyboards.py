"""A storyboard lies in storage whole, or not at all; on disk and in a bucket alike."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from accounts.models import User
from tests.videos.publishing.stills import art_of, do, item, job_of, rung_like, sample, work
from videos import storage
from videos.models import Artwork, ArtworkKind, ContentMain, JobState, StepState
from videos.publishing import leftovers, versions

pytestmark = pytest.mark.django_db(transaction=True)


def board_of(content: ContentMain) -> Artwork:
    return Artwork.objects.get(content=content, kind=ArtworkKind.STORYBOARD)


def test_it_is_made_from_the_smallest_rung(owner: User, tmp_path: Path, media_place: str) -> None:
    content = item(owner, rung_like(), tmp_path, has_rung=True)
    job = do(content, "storyboard")
    assert job.state == JobState.DONE
    assert job.steps.get().result == {"pictures": 4}
    board = board_of(content)
    assert (board.width_px, board.height_px, board.sheets) == (160, 90, 1)
    assert art_of(content) == [f"{board.token}-1.jpg", f"{board.token}.vtt"]
    facts = [storage.stat(storage.artwork_name(content.public_id, name)).bytes for name in board.filenames]
    assert board.bytes == sum(facts)
    listing = storage.read(storage.artwork_name(content.public_id, board.filename)).decode()
    assert listing.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n" + f"{board.token}-1.jpg#xywh=0,0,160,90\n")
    assert "rung-like" not in str(job.steps.get().log)
    assert any("180p.mp4" in word or "original" in word for word in job.steps.get().log[0]["argv"])


def test_it_is_made_from_the_source_where_there_is_no_rung(owner: User, tmp_path: Path) -> None:
    content = item(owner, sample("rotated.mp4"), tmp_path)
    do(content, "storyboard")
    assert (board_of(content).width_px, board_of(content).height_px) == (90, 160)


def test_sound_has_none(owner: User, tmp_path: Path) -> None:
    content = item(owner, sample("sound.m4a"), tmp_path)
    assert do(content, "storyboard").state == JobState.DONE
    assert not Artwork.objects.exists()


def test_a_newer_one_takes_the_place_of_the_older_with_all_its_files(owner: User, tmp_path: Path) -> None:
    content = item(owner, rung_like(), tmp_path, has_rung=True)
    do(content, "storyboard")
    before = board_of(content).token
    do(content, "storyboard")
    assert board_of(content).token != before
    assert art_of(content) == sorted(board_of(content).filenames)


def test_a_film_that_gives_none_is_done_without(owner: User, tmp_path: Path) -> None:
    content = item(owner, sample("no_audio.mp4"), tmp_path)
    source = content.source
    storage.put_file(sample("damaged.mp4"), storage.source_name(content.public_id, source.token))
    job = do(content, "storyboard")
    assert job.state == JobState.DONE
    assert job.steps.get().state == StepState.FAILED
    assert art_of(content) == []


def test_what_a_deleted_item_s_step_had_stored_is_taken_back(
    owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = item(owner, rung_like(), tmp_path, has_rung=True)
    really_put = storage.put_file

    def put_and_delete(path: Path, name: str) -> None:
        really_put(path, name)
        if name.endswith(".vtt"):
            versions.delete(content=content, actor=owner)

    monkeypatch.setattr(storage, "put_file", put_and_delete)
    job_of(content, "storyboard")
    work()
    assert list(storage.list_names(storage.item_folder(content.public_id))) == []


def test_the_sweep_knows_every_sheet(owner: User, tmp_path: Path) -> None:
    content = item(owner, rung_like(), tmp_path, has_rung=True)
    do(content, "storyboard")
    stray = tmp_path / "stray.jpg"
    stray.write_bytes(b"x")
    storage.put_file(stray, storage.artwork_name(content.public_id, f"{board_of(content).token}-2.jpg"))
    for name in storage.list_names(storage.item_folder(content.public_id)):
        os.utime(storage.local_path(name), (1, 1))
    found = [leftover.name.rpartition("/")[2] for leftover in leftovers.find() if "/art/" in leftover.name]
    assert found == [f"{board_of(content).token}-2.jpg"]
