"""A film goes through the whole job, on disk and in a bucket alike: what comes out plays, and what cannot play says
why."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import av
import m3u8
import pytest
from django.db import OperationalError
from django.db.models import F

from accounts.models import User
from tests.media_samples import number_of, sample
from tests.videos.arrivals import accept, work
from videos import storage
from videos.jobs import runner
from videos.jobs.runner import StepContext
from videos.models import (
    Artwork,
    ArtworkKind,
    AuditStatus,
    ContentMain,
    ContentStatus,
    Job,
    JobState,
    Lane,
    Rendition,
    RenditionKind,
    Source,
    Step,
    StepState,
)
from videos.pipeline import poster
from videos.publishing import versions
from videos.streaming.address import parse_media_path
from videos.streaming.segments import cut_segment

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_an_original_plays_before_its_rungs_are_made(owner: User, tmp_path: Path, media_place: str) -> None:
    content = accept(owner, sample("film.mp4"), tmp_path)
    runner.drain(Lane.QUICK)
    content.refresh_from_db()
    assert (content.status, content.version) == (ContentStatus.AVAILABLE, 1)
    original = Rendition.objects.get(content=content, version=1)
    assert (original.kind, original.frames, original.height) == (RenditionKind.ORIGINAL, 150, 480)
    folder = storage.version_folder(content.public_id, 1)
    (variant,) = m3u8.loads(storage.read(f"{folder}/master.m3u8").decode()).playlists
    media = m3u8.loads(storage.read(f"{folder}/{variant.uri}").decode())
    assert media.is_endlist
    parts = [media.segment_map[0].uri, *(segment.uri for segment in media.segments)]
    address = f"/media/grant/{content.public_id}/v1"
    found = [parse_media_path(f"{address}/{part}") for part in parts]
    film = tmp_path / "film.mp4"
    film.write_bytes(b"".join(cut_segment(part)[0] for part in found if part is not None))
    with av.open(str(film)) as opened, av.open(str(sample("film.mp4"))) as source:
        shown, meant = ([number_of(frame) for frame in container.decode(video=0)] for container in (opened, source))
    assert shown == meant

    work()
    content.refresh_from_db()
    assert content.version == 3  # between them lie the parts
    assert cut_segment(found[1]) if found[1] else False  # whoever began with the original goes on with it


def test_what_browsers_cannot_play_waits_for_its_rungs(owner: User, tmp_path: Path) -> None:
    content = accept(owner, sample("hevc.mkv"), tmp_path)
    runner.drain(Lane.QUICK)
    content.refresh_from_db()
    assert (content.status, content.version) == (ContentStatus.PROCESSING, None)
    assert Step.objects.get(job__content=content, name="inspect").result == {"not_instant": "hevc yuv420p"}


def test_a_poster_is_there(owner: User, tmp_path: Path, media_place: str) -> None:
    content = accept(owner, sample("portrait.mp4"), tmp_path)
    work()
    artwork = Artwork.objects.get(content=content, kind=ArtworkKind.POSTER)
    assert artwork.height_px > artwork.width_px
    picture = storage.read(storage.artwork_name(content.public_id, artwork.filename))
    assert picture[:2] == b"\xff\xd8"
    assert len(picture) == artwork.bytes


def test_a_poster_that_takes_too_long_costs_the_picture_not_the_film(
    owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poster, "PosterLimits", partial(poster.PosterLimits, wall_seconds=0.01))
    content = accept(owner, sample("no_audio.mp4"), tmp_path)
    work()
    content.refresh_from_db()
    assert content.status == ContentStatus.AVAILABLE
    assert not Artwork.objects.filter(content=content, kind=ArtworkKind.POSTER).exists()
    assert Step.objects.get(job__content=content, name="poster").result["no_picture"] == "timed_out"


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


def made_by_poster_step(content: ContentMain) -> list[str]:
    """The pictures that storage holds of an item, but for its storyboard."""
    storyboard = Artwork.objects.filter(content=content, kind=ArtworkKind.STORYBOARD)
    others = {storage.artwork_name(content.public_id, name) for row in storyboard for name in row.filenames}
    return [
        name
        for name in storage.list_names(storage.item_folder(content.public_id))
        if "/art/" in name and name not in others
    ]


def run_again(content: ContentMain, name: str) -> None:
    """The step is to be done once more, as after a second look at the source."""
    Job.objects.filter(content=content).update(state=JobState.RUNNING)
    Step.objects.filter(job__content=content).exclude(name="inspect").update(state=StepState.CANCELLED)
    Step.objects.filter(job__content=content, name=name).update(state=StepState.QUEUED, attempts=0)


def test_a_new_poster_s_file_takes_the_old_one_s_place(owner: User, tmp_path: Path, media_place: str) -> None:
    content = accept(owner, sample("no_audio.mp4"), tmp_path)
    runner.drain(Lane.QUICK)
    before = made_by_poster_step(content)
    run_again(content, "poster")
    runner.drain(Lane.QUICK)
    after = made_by_poster_step(content)
    assert len(before) == len(after) == 1
    assert before != after
    assert after == [
        storage.artwork_name(content.public_id, Artwork.objects.get(content=content, kind=ArtworkKind.POSTER).filename)
    ]


def lose_lease(content: ContentMain) -> None:
    """Another worker has taken every running step."""
    Step.objects.filter(job__content=content, state=StepState.RUNNING).update(fence=F("fence") + 1)


def delete_item(content: ContentMain) -> None:
    versions.delete(content=content, actor=content.owner)


@pytest.mark.parametrize("happens", [lose_lease, delete_item])
@pytest.mark.parametrize("moment", ["while it is stored", "when it ends"])
@pytest.mark.parametrize(
    ("lane", "put"), [(Lane.QUICK, "put_file"), (Lane.ENCODE, "take_in_source"), (Lane.ENCODE, "publish_folder")]
)
def test_what_a_lost_attempt_has_stored_is_taken_back(
    happens: Callable[[ContentMain], None],
    moment: str,
    lane: Lane,
    put: str,
    owner: User,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = accept(owner, sample("no_audio.mp4"), tmp_path)
    if lane == Lane.ENCODE:
        runner.drain(Lane.QUICK)
    stored: list[str] = []
    kept: set[str] = set()
    really_put, really_finish = getattr(storage, put), StepContext.finish

    def put_and_lose(path: Path, name: str) -> None:
        if happens is not delete_item:
            kept.update(storage.list_names(storage.item_folder(content.public_id)))
        really_put(path, name)
        stored.append(name)
        if moment == "while it is stored":
            happens(content)

    def lose_and_finish(context: StepContext, result: dict[str, Any]) -> None:
        if stored:
            happens(content)
        really_finish(context, result)

    monkeypatch.setattr(storage, put, put_and_lose)
    if moment == "when it ends":
        monkeypatch.setattr(StepContext, "finish", lose_and_finish)
    runner.drain(lane)
    assert len(stored) == 1
    assert set(storage.list_names(storage.item_folder(content.public_id))) == kept


def test_what_was_published_stays_when_the_answer_to_the_commit_was_lost(
    owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = accept(owner, sample("no_audio.mp4"), tmp_path)
    really_finish = StepContext.finish
    lost: list[str] = []

    def finish_and_lose_the_line(context: StepContext, result: dict[str, Any]) -> None:
        really_finish(context, result)
        if context.step.name == "poster" and not lost:
            lost.append("once")
            raise OperationalError("the connection was closed")

    monkeypatch.setattr(StepContext, "finish", finish_and_lose_the_line)
    work()
    assert lost
    assert len(made_by_poster_step(content)) == 1
    assert storage.exists(
        storage.artwork_name(content.public_id, Artwork.objects.get(content=content, kind=ArtworkKind.POSTER).filename)
    )
