"""The demo films: three, different, with sound, through the same door as every upload, and made once."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from accounts.models import User
from videos import storage
from videos.models import AuditStatus, ContentMain, ContentStatus, Job, JobState, Source
from videos.pipeline import demo, sandbox
from videos.pipeline.errors import PipelineError
from videos.pipeline.ffmpeg import find_ffmpeg
from videos.pipeline.probe import probe

pytestmark = pytest.mark.django_db


def make(owner: str) -> list[str]:
    """What the command says, line by line."""
    said = io.StringIO()
    call_command("make_demo", "--owner", owner, stdout=said)
    return said.getvalue().splitlines()


def test_three_different_films_with_sound_come_in_once(owner: User, settings: LazySettings) -> None:
    assert len(make("owner")) == 3
    films = list(ContentMain.objects.order_by("pk"))
    facts = []
    for film in films:
        assert (film.owner, film.status, film.audit_status) == (owner, ContentStatus.PROCESSING, AuditStatus.PENDING)
        assert film.title
        assert film.description
        assert Job.objects.get(content=film).state == JobState.QUEUED
        source = Source.objects.get(content=film)
        with storage.source_file(storage.source_name(film.public_id, source.token)) as path:
            assert path.stat().st_size == source.bytes
            facts.append(probe(path))
    assert len({film.title for film in films}) == 3
    assert [fact.duration_seconds for fact in facts] == pytest.approx([14, 20, 9], abs=0.1)
    upright = [fact.video.display_height > fact.video.display_width for fact in facts if fact.video is not None]
    assert sorted(upright) == [False, False, True]
    assert all(fact.main_audio and fact.main_audio.duration_seconds > 8 for fact in facts)
    assert list(Path(settings.INCOMING_DIR).rglob("*.mp4")) == []

    assert make("owner") == []
    assert ContentMain.objects.count() == 3


def test_films_of_an_earlier_run_that_was_stopped_are_not_made_again(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = demo.CLIPS[-1]
    for clip in demo.CLIPS[:-1]:
        content = ContentMain.objects.create(owner=owner, title=clip.name)
        Source.objects.create(content=content, filename=f"{clip.name}.mp4", bytes=1)
    monkeypatch.setattr(demo, "CLIPS", demo.CLIPS[:-1])
    assert make("owner") == []
    monkeypatch.setattr(demo, "CLIPS", (last,))
    assert len(make("owner")) == 1


def test_an_unknown_owner_is_refused() -> None:
    with pytest.raises(CommandError, match="no account named nobody"):
        make("nobody")
    assert not ContentMain.objects.exists()


def test_a_clip_that_cannot_be_made_leaves_nothing(
    owner: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = demo.DemoClip("broken", "no_such_generator", "null", "0", 1)
    monkeypatch.setattr(demo, "CLIPS", (broken,))
    with pytest.raises((CommandError, PipelineError)):
        make(owner.username)
    assert list(Path(settings.INCOMING_DIR).iterdir()) == []
    assert not ContentMain.objects.exists()


def test_work_in_progress_lies_in_a_folder_that_the_sweep_looks_into(
    owner: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process is killed while ffmpeg writes: all there is lies in one folder of the arrivals."""

    def die(argv: list[str], **_: object) -> None:
        Path(argv[-1]).write_bytes(b"half")
        raise KeyboardInterrupt

    find_ffmpeg(settings.FFMPEG_BINARY or None)  # it is asked once what it can do, in the sandbox too
    monkeypatch.setattr(sandbox, "run", die)
    with pytest.raises(KeyboardInterrupt):
        make(owner.username)
    left = [path for path in Path(settings.INCOMING_DIR).rglob("*") if path.is_file()]
    assert [path.parent.parent for path in left] == [Path(settings.INCOMING_DIR)]
