"""`/api/videos/<id>/poster/`: whose it is to choose, what is taken, and what is not."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import User
from tests.videos.factories import make_video
from tests.videos.pipeline.test_own_picture import SVG, bomb
from tests.videos.publishing.stills import item, sample, work
from videos import storage
from videos.api import posters as api_posters
from videos.models import Artwork, AuditStatus, ContentMain, Job, JobKind, Visibility
from videos.pipeline import own_picture
from videos.pipeline.errors import MachineError

pytestmark = pytest.mark.django_db(transaction=True)


def address(content: ContentMain) -> str:
    return f"/api/videos/{content.public_id}/poster/"


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 36)) -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", size, (10, 200, 30)).save(content, kind)
    return SimpleUploadedFile("../x.svg", content.getvalue(), content_type="image/svg+xml")


def test_a_picture_of_ones_own_takes_the_place_and_is_shown(owner: User, api: APIClient) -> None:
    content = make_video(owner)
    api.force_authenticate(owner)
    assert api.get(address(content)).json() == {"poster": None, "is_own": False, "width": None, "height": None}
    answer = api.put(address(content), {"file": picture()}, format="multipart")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["is_own"], body["width"], body["height"]) == (True, 64, 36)
    row = Artwork.objects.get()
    assert body["poster"].endswith(f"/art/{row.token}.jpg")
    assert storage.read(storage.artwork_name(content.public_id, row.filename))[:2] == b"\xff\xd8"
    listed = api.get("/api/videos/").json()["results"][0]
    assert listed["poster"].endswith(f"/art/{row.token}.jpg")


def test_a_frame_is_taken_by_a_job(owner: User, api: APIClient, tmp_path: Path) -> None:
    content = item(owner, sample("no_audio.mp4"), tmp_path)
    api.force_authenticate(owner)
    answer = api.post(address(content), {"at_seconds": 1.5}, format="json")
    job = Job.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"job": job.public_id})
    assert answer["Location"] == f"/api/jobs/{job.public_id}/"
    assert (job.kind, job.parameters, job.owner) == (JobKind.POSTER, {"at_seconds": 1.5}, owner)
    work()
    assert api.get(address(content)).json()["is_own"] is True
    answer = api.delete(address(content))
    assert answer.status_code == 202
    work()
    assert api.get(address(content)).json()["is_own"] is False


def test_a_cover_of_sound_alone_can_only_go(owner: User, api: APIClient, tmp_path: Path) -> None:
    content = item(owner, sample("sound.m4a"), tmp_path)
    api.force_authenticate(owner)
    api.put(address(content), {"file": picture()}, format="multipart")
    refused = api.post(address(content), {"at_seconds": 1}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (400, "no_picture")
    assert api.delete(address(content)).status_code == 204
    assert api.get(address(content)).json()["poster"] is None


@pytest.mark.parametrize(
    ("content", "code"),
    [(SVG, "image_unreadable"), (b"<html>", "image_unreadable"), (b"", "image_unreadable"),
     (bomb(16_000, 16_000), "image_too_large")],
    ids=["svg", "html", "nothing", "bomb"],
)  # fmt: skip
def test_what_is_no_picture_or_too_large_a_one_is_refused(
    owner: User, api: APIClient, content: bytes, code: str
) -> None:
    video = make_video(owner)
    api.force_authenticate(owner)
    answer = api.put(address(video), {"file": SimpleUploadedFile("x.png", content, "image/png")}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Artwork.objects.exists()


def test_a_file_of_too_many_bytes_is_refused(owner: User, api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_posters, "MOST_BYTES", 100)
    api.force_authenticate(owner)
    answer = api.put(address(make_video(owner)), {"file": picture()}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_full_disk_is_said_to_be_full(owner: User, api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    content = make_video(owner)
    api.force_authenticate(owner)
    really_open = Path.open
    full = Path("/dev/full")
    monkeypatch.setattr(Path, "open", lambda path, *rest: really_open(full if path.name == "sent" else path, *rest))
    answer = api.put(address(content), {"file": picture()}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (507, "insufficient_storage")
    assert not Artwork.objects.exists()


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("crashed", 503, "storage_unavailable"), ("disk_full", 507, "insufficient_storage")],
)
def test_a_machine_that_cannot_read_it_now_is_not_the_picture_s_fault(
    fault: str, status: int, code: str, owner: User, api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_path: Path, _out: Path) -> None:
        raise MachineError(fault)

    monkeypatch.setattr(own_picture, "take_picture", break_down)
    api.force_authenticate(owner)
    answer = api.put(address(make_video(owner)), {"file": picture()}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("body", [{}, {"file": "a word"}, {"picture": "x"}])
def test_a_form_without_a_file_is_refused(owner: User, api: APIClient, body: dict[str, str]) -> None:
    api.force_authenticate(owner)
    answer = api.put(address(make_video(owner)), body, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "file_missing")


@pytest.mark.parametrize("seconds", [None, "", "soon", -1, 60.1, "NaN", "Infinity", [1]])
def test_seconds_that_the_film_has_not_are_refused(owner: User, api: APIClient, seconds: object) -> None:
    api.force_authenticate(owner)
    answer = api.post(address(make_video(owner)), {"at_seconds": seconds}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "at_seconds" in answer.json()["errors"]


def test_before_anybody_has_looked_into_the_file_it_is_not_ready(owner: User, api: APIClient) -> None:
    api.force_authenticate(owner)
    content = make_video(owner)  # no source
    for answer in (api.post(address(content), {"at_seconds": 1}, format="json"), api.delete(address(content))):
        assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")


def test_only_its_owner_and_staff_choose(
    owner: User, stranger: User, moderator: User, admin: User, api: APIClient
) -> None:
    content = make_video(owner)
    hidden = make_video(owner, visibility=Visibility.PRIVATE)

    def statuses(video: ContentMain) -> set[int]:
        sent = json.dumps({"at_seconds": "never"})
        return {
            api.put(address(video), {}, format="multipart").status_code,
            api.post(address(video), sent, content_type="application/json").status_code,
        }

    assert statuses(content) == statuses(hidden) == {401}
    assert api.delete(address(content)).status_code == 401
    api.force_authenticate(stranger)
    assert statuses(content) == {403}
    assert statuses(hidden) == {404}
    assert api.delete(address(content)).status_code == 403
    assert api.get(address(hidden)).status_code == 404
    for person in (owner, moderator, admin):
        api.force_authenticate(person)
        assert statuses(content) == statuses(hidden) == {400}


def test_the_storyboard_is_told_to_whom_the_film_is_shown(owner: User, stranger: User, api: APIClient) -> None:
    content = make_video(owner)
    paths = (f"/api/videos/{content.public_id}/", f"/api/videos/{content.public_id}/playback/")
    assert [api.get(path).json()["storyboard"] for path in paths] == [None, None]
    board = Artwork.objects.create(content=content, kind="storyboard", width_px=160, height_px=90, bytes=1, sheets=2)
    for path in paths:
        assert api.get(path).json()["storyboard"].endswith(f"/{content.public_id}/art/{board.token}.vtt")
    assert api.get("/api/videos/").json()["results"][0]["storyboard"].endswith(f"{board.token}.vtt")
    ContentMain.objects.update(audit_status=AuditStatus.PENDING, status=1)
    api.force_authenticate(stranger)
    assert api.get(paths[0]).status_code == 404
    api.force_authenticate(owner)
    assert api.get(paths[0]).json()["storyboard"] is not None
