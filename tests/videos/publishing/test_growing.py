"""A film that browsers cannot play as it is can be watched while it is made, and whoever began goes on to its end."""

from __future__ import annotations

import functools
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import m3u8
import pytest
from django.conf import LazySettings

from accounts.models import User
from tests.media_samples import AAC, beeps, ffmpeg, media_folder, number_of, numbered
from tests.videos.arrivals import accept, work
from tests.videos.pipeline.encoded import facts_of
from videos import storage
from videos.errors import FileGone
from videos.jobs import control, runner
from videos.jobs.queue import claim_next
from videos.models import (
    ContentMain,
    ContentStatus,
    Lane,
    Rendition,
    RenditionKind,
    RenditionPart,
    RetiredFiles,
    Standing,
    Step,
    StepState,
)
from videos.pipeline.ladder import plan_ladder
from videos.publishing import encode_steps, fsck
from videos.streaming import growing
from videos.streaming.address import MediaAddress, parse_media_path

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 13


@functools.cache
def clip() -> Path:
    path = media_folder() / "long_hevc.mkv"
    hevc = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p"]
    ffmpeg(*numbered(seconds=SECONDS), *beeps(SECONDS), *hevc, *AAC, path)
    return path


@pytest.fixture
def film(owner: User, tmp_path: Path, media_place: str, settings: LazySettings) -> ContentMain:
    """HEVC in Matroska, of three parts."""
    settings.PART_SECONDS = 1
    settings.LADDER_RUNGS = (240,)
    content = accept(owner, clip(), tmp_path)
    runner.drain(Lane.QUICK)
    content.refresh_from_db()
    return content


def take_one_step() -> str:
    """What an encoder does before it asks for more."""
    claim = claim_next(lane=Lane.ENCODE, worker="here")
    assert claim is not None
    runner.run_step(claim)
    return Step.objects.get(pk=claim.step_id).name


def address(content: ContentMain, version: int, filename: str) -> MediaAddress:
    found = parse_media_path(f"/media/grant/{content.public_id}/v{version}/{filename}")
    assert found is not None
    return found


def playlist(content: ContentMain, version: int, filename: str) -> m3u8.M3U8:
    """As it is now, whatever was remembered a moment ago."""
    growing._remembered.cache_clear()
    file, _ = growing.find(address(content, version, filename))
    return m3u8.loads(file.content.decode())


def shown(content: ContentMain, version: int, media: m3u8.M3U8, folder: Path) -> list[int]:
    """The numbers on the frames of all that a playlist names."""
    names = [f"{storage.version_folder(content.public_id, version)}/{segment.uri}" for segment in media.segments]
    init = media.segments[0].init_section
    length, offset = map(int, init.byterange.split("@"))
    content_bytes = storage.read_range(names[0], start=offset, length=length)
    for name, segment in zip(names, media.segments, strict=True):
        length, offset = map(int, segment.byterange.split("@"))
        content_bytes += storage.read_range(name, start=offset, length=length)
    path = folder / "shown.mp4"
    path.write_bytes(content_bytes)
    with av.open(str(path)) as opened:
        return [number_of(frame) for frame in opened.decode(video=0)]


def test_it_plays_when_its_first_part_is_there(film: ContentMain, tmp_path: Path) -> None:
    assert (film.status, film.version) == (ContentStatus.PROCESSING, None)
    assert take_one_step() == "part"
    film.refresh_from_db()
    assert film.status == ContentStatus.AVAILABLE
    assert film.version is not None
    master = playlist(film, film.version, "master.m3u8")
    (variant,) = master.playlists
    (sound,) = master.media
    assert (variant.uri, sound.uri) == ("180p.m3u8", "sound-1.m3u8")
    first = playlist(film, film.version, "180p.m3u8")
    assert (len(first.segments), first.is_endlist, first.playlist_type) == (1, False, "event")
    assert shown(film, film.version, first, tmp_path) == list(range(100))
    assert len(playlist(film, film.version, "sound-1.m3u8").segments) == 1


def test_its_owner_s_other_films_give_way_as_long_as_they_should(film: ContentMain) -> None:
    """Until it can be watched, then while somebody may be at its end, and when little is left to do."""
    standings = []
    for _ in range(3):
        standings.append(film.jobs.get().standing)
        assert take_one_step() == "part"
    standings.append(film.jobs.get().standing)
    work()
    standings.append(film.jobs.get().standing)
    first, growing, usual = Standing.FIRST, Standing.GROWING, Standing.USUAL
    assert standings == [first, growing, growing, first, usual]


