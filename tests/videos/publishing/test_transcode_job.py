"""A film goes through the whole job, on disk and in a bucket alike: what comes out plays, and what cannot play says
why."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import m3u8
import pytest

from accounts.models import User
from tests.media_samples import sample
from videos import storage
from videos.ingest.accept import accept_source
from videos.ingest.files import ReceivedFile
from videos.jobs import runner
from videos.models import Artwork, AuditStatus, ContentMain, ContentStatus, Job, JobState, Lane, Rendition, Source

pytestmark = pytest.mark.django_db(transaction=True)


def accept(owner: User, clip: Path, folder: Path) -> ContentMain:
    """The clip comes in as if it had been uploaded."""
    place = folder / "incoming" / "token" / "original"
    place.parent.mkdir(parents=True)
    shutil.copyfile(clip, place)
    return accept_source(owner=owner, received=ReceivedFile(place, clip.name, place.stat().st_size))


def work() -> None:
    """What two workers would do, one after the other, until both lanes are empty."""
    while runner.drain(Lane.QUICK) + runner.drain(Lane.ENCODE):
        pass


def test_a_film_becomes_renditions_that_players_read(owner: User, tmp_path: Path, media_place: str) -> None:
    content = accept(owner, sample("film.mp4"), tmp_path)
    work()
    content.refresh_from_db()
    job = Job.objects.get(content=content)
    assert (job.state, job.error_code, job.error_detail) == (JobState.DONE, "", "")
    assert content.status == ContentStatus.AVAILABLE
    assert content.audit_status == AuditStatus.PENDING
    assert content.duration_seconds == pytest.approx(6, abs=0.1)

    made = Rendition.objects.filter(content=content, version=content.version or 0).order_by("-height")
    assert [rung.label for rung in made] == ["480p", "360p"]
    rung = made[1]
    assert (rung.width_px, rung.height_px, rung.frames, rung.offset_seconds) == (640, 360, 150, 0)
    folder = storage.version_folder(content.public_id, content.version or 0)
    master = m3u8.loads(storage.read(f"{folder}/master.m3u8").decode())
    assert [variant.uri for variant in master.playlists] == ["480p.m3u8", "360p.m3u8"]
    assert master.playlists[1].stream_info.codecs == rung.codecs
    media = m3u8.loads(storage.read(f"{folder}/360p.m3u8").decode())
    assert media.is_endlist
    assert sum(segment.duration for segment in media.segments) == pytest.approx(6, abs=0.05)
    assert len(m3u8.loads(storage.read(f"{folder}/360p.ts.m3u8").decode()).segments) == len(media.segments) == 2

    with storage.source_file(f"{folder}/360p.mp4") as path, av.open(str(path)) as opened:
        frames = [frame.time for frame in opened.decode(video=0)]
    assert len(frames) == 150
    assert frames[0] == 0


def test_a_poster_is_there(owner: User, tmp_path: Path, media_place: str) -> None:
    content = accept(owner, sample("portrait.mp4"), tmp_path)
    work()
    artwork = Artwork.objects.get(content=content)
    assert artwork.height_px > artwork.width_px
    picture = storage.read(storage.artwork_name(content.public_id, artwork.filename))
    assert picture[:2] == b"\xff\xd8"
    assert len(picture) == artwork.bytes


@pytest.mark.parametrize(
    ("clip", "codes"),
    [
        ("random.mp4", {"not_a_video", "unsupported_container"}),
        ("half_moov_last.mp4", {"not_a_video", "truncated", "corrupt"}),
        ("unknown_codec.mkv", {"unsupported_codec"}),
        ("subtitles_only.mkv", {"no_streams", "not_a_video"}),
    ],
)
def test_what_is_no_film_fails_with_a_reason_and_the_next_one_is_made(
    clip: str, codes: set[str], owner: User, tmp_path: Path
) -> None:
    bad = accept(owner, sample(clip), tmp_path / "bad")
    good = accept(owner, sample("no_audio.mp4"), tmp_path / "good")
    work()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert bad.status == ContentStatus.FAILED
    assert bad.failure_code in codes
    assert Source.objects.filter(content=bad).exists()  # nothing is lost: what was sent is still there
    assert good.status == ContentStatus.AVAILABLE


def test_nothing_is_left_in_the_workshop(owner: User, tmp_path: Path) -> None:
    accept(owner, sample("no_audio.mp4"), tmp_path)
    work()
    scratch = tmp_path / "scratch"
    assert not scratch.exists() or list(scratch.iterdir()) == []


def test_uploads_of_staff_are_approved_on_the_way(moderator: User, tmp_path: Path) -> None:
    content = accept(moderator, sample("no_audio.mp4"), tmp_path)
    work()
    content.refresh_from_db()
    assert content.is_listed
    assert content.published_at is not None


def test_an_item_deleted_meanwhile_leaves_no_file(owner: User, tmp_path: Path) -> None:
    content = accept(owner, sample("no_audio.mp4"), tmp_path)
    runner.drain(Lane.QUICK)
    public_id = content.public_id
    content.delete()
    storage.delete_item(public_id)
    work()
    assert list(storage.list_names(storage.item_folder(public_id))) == []
