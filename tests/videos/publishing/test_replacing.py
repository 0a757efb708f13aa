"""Another file takes a film's place: it plays on until the new one is there; what nobody has approved is not shown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.db import transaction
from django.utils import timezone

from accounts.models import AuditEntry, User
from tests.media_samples import sample
from tests.videos.factories import make_video
from tests.videos.http.tus_client import metadata
from videos import storage
from videos.errors import ChangedMeanwhile, JobSuperseded, NotPermitted
from videos.ingest import uploads
from videos.ingest.partial import UploadFolder
from videos.ingest.refusals import QuotaExceeded, ReplacedUnknown, UploadUnknown
from videos.jobs import control, runner
from videos.models import (
    Artwork,
    AuditStatus,
    Caption,
    Chapter,
    ContentMain,
    ContentStatus,
    Job,
    JobState,
    Lane,
    Rendition,
    RenditionKind,
    ReplacedSource,
    RetiredFiles,
    Source,
    Step,
    Upload,
)
from videos.publishing import retiring, review, versions
from videos.publishing.review import Seen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def announce(actor: User, content: ContentMain, film: bytes) -> Upload:
    """An upload that is to replace the item's film, of which everything has come."""
    words = metadata(filename="better cut.mov", replaces=content.public_id)
    upload = uploads.create_upload(owner=actor, total_bytes=len(film), metadata=words)
    UploadFolder(upload.token).path.write_bytes(film)
    return upload


def finish(upload: Upload) -> Upload:
    with uploads.held(owner=upload.owner, public_id=upload.public_id) as part:
        return uploads.finish_if_whole(part)


def replace(actor: User, content: ContentMain, film: bytes = b"better") -> ContentMain:
    finish(announce(actor, content, film))
    content.refresh_from_db()
    return content


def publish(content: ContentMain) -> ContentMain:
    """The work at what is the source now ends well."""
    version = versions.allocate(content.pk)
    rung = Rendition(
        content=content, version=version, kind=RenditionKind.RUNG, label="360p", codecs="avc1.64001f", average_bps=1,
        peak_bps=1, duration_seconds=60, bytes=1,
    )  # fmt: skip
    with transaction.atomic():
        versions.publish(content_id=content.pk, version=version, renditions=[rung])
    return ContentMain.objects.get(pk=content.pk)


def put(name: str, tmp_path: Path) -> str:
    file = tmp_path / "one"
    file.write_bytes(b"old")
    storage.put_file(file, name)
    return name


@pytest.fixture
def film(owner: User, tmp_path: Path) -> ContentMain:
    """An approved film that plays, with its file."""
    content = make_video(owner)
    source = Source.objects.create(content=content, filename="first.mp4", bytes=3)
    put(storage.source_name(content.public_id, source.token), tmp_path)
    return content


def sources(content: ContentMain) -> set[str]:
    return {name.split("/")[3] for name in storage.list_names(storage.item_folder(content.public_id))
            if "/source/" in name}  # fmt: skip


@pytest.mark.usefixtures("media_place")
def test_the_film_plays_on_until_the_new_one_is_there_and_is_approved_anew(
    film: ContentMain, owner: User, moderator: User
) -> None:
    before = film.source.token
    replace(owner, film)
    after = Source.objects.get(content=film)
    assert (after.filename, after.bytes, after.facts) == ("better cut.mov", 6, None)
    assert (film.status, film.audit_status, film.version) == (ContentStatus.AVAILABLE, AuditStatus.APPROVED, 1)
    assert sources(film) == {before, after.token}
    assert Job.objects.get(content=film).state == JobState.QUEUED

    film = publish(film)
    assert (film.status, film.audit_status, film.version) == (ContentStatus.AVAILABLE, AuditStatus.PENDING, 2)
    assert not ReplacedSource.objects.exists()
    assert sources(film) == {before, after.token}, "whoever plays the original goes on with it"
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=True):
        assert retiring.remove_due() == 2
    assert sources(film) == {after.token}
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == ["video.replace", "video.review"]
    review.approve(content=film, moderator=moderator, seen=Seen.of(film))


def test_staff_need_nobody_s_approval(film: ContentMain, admin: User, settings: LazySettings) -> None:
    replace(admin, film)
    assert publish(film).audit_status == AuditStatus.APPROVED
    settings.STAFF_UPLOADS_APPROVED = False
    replace(admin, film)
    assert publish(film).audit_status == AuditStatus.PENDING