@pytest.mark.parametrize(
    ("size", "rate", "processors", "alone"),
    [
        ((1920, 1080), 25, 2, "480p"),
        ((1920, 1080), 60, 2, "360p"),
        ((3840, 2160), 25, 2, "480p"),
        ((1920, 1080), 25, 8, None),
        ((1280, 720), 25, 2, None),
        ((320, 180), 60, 1, None),
    ],
)
def test_one_size_goes_ahead_where_all_are_slower_than_the_film(
    size: tuple[int, int], rate: int, processors: int, alone: str | None, settings: LazySettings
) -> None:
    settings.FFMPEG_THREADS = processors
    facts = facts_of("film.mp4")
    assert facts.video is not None
    video = replace(
        facts.video, width=size[0], height=size[1], display_width=size[0], display_height=size[1],
        frame_rate=Fraction(rate), peak_frame_rate=Fraction(rate),
    )  # fmt: skip
    ahead = encode_steps._ahead(plan_ladder(replace(facts, video=video)))
    assert (ahead and ahead.rungs[0].label) == alone


@pytest.fixture
def long_wait(owner: User, tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> ContentMain:
    """HEVC of two sizes, which would be made more slowly than they play."""
    monkeypatch.setattr(encode_steps, "SLOW", 0.0)
    monkeypatch.setattr(encode_steps, "QUICK", 0.0)
    settings.PART_SECONDS = 1
    source = tmp_path / "larger.mkv"
    hevc = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p"]
    ffmpeg(*numbered("854x480", seconds=SECONDS), *beeps(SECONDS), *hevc, *AAC, source)
    content = accept(owner, source, tmp_path)
    runner.drain(Lane.QUICK)
    return content


def test_a_film_whose_one_size_is_whole_stays_when_the_others_come_to_nothing(
    long_wait: ContentMain, owner: User
) -> None:
    job = long_wait.jobs.get(standing=Standing.FIRST)
    for _ in range(2):
        take_one_step()
    control.cancel(job=job, actor=owner)
    long_wait.refresh_from_db()
    assert (long_wait.status, long_wait.version) == (ContentStatus.FAILED, None), "it would end in the middle"
    assert fsck.holds() == []
    control.retry(job=job, actor=owner)
    long_wait.refresh_from_db()
    assert long_wait.status == ContentStatus.AVAILABLE
    begun = long_wait.version or 0
    take_one_step()
    job = long_wait.jobs.get(standing=Standing.USUAL)  # the other sizes are not waited for
    control.cancel(job=job, actor=owner)
    long_wait.refresh_from_db()
    assert (long_wait.status, long_wait.version) == (ContentStatus.AVAILABLE, begun)
    assert playlist(long_wait, begun, "360p.m3u8").is_endlist


def test_the_lowest_size_goes_ahead_alone_where_all_of_them_would_take_long(
    long_wait: ContentMain, tmp_path: Path
) -> None:
    content = long_wait
    assert take_one_step() == "part"
    content.refresh_from_db()
    begun = content.version or 0
    assert content.status == ContentStatus.AVAILABLE
    (variant,) = playlist(content, begun, "master.m3u8").playlists
    assert variant.uri == "360p.m3u8"
    for _ in range(2):
        assert take_one_step() == "part"
    whole = playlist(content, begun, "360p.m3u8")
    assert whole.is_endlist, "its parts come before those of all sizes"
    assert shown(content, begun, whole, tmp_path) == list(range(SECONDS * 25))
    assert playlist(content, begun, "sound-1.m3u8").is_endlist
    work()
    content.refresh_from_db()
    assert content.version not in {None, begun}
    made = Rendition.objects.filter(content=content, version=content.version or 0, kind=RenditionKind.RUNG)
    assert sorted((rung.label, rung.frames) for rung in made) == [("360p", SECONDS * 25), ("480p", SECONDS * 25)]
    left = {rendition.version for rendition in Rendition.objects.filter(content=content)}
    assert left == {begun, content.version}, (
        "the parts that nobody was given are gone, the others until nobody has them"
    )
    assert RetiredFiles.objects.filter(name=storage.version_folder(content.public_id, begun)).exists()


def test_parts_of_any_order_are_shown_in_theirs_and_the_end_stays_when_the_ladder_comes(
    film: ContentMain, tmp_path: Path
) -> None:
    take_one_step()
    film.refresh_from_db()
    begun = film.version or 0
    later = Step.objects.filter(job__content=film, name="part", state=StepState.QUEUED).order_by("position")
    second, third = later
    Step.objects.filter(pk=second.pk).update(state=StepState.WAITING)
    take_one_step()
    assert len(playlist(film, begun, "180p.m3u8").segments) == 1  # the third is there, the second is not
    Step.objects.filter(pk=second.pk).update(state=StepState.QUEUED)
    take_one_step()
    whole = playlist(film, begun, "180p.m3u8")
    assert whole.is_endlist
    assert shown(film, begun, whole, tmp_path) == list(range(SECONDS * 25))
    work()
    film.refresh_from_db()
    assert film.version not in {None, begun}
    assert shown(film, begun, playlist(film, begun, "180p.m3u8"), tmp_path) == list(range(SECONDS * 25))
    assert RetiredFiles.objects.filter(name=storage.version_folder(film.public_id, begun)).exists()
    assert third.pk


def test_a_film_that_failed_while_it_grew_grows_on_when_it_is_tried_again(film: ContentMain, owner: User) -> None:
    take_one_step()
    film.refresh_from_db()
    begun = film.version or 0
    job = film.jobs.get()
    control.cancel(job=job, actor=owner)
    film.refresh_from_db()
    assert (film.status, film.version) == (ContentStatus.FAILED, None)
    control.retry(job=job, actor=owner)
    film.refresh_from_db()
    assert (film.status, film.version) == (ContentStatus.AVAILABLE, begun)
    take_one_step()
    assert len(playlist(film, begun, "180p.m3u8").segments) > 1


def test_parts_that_nobody_was_given_go_when_the_film_is_there(
    owner: User, tmp_path: Path, media_place: str, settings: LazySettings
) -> None:
    """An original plays by itself, so nobody needs them."""
    settings.PART_SECONDS = 1
    settings.LADDER_RUNGS = (240,)
    clip = tmp_path / "clip.mp4"
    ffmpeg(*numbered(seconds=SECONDS), "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", clip)
    content = accept(owner, clip, tmp_path)
    work()
    content.refresh_from_db()
    assert list(RenditionPart.objects.all()) == []
    assert set(Rendition.objects.values_list("version", flat=True)) == {1, content.version}
    folders = {name.split("/")[2] for name in storage.list_names(storage.item_folder(content.public_id))}
    assert folders - {"art"} == {"source", "v1", f"v{content.version}"}


def test_what_does_not_grow_has_no_such_playlist(film: ContentMain) -> None:
    for version, name in ((1, "master.m3u8"), (99, "master.m3u8"), (1, "720p.m3u8"), (1, "ts.m3u8")):
        with pytest.raises(FileGone):
            playlist(film, version, name)


def test_a_rung_alone_is_made_again_and_the_others_stay(
    owner: User, tmp_path: Path, media_place: str, settings: LazySettings
) -> None:
    settings.LADDER_RUNGS = (360, 240)
    clip = tmp_path / "clip.mp4"
    ffmpeg(*numbered(seconds=2, size="640x360"), *beeps(2), "-c:v", "libx264", "-preset", "ultrafast", *AAC, clip)
    content = accept(owner, clip, tmp_path)
    work()
    content.refresh_from_db()
    before = set(
        Rendition.objects.filter(content=content, version=content.version or 0).values_list("label", flat=True)
    )
    control.retry_rung(job=content.jobs.get(), actor=owner, rung="360p")
    work()
    assert content.jobs.order_by("-pk")[0].state == "done", content.jobs.order_by("-pk")[0].error_detail
    version = content.version
    content.refresh_from_db()
    assert content.version != version
    rows = Rendition.objects.filter(content=content, version=content.version or 0)
    assert set(rows.values_list("label", flat=True)) == before
    master = m3u8.loads(
        storage.read(f"{storage.version_folder(content.public_id, content.version or 0)}/master.m3u8").decode()
    )
    assert len(master.playlists) == len(before)
