"""The film's file in the owner's panel: what it is, and what may be done about it by whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import User
from tests.videos.factories import make_video
from tests.videos.pages.conftest import PageReader
from tests.videos.pipeline.encoded import facts_of
from videos.jobs import ending
from videos.jobs.progress import progress_of
from videos.jobs.queue import StepPlan, create_job
from videos.models import ContentMain, ContentStatus, JobKind, Lane, ReplacedSource, Source
from videos.publishing import withdrawing

pytestmark = pytest.mark.django_db
Visit = Callable[..., PageReader]


@pytest.fixture
def film(owner: User) -> ContentMain:
    content = make_video(owner)
    facts = facts_of("film.mp4").to_json()
    Source.objects.create(content=content, filename="a <walk>.mp4", bytes=1_500_000, facts=facts)
    return content


def moves(page: PageReader) -> list[str]:
    return [attributes["data-move"] for attributes in page.found("button") if "data-move" in attributes]


def test_the_owner_reads_what_it_is_and_may_do_everything(film: ContentMain, owner: User, visit: Visit) -> None:
    page = visit(film.get_absolute_url(), owner)
    for words in ("a <walk>.mp4", "1.50 MB", "MP4/MOV", "H.264 · 854 × 480 · 25 fps", "AAC · stereo · 48 kHz"):
        assert words in page.text
    (element,) = page.found("film-file")
    assert (element["data-video"], element["data-part-bytes"]) == (film.public_id, "41943040")
    assert moves(page) == ["withdraw"]
    assert f"/me/videos/{film.public_id}/delete/" in page.links
    assert moves(visit(f"/me/videos/{film.public_id}/", owner)) == ["withdraw"]


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_nobody_else_finds_it(film: ContentMain, visit: Visit, who: str, request: pytest.FixtureRequest) -> None:
    person = None if who == "guest" else request.getfixturevalue(who)
    page = visit(film.get_absolute_url(), person)
    assert not page.found("film-file")
    assert "a <walk>.mp4" not in page.text


def test_which_film_is_seen_meanwhile_is_said(film: ContentMain, owner: User, visit: Visit) -> None:
    ReplacedSource.objects.create(content=film, token="0123", filename="first cut.mov", bytes=1)
    page = visit(film.get_absolute_url(), owner)
    assert "goes on seeing the film made of “first cut.mov”" in page.text


def test_why_another_file_was_not_taken_is_said_and_that_the_film_stays(
    film: ContentMain, owner: User, visit: Visit
) -> None:
    job = create_job(
        owner=owner, content=film, kind=JobKind.TRANSCODE, parameters={"source": "another"},
        steps=[StepPlan("inspect", Lane.QUICK)],
    )  # fmt: skip
    words = "The new file was not taken:"
    assert words not in visit(film.get_absolute_url(), owner).text
    ending.fail_job(job.pk, code="truncated", detail="")
    assert f"{words} The end of the file is missing." in visit(film.get_absolute_url(), owner).text
    progress = progress_of(film)
    assert progress["error"] is not None
    assert progress["error"]["message"].endswith("The film that was there stays as it is.")
    assert progress["job"] is not None
    assert (progress["job"]["may_help"], progress["job"]["is_needed"]) == (False, False)


def test_the_pictures_of_a_withdrawn_film_are_missed_calmly(film: ContentMain, owner: User, visit: Visit) -> None:
    address = f"/me/videos/{film.public_id}/"
    assert visit(address, owner).found("film-poster")
    withdrawing.withdraw(content=film, actor=owner)
    page = visit(address, owner)
    assert not page.found("film-poster")
    assert "They are here again when it is brought back." in page.text


def test_what_is_withdrawn_can_be_brought_back(film: ContentMain, owner: User, moderator: User, visit: Visit) -> None:
    withdrawing.withdraw(content=film, actor=owner)
    assert moves(visit(film.get_absolute_url(), owner)) == ["restore"]
    withdrawing.withdraw(content=film, actor=moderator)
    page = visit(film.get_absolute_url(), owner)
    assert moves(page) == []
    assert "only a moderator can bring it back" in page.text
    assert moves(visit(film.get_absolute_url(), moderator)) == ["restore"]


def test_an_item_without_a_file_has_no_such_section(owner: User, visit: Visit) -> None:
    bare = make_video(owner, status=ContentStatus.AVAILABLE)
    assert not visit(bare.get_absolute_url(), owner).found("film-file")