def test_no_picture_and_no_words_of_the_new_film_are_seen_before_it(film: ContentMain, owner: User) -> None:
    replace(owner, film)
    stages = dict(Step.objects.filter(job__content=film).values_list("name", "stage"))
    shown = {"poster", "words", "storyboard"} & stages.keys()
    assert shown
    assert min(stages[name] for name in shown) > max(stage for name, stage in stages.items() if name not in shown)


def test_a_decision_about_the_old_film_is_none_about_the_new_one(
    film: ContentMain, owner: User, moderator: User
) -> None:
    ContentMain.objects.filter(pk=film.pk).update(audit_status=AuditStatus.PENDING)
    film.refresh_from_db()
    replace(owner, film)
    seen = Seen.of(ContentMain.objects.get(pk=film.pk))
    publish(film)
    with pytest.raises(ChangedMeanwhile):
        review.approve(content=film, moderator=moderator, seen=seen)


def test_what_was_read_from_the_old_file_goes_and_what_people_made_stays(film: ContentMain, owner: User) -> None:
    Caption.objects.create(content=film, language="en", origin="file", track=1, cues=1, bytes=1)
    Caption.objects.create(content=film, language="de", origin="uploaded", cues=1, bytes=1)
    Chapter.objects.create(content=film, start_seconds=0, title="One")
    Artwork.objects.create(content=film, kind="storyboard", width_px=1, height_px=1, bytes=1, sheets=2)
    Artwork.objects.create(content=film, kind="poster", width_px=1, height_px=1, bytes=1, is_own=True)
    replace(owner, film)
    assert Caption.objects.count() == 2
    publish(film)
    assert list(Caption.objects.values_list("language", flat=True)) == ["de"]
    assert list(Artwork.objects.values_list("kind", flat=True)) == ["poster"]
    assert not Chapter.objects.exists()
    assert RetiredFiles.objects.filter(name__contains="/words/").count() == 1
    assert RetiredFiles.objects.filter(name__contains="/art/").count() == 3
    ContentMain.objects.filter(pk=film.pk).update(has_own_chapters=True)
    Chapter.objects.create(content=film, start_seconds=0, title="Mine")
    replace(owner, film)
    publish(film)
    assert Chapter.objects.exists()


@pytest.mark.usefixtures("media_place")
def test_a_file_that_is_no_film_leaves_the_item_as_it_was(film: ContentMain, owner: User) -> None:
    before = film.source.token
    replace(owner, film, b"this is no film at all")
    while runner.drain(Lane.QUICK):
        pass
    film.refresh_from_db()
    job = Job.objects.get(content=film)
    assert (job.state, job.error_code) == (JobState.FAILED, "not_a_video")
    assert (film.status, film.audit_status, film.version) == (ContentStatus.AVAILABLE, AuditStatus.APPROVED, 1)
    source = Source.objects.get(content=film)
    assert (source.token, source.filename, source.bytes) == (before, "first.mp4", 3)
    assert sources(film) == {before}
    assert not ReplacedSource.objects.exists()


def test_the_work_at_the_file_before_ends(film: ContentMain, owner: User) -> None:
    replace(owner, film, b"second")
    first = Job.objects.get(content=film)
    playing = ReplacedSource.objects.get()
    replace(owner, film, b"third")
    first.refresh_from_db()
    assert (first.state, first.error_code) == (JobState.FAILED, "replaced")
    assert not Step.objects.filter(job=first, state__in=["waiting", "queued", "running"]).exists()
    replaced = ReplacedSource.objects.get()
    assert (replaced.token, replaced.filename) == (playing.token, "first.mp4")
    source = Source.objects.get(content=film)
    assert source.bytes == len(b"third")
    assert sources(film) == {playing.token, source.token}


def test_what_has_failed_gets_another_chance(owner: User, tmp_path: Path) -> None:
    content = make_video(owner, status=ContentStatus.FAILED, audit_status=AuditStatus.PENDING)
    ContentMain.objects.filter(pk=content.pk).update(failure_code="truncated")
    source = Source.objects.create(content=content, filename="broken.mp4", bytes=3)
    put(storage.source_name(content.public_id, source.token), tmp_path)
    replace(owner, content)
    assert (content.status, content.failure_code) == (ContentStatus.PROCESSING, "")
    assert sources(content) == {Source.objects.get().token}
    assert not ReplacedSource.objects.exists()


