"""Which picture stands for an item: the one that was found, unless its owner has chosen; the newest wish counts."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from accounts.models import User
from tests.media_samples import number_of
from tests.videos.publishing.stills import art_of, do, item, job_of, sample, work
from videos import storage
from videos.errors import NoPicture, NotReady
from videos.jobs import runner
from videos.jobs.queue import NORMAL_PRIORITY
from videos.models import Artwork, ContentMain, Job, JobKind, JobState, Lane, Source
from videos.pipeline.poster import PosterFacts
from videos.publishing import artwork, posters

pytestmark = pytest.mark.django_db(transaction=True)


def frame_of(content: ContentMain, folder: Path) -> int:
    """The number burned into the picture that stands for the item."""
    poster = posters.of(content)
    assert poster is not None
    assert art_of(content) == [poster.filename]  # and nothing else lies there
    copy = folder / "copy.jpg"
    copy.write_bytes(storage.read(storage.artwork_name(content.public_id, poster.filename)))
    with av.open(str(copy), format="jpeg_pipe") as opened:
        return number_of(next(opened.decode(video=0)))


def put_own(content: ContentMain, folder: Path) -> Artwork:
    picture = folder / "own.jpg"
    picture.write_bytes(b"a picture of ours")
    return posters.put(content=content, picture=picture, made=PosterFacts(320, 180, 17))


def test_the_frame_that_somebody_points_at_becomes_the_poster(owner: User, tmp_path: Path, media_place: str) -> None:
    content = item(owner, sample("no_audio.mp4"), tmp_path)
    do(content, "poster")
    job = posters.take_frame(content=content, actor=owner, at_seconds=2.5)
    work()
    job.refresh_from_db()
    assert (job.kind, job.state, job.error_detail) == (JobKind.POSTER, JobState.DONE, "")
    assert frame_of(content, tmp_path) == 62
    assert Artwork.objects.get(content=content).is_own


def test_the_automatic_one_comes_back_when_the_own_one_is_given_up(owner: User, tmp_path: Path) -> None:
    content = item(owner, sample("no_audio.mp4"), tmp_path)
    own = put_own(content, tmp_path)
    assert posters.choose_again(content=content, actor=owner) is not None
    work()
    found = Artwork.objects.get(content=content)
    assert found.token != own.token
    assert not found.is_own
    assert art_of(content) == [found.filename]


def test_no_step_replaces_what_the_owner_has_chosen(owner: User, tmp_path: Path) -> None:
    content = item(owner, sample("no_audio.mp4"), tmp_path)
    own = put_own(content, tmp_path)
    assert do(content, "poster").steps.get().result == {"kept": True}
    assert art_of(content) == [own.filename]


def test_nor_one_that_had_begun_before_the_choice(owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = item(owner, sample("no_audio.mp4"), tmp_path)
    really_put = storage.put_file
    own: list[Artwork] = []

    def choose_meanwhile(path: Path, name: str) -> None:
        really_put(path, name)
        if not own:
            monkeypatch.setattr(storage, "put_file", really_put)
            own.append(put_own(content, tmp_path))

    monkeypatch.setattr(storage, "put_file", choose_meanwhile)
    do(content, "poster")
    assert art_of(content) == [own[0].filename]


def test_a_picture_put_while_a_frame_is_drawn_stays(owner: User, tmp_path: Path) -> None:
    content = item(owner, sample("no_audio.mp4"), tmp_path)
    posters.take_frame(content=content, actor=owner, at_seconds=1)
    own = put_own(content, tmp_path)
    work()
    assert art_of(content) == [own.filename]


def test_of_two_wishes_the_later_one_counts_whichever_is_done_last(owner: User, tmp_path: Path) -> None:
    content = item(owner, sample("no_audio.mp4"), tmp_path)
    first = posters.take_frame(content=content, actor=owner, at_seconds=1)
    posters.take_frame(content=content, actor=owner, at_seconds=3)
    Job.objects.filter(pk=first.pk).update(priority=500)  # comes last
    work()
    assert frame_of(content, tmp_path) == 75
    assert first.steps.get().result == {"outdone": True}  # and nobody was kept waiting for it


def test_sound_has_no_frame_but_may_have_a_cover(owner: User, tmp_path: Path) -> None:
    content = item(owner, sample("sound.m4a"), tmp_path)
    with pytest.raises(NoPicture):
        posters.take_frame(content=content, actor=owner, at_seconds=1)
    put_own(content, tmp_path)
    assert posters.choose_again(content=content, actor=owner) is None
    assert art_of(content) == []
    assert not Artwork.objects.exists()


def test_before_anybody_has_looked_into_the_file_there_is_nothing_to_take(owner: User, tmp_path: Path) -> None:
    content = item(owner, sample("no_audio.mp4"), tmp_path)
    Source.objects.update(facts=None)
    with pytest.raises(NotReady):
        posters.take_frame(content=content, actor=owner, at_seconds=1)


def test_a_picture_that_cannot_become_the_poster_leaves_no_file(
    owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = item(owner, sample("no_audio.mp4"), tmp_path)

    def fail(_artwork: Artwork) -> None:
        raise RuntimeError

    monkeypatch.setattr(artwork, "replace", fail)
    with pytest.raises(RuntimeError):
        put_own(content, tmp_path)
    assert art_of(content) == []


def test_a_film_whose_picture_cannot_be_made_goes_on_without(owner: User, tmp_path: Path) -> None:
    content = item(owner, sample("no_audio.mp4"), tmp_path)
    storage.put_file(sample("damaged.mp4"), storage.source_name(content.public_id, content.source.token))
    job_of(content, "poster")
    runner.drain(Lane.QUICK)
    assert Job.objects.get().state == JobState.DONE
    assert art_of(content) == []


def test_one_wish_of_a_person_is_urgent_at_a_time(owner: User, tmp_path: Path) -> None:
    """Else a script over one's own films would hold up everybody's uploads."""
    films = [item(owner, sample("no_audio.mp4"), tmp_path) for _ in range(2)]
    for film in films:
        do(film, "poster")
    wishes = [posters.take_frame(content=film, actor=owner, at_seconds=1) for film in (films[0], films[1], films[0])]
    assert [wish.priority for wish in wishes] == [posters.URGENT, NORMAL_PRIORITY, posters.URGENT]
    work()
    assert posters.take_frame(content=films[1], actor=owner, at_seconds=2).priority == posters.URGENT
