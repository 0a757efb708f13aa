"""The words step: what a film's file brings along becomes captions and chapters of the item, and nothing of its owner's
is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import LazySettings

from accounts.models import User
from tests.videos.factories import make_video
from tests.videos.pipeline.webvtt import read_strictly
from tests.videos.worded import drawn_film, worded_film
from videos import storage
from videos.jobs import runner
from videos.jobs.queue import StepPlan, create_job
from videos.models import (
    Caption,
    CaptionOrigin,
    ContentMain,
    Job,
    JobKind,
    JobState,
    Lane,
    RetiredFiles,
    Source,
    Step,
)
from videos.models.source import new_token
from videos.pipeline import captions_in_file
from videos.pipeline.captions_in_file import ReadingLimits
from videos.pipeline.probe import probe
from videos.publishing import words

pytestmark = pytest.mark.django_db(transaction=True)


def take_in(owner: User, film: Path, folder: Path) -> ContentMain:
    """An item that has been probed."""
    facts = probe(film)
    content = make_video(owner, duration_seconds=facts.duration_seconds)
    copy = folder / f"in-{content.public_id}"
    shutil.copyfile(film, copy)
    source = Source.objects.create(
        content=content, token=new_token(), filename=film.name, bytes=film.stat().st_size, facts=facts.to_json()
    )
    storage.take_in_source(copy, storage.source_name(content.public_id, source.token))
    return content


def work(content: ContentMain) -> Job:
    """One job with this step alone."""
    plan = StepPlan("words", Lane.QUICK, is_optional=True)
    job = create_job(owner=content.owner, content=content, kind=JobKind.TRANSCODE, parameters={}, steps=[plan])
    runner.drain(Lane.QUICK)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    return job


def cue_texts(caption: Caption) -> list[str]:
    name = storage.words_name(caption.content.public_id, caption.filename)
    return [cue.marked for cue in read_strictly(storage.read(name))]


def test_captions_and_chapters_of_the_file_are_the_items(owner: User, tmp_path: Path, media_place: str) -> None:
    content = take_in(owner, worded_film(), tmp_path)
    work(content)
    found = {caption.language: caption for caption in Caption.objects.filter(content=content)}
    assert set(found) == {"en", "zh", "de"}
    english, german = found["en"], found["de"]
    assert (english.label, english.is_default, english.is_forced, english.track) == ("SDH", True, False, 1)
    assert (german.is_default, german.is_forced, german.cues) == (False, True, 2)
    assert {caption.origin for caption in found.values()} == {CaptionOrigin.FILE}
    assert cue_texts(found["zh"]) == ["你好，<b>世界</b>", "<i>第二行</i>\n<i>换行</i>"]
    chapters = list(content.chapters.values_list("start_seconds", "title"))
    assert chapters == [(0.0, "Rain"), (1.5, "Sun")]
    content.refresh_from_db()
    assert content.words_revision == 1


def test_another_run_brings_new_words_and_keeps_what_was_said_about_them(owner: User, tmp_path: Path) -> None:
    content = take_in(owner, worded_film(), tmp_path)
    work(content)
    uploaded = words.add_captions(
        content=content, file=b"00:00:01,000 --> 00:00:02,000\nmine\n", language="en", is_default=True
    )
    english = Caption.objects.get(content=content, language="en", origin=CaptionOrigin.FILE)
    words.change_captions(caption=english, changes={"label": "for the deaf"})
    words.set_chapters(content=content, chapters=[(1.0, "My own")])
    Caption.objects.get(content=content, language="de").delete()
    work(content)
    again = Caption.objects.get(pk=english.pk)
    assert again.token != english.token
    assert (again.label, again.is_default) == ("for the deaf", False)
    assert cue_texts(again)[0] == "Hello <i>you</i>"
    assert Caption.objects.get(pk=uploaded.pk).is_default
    assert Caption.objects.filter(content=content).count() == 4
    assert list(content.chapters.values_list("title", flat=True)) == ["My own"]
    old = storage.words_name(content.public_id, english.filename)
    assert RetiredFiles.objects.filter(name=old).exists(), "a page that is open may still read them"
    assert storage.exists(old)
    words.reset_chapters(content=content)
    assert list(content.chapters.values_list("title", flat=True)) == ["Rain", "Sun"]


def test_captions_that_are_pictures_are_told_and_left_out(owner: User, tmp_path: Path) -> None:
    content = take_in(owner, drawn_film(), tmp_path)
    job = work(content)
    result = Step.objects.get(job=job).result
    assert (result["captions"], result["not_text"]) == (0, ["hdmv_pgs_subtitle"])
    assert not Caption.objects.exists()


def test_a_film_that_takes_too_long_to_read_is_read_as_far_as_it_goes(
    owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        ReadingLimits.__init__, "__defaults__", (-1.0, *(ReadingLimits.__init__.__defaults__ or ())[1:])
    )
    content = take_in(owner, worded_film(), tmp_path)
    result = Step.objects.get(job=work(content)).result
    assert result["stopped_at_seconds"] == pytest.approx(0, abs=0.1)
    assert result["chapters"] == 2
    assert content.chapters.count() == 2


def test_a_file_that_cannot_be_read_any_more_has_no_words(owner: User, tmp_path: Path) -> None:
    content = take_in(owner, worded_film(), tmp_path)
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"\x00" * 4096)
    storage.take_in_source(garbage, storage.source_name(content.public_id, content.source.token))
    result = Step.objects.get(job=work(content)).result
    assert (result["captions"], result["no_captions"]) == (0, "not_a_video")


def test_what_an_attempt_that_ends_badly_has_stored_is_taken_back(
    owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    content = take_in(owner, worded_film(), tmp_path)

    def fail(*_arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(words, "note_change", fail)
    plan = StepPlan("words", Lane.QUICK)
    create_job(owner=owner, content=content, kind=JobKind.TRANSCODE, parameters={}, steps=[plan])
    runner.drain(Lane.QUICK)
    assert not Caption.objects.exists()
    assert [name for name in storage.list_names(storage.ITEMS) if "/words/" in name] == []


def test_how_long_reading_may_take() -> None:
    assert captions_in_file.ReadingLimits().seconds <= 8, "a step of the quick lane takes ten seconds at most"
