"""Every hostile file goes through the very steps that a worker runs, and ends as it must: as a film, or with a code and
a sentence. Nobody knocks at the canary's door or opens what the file points at, and nothing is left in the workshop."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from accounts.models import User
from tests.hostile.corpus import CORPUS, MARK, PLAYS, Hostile, Surroundings, plays
from tests.hostile.watching import watching
from tests.videos.arrivals import accept_at, place_in, work
from videos import storage
from videos.models import ContentMain, ContentStatus, Job, Rendition, RenditionKind, Step
from videos.reasons import SENTENCES
from videos.storage.names import source_name

pytestmark = pytest.mark.django_db(transaction=True)

MOST_MEMORY_BYTES = 3 << 30  # of the largest child, whose limit of address space is higher


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: f"{case.item}-{case.name.replace(' ', '-')}")
def test_a_hostile_file_ends_as_it_must(case: Hostile, owner: User, tmp_path: Path) -> None:
    canary = tmp_path / "items" / "canary.ts"
    canary.parent.mkdir()
    canary.write_bytes(b"somebody else's film")
    file = place_in(tmp_path)
    with watching(canary) as watch:
        case.make(file, Surroundings(canary, watch.port))
        watch.openings()
        content = accept_at(owner, file)
        work()
        content.refresh_from_db()
        assert watch.knocks() == 0
        assert watch.openings() == 0

    job = Job.objects.get(content=content)
    if content.status == ContentStatus.AVAILABLE:
        assert PLAYS in case.ends, "it must be refused"
        assert (job.state, job.error_code) == ("done", ""), (job.error_code, job.error_detail)
        check_film(content, case)
    else:
        assert content.status == ContentStatus.FAILED
        assert job.error_code in case.ends, (job.error_code, job.error_detail)
        assert content.failure_code == job.error_code
        assert str(SENTENCES[job.error_code]).endswith(".")
        assert all(step.attempts <= 1 for step in Step.objects.filter(job=job)), "another attempt ends the same"
        assert names_beside_source(content) == set()
    assert not list((tmp_path / "scratch").glob("*"))
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10 < MOST_MEMORY_BYTES


def names_beside_source(content: ContentMain) -> set[str]:
    own = source_name(content.public_id, content.source.token)
    return set(storage.list_names(storage.item_folder(content.public_id))) - {own}


def check_film(content: ContentMain, case: Hostile) -> None:
    """Its rungs decode and hold nothing of what was smuggled in."""
    made = Rendition.objects.filter(content=content, version=content.version or 0)
    assert made
    assert content.duration_seconds
    if case.length_seconds is not None:
        assert content.duration_seconds == pytest.approx(case.length_seconds, abs=0.15)
    folder = storage.version_folder(content.public_id, content.version or 0)
    for rendition in made.exclude(kind=RenditionKind.ORIGINAL):
        with storage.source_file(f"{folder}/{rendition.label}.mp4") as path:
            assert plays(path)
            assert MARK not in path.read_bytes()
    for tag in (content.source.facts or {}).get("tags", {}).values():
        assert len(tag) <= 1000
        assert tag.isprintable()


def test_every_hostile_file_has_its_place_in_the_catalogue() -> None:
    assert {case.item for case in CORPUS} == {*range(2, 19), 21, 23}
    assert len({case.name for case in CORPUS}) == len(CORPUS)
