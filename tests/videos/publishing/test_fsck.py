"""Rows and files agree, or it is said where they do not; mended is what can be, once, and nothing young or in use."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from tests.media_places import bucket_client
from tests.media_samples import sample
from tests.videos.arrivals import accept, work
from tests.videos.factories import make_video
from videos import storage
from videos.models import (
    Artwork,
    ContentMain,
    ContentStatus,
    Job,
    JobState,
    Rendition,
    ReplacedSource,
    Source,
)
from videos.publishing import fsck

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def film(owner: User, tmp_path: Path, media_place: str) -> ContentMain:
    """A film with all that is made of it."""
    content = accept(owner, sample("no_audio.mp4"), tmp_path)
    work()
    return ContentMain.objects.get(pk=content.pk)


def check(*options: str, hours: float = 2) -> tuple[int, list[str]]:
    """The command that comes so much later: its exit code and what it says."""
    said = io.StringIO()
    with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=True):
        try:
            call_command("fsck", *options, stdout=said)
        except SystemExit as end:
            return int(str(end.code)), said.getvalue().splitlines()
    return 0, said.getvalue().splitlines()


def put(name: str, tmp_path: Path, content: bytes = b"x") -> str:
    file = tmp_path / "one"
    file.write_bytes(content)
    storage.put_file(file, name)
    return name


def test_a_film_in_order_and_every_way_to_lose_a_file_of_it(film: ContentMain, tmp_path: Path) -> None:
    assert film.status == ContentStatus.AVAILABLE
    assert fsck.holds() == []
    assert check() == (0, ["0 found, 0 mended"])
    folder = storage.item_folder(film.public_id)
    for name in sorted(storage.list_names(folder)):
        content = _whole(name)
        storage.delete_file(name)
        if f"/v{film.version}/" in name or "/v" not in name.removeprefix(folder):
            assert any(line.startswith(f"{name}: missing") for line in fsck.holds()), name
        put(name, tmp_path, content)
    assert fsck.holds() == []


def _whole(name: str) -> bytes:
    with storage.source_file(name) as path:
        return path.read_bytes()


def test_short_files_and_playlists_beyond_them_are_told(film: ContentMain, tmp_path: Path) -> None:
    rung = Rendition.objects.filter(content=film, version=film.version or 0).first()
    assert rung is not None
    name = f"{storage.version_folder(film.public_id, film.version or 0)}/{rung.label}.mp4"
    put(name, tmp_path, _whole(name)[:-100])
    code, lines = check("--fix")
    assert code == 1
    assert f"{name}: has {rung.bytes - 100} bytes instead of {rung.bytes} (cannot be mended)" in lines
    assert any("names more than its file holds" in line for line in lines)
    assert storage.exists(name), "what is damaged is all that there is"


def test_what_can_be_mended_is_mended_once(film: ContentMain, tmp_path: Path) -> None:
    poster = Artwork.objects.filter(content=film, kind="poster").first() or Artwork.objects.create(
        content=film, kind="poster", width_px=1, height_px=1, bytes=1
    )
    storage.delete_file(storage.artwork_name(film.public_id, poster.filename))
    put(f"{storage.version_folder(film.public_id, 77)}/720p.mp4", tmp_path)
    put(f"{storage.item_folder('AbCdEfGhIjK')}/source/0123/original", tmp_path)
    scratch = tmp_path / "scratch" / "job" / "part-3.1"
    scratch.mkdir(parents=True)
    assert check(hours=0.5) == (0, ["0 found, 0 mended"])
    code, lines = check("--json")
    answer = json.loads(lines[0])
    assert (code, answer["left"]) == (1, 4)
    assert all(fault["can_be_mended"] and not fault["is_mended"] for fault in answer["faults"])
    assert check("--fix")[0] == 0
    assert check("--fix") == (0, ["0 found, 0 mended"])
    assert not scratch.exists()


def test_living_work_is_nobody_s_fault(owner: User, tmp_path: Path, film: ContentMain) -> None:
    Job.objects.filter(content=film).update(state=JobState.RUNNING)
    ReplacedSource.objects.create(content=film, token="0123abcd", filename="b.mp4", bytes=1)
    put(storage.source_name(film.public_id, "0123abcd"), tmp_path)
    assert check()[0] == 0
    Job.objects.filter(content=film).update(state=JobState.FAILED)
    code, lines = check()
    assert (code, lines[0].endswith("a newer file waits for work that has ended")) == (1, True)
    check("--fix")
    assert Source.objects.get(content=film).token == "0123abcd"


def test_an_item_that_nobody_makes_is_told(owner: User, tmp_path: Path) -> None:
    content = make_video(owner, status=ContentStatus.PROCESSING)
    source = Source.objects.create(content=content, filename="a.mp4", bytes=1)
    put(storage.source_name(content.public_id, source.token), tmp_path)
    assert [line.partition(": ")[2] for line in fsck.holds()] == ["waits to be made, and nobody is making it"]


def test_what_changes_while_one_looks_is_let_be(
    film: ContentMain, monkeypatch: pytest.MonkeyPatch, media_place: str
) -> None:
    list_files = storage.list_files
    looked: list[str] = []

    def deleting(prefix: str) -> object:
        if prefix.endswith(film.public_id) and not looked:
            looked.append(prefix)
            ContentMain.objects.filter(pk=film.pk).update(updated_at=timezone.now())
            return iter(())
        return list_files(prefix)

    monkeypatch.setattr(storage, "list_files", deleting)
    assert fsck.holds() == []
    assert looked


def test_parts_that_a_killed_upload_left_in_a_bucket_go(bucket: str, s3_server: str) -> None:
    client = bucket_client(s3_server)
    key = "site/media/items/AbCdEfGhIjK/source/0123/original"
    begun = client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    name = f"items/AbCdEfGhIjK/source/0123/original?upload={begun}"
    assert check("--fix") == (0, [f"{name}: abandoned work in progress (mended)", "1 found, 1 mended"])
    assert not client.list_multipart_uploads(Bucket=bucket).get("Uploads")