def test_work_at_a_film_that_was_given_up_is_not_taken_up_again(film: ContentMain, owner: User) -> None:
    """Else its parts would go on as those of the film that plays, under the approval of that one."""
    replace(owner, film)
    job = Job.objects.get(content=film, state=JobState.QUEUED)
    control.cancel(job=job, actor=owner)
    assert not ReplacedSource.objects.exists()
    with pytest.raises(JobSuperseded):
        control.retry(job=job, actor=owner)


def test_a_film_that_never_played_is_decided_about_anew_when_another_takes_its_place(
    owner: User, tmp_path: Path
) -> None:
    content = make_video(owner, status=ContentStatus.FAILED, audit_status=AuditStatus.APPROVED)
    source = Source.objects.create(content=content, filename="broken.mp4", bytes=3)
    put(storage.source_name(content.public_id, source.token), tmp_path)
    replace(owner, content, sample("film.mp4").read_bytes())
    while runner.drain(Lane.QUICK):
        pass
    content.refresh_from_db()
    assert content.version is not None
    assert content.audit_status == AuditStatus.PENDING


def test_what_is_withdrawn_stays_so(owner: User, film: ContentMain) -> None:
    ContentMain.objects.filter(pk=film.pk).update(status=ContentStatus.WITHDRAWN)
    replace(owner, film)
    assert publish(film).status == ContentStatus.WITHDRAWN


def test_the_new_film_s_length_is_told_when_it_is_there(film: ContentMain, owner: User) -> None:
    replace(owner, film, sample("film.mp4").read_bytes())
    before = film.duration_seconds
    while runner.drain(Lane.QUICK):
        pass
    film = ContentMain.objects.get(pk=film.pk)
    assert before == 60
    assert film.version == 2
    assert film.duration_seconds == pytest.approx(6, abs=0.1)
    assert (film.width_px, film.height_px) == (854, 480)


def test_what_is_still_to_be_made_is_not_told_of(film: ContentMain, owner: User) -> None:
    replace(owner, film, sample("hevc.mkv").read_bytes())
    while runner.drain(Lane.QUICK):
        pass
    film = ContentMain.objects.get(pk=film.pk)
    assert (film.version, film.duration_seconds) == (1, 60)
    assert Source.objects.get().facts is not None
    assert publish(film).duration_seconds != 60


# --- Who may, and how much --------------------------------------------------------------------------------------------


def test_only_its_owner_and_staff_may(film: ContentMain, stranger: User, moderator: User) -> None:
    with pytest.raises(NotPermitted):
        announce(stranger, film, b"mine")
    ContentMain.objects.filter(pk=film.pk).update(visibility="private")
    for actor, public_id in ((stranger, film.public_id), (stranger, "NoSuchVideo"), (moderator, "NoSuchVideo")):
        with pytest.raises(ReplacedUnknown):
            uploads.create_upload(owner=actor, total_bytes=1, metadata=metadata(replaces=public_id))
    assert not Upload.objects.exists()
    announce(moderator, film, b"theirs")


def test_who_has_lost_the_right_meanwhile_may_not_finish(film: ContentMain, moderator: User) -> None:
    upload = announce(moderator, film, b"theirs")
    User.objects.filter(pk=moderator.pk).update(is_staff=False)
    with pytest.raises(NotPermitted):
        finish(Upload.objects.get(pk=upload.pk))
    assert Source.objects.get().filename == "first.mp4"


def test_a_film_may_use_the_space_of_the_one_it_replaces(
    film: ContentMain, owner: User, settings: LazySettings
) -> None:
    Source.objects.filter(content=film).update(bytes=60)
    settings.UPLOAD_QUOTA_BYTES = 100
    upload = announce(owner, film, b"x" * 90)
    with pytest.raises(QuotaExceeded):
        announce(owner, film, b"x" * 90)
    finish(upload)
    assert Source.objects.get().bytes == 90


def test_finished_again_it_has_replaced_once(film: ContentMain, owner: User) -> None:
    upload = finish(announce(owner, film, b"better"))
    assert (upload.is_finished, upload.item, upload.content) == (True, film, None)
    finish(Upload.objects.get(pk=upload.pk))
    assert Job.objects.count() == 1
    assert ContentMain.objects.count() == 1


@pytest.mark.usefixtures("media_place")
def test_an_item_deleted_meanwhile_takes_the_upload_along(film: ContentMain, owner: User) -> None:
    upload = announce(owner, film, b"better")
    with uploads.held(owner=owner, public_id=upload.public_id) as part:
        versions.delete(content=film, actor=owner)
        with pytest.raises(UploadUnknown):
            uploads.finish_if_whole(part)
    assert not Upload.objects.exists()
    assert not list(storage.list_names(storage.ITEMS))
