"""`/api/videos/<id>/captions/`: what is taken, what is shown to whom, and what players get."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from accounts.models import User
from tests.videos.factories import make_video
from tests.videos.pipeline.webvtt import read_strictly
from videos import storage
from videos.models import Caption, CaptionOrigin, ContentMain, Visibility
from videos.publishing import words
from videos.streaming.address import MediaKind, parse_media_path

pytestmark = pytest.mark.django_db

SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:59,000 --> 00:01:10,000\nthe end\n"
VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"


def address(film: ContentMain, token: str = "") -> str:
    return f"/api/videos/{film.public_id}/captions/" + (f"{token}/" if token else "")


def send(api: APIClient, film: ContentMain, content: bytes = SRT, **fields: Any) -> Any:
    file = SimpleUploadedFile("words.srt", content)
    return api.post(address(film), {"file": file, "language": "en", **fields}, format="multipart")


def test_a_file_becomes_webvtt_under_the_players_grant(
    as_owner: APIClient, film: ContentMain, media_place: str
) -> None:
    answer = send(as_owner, film, language="ENG", label="SDH")
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert {**body, "id": "", "created_at": ""} == {
        "id": "", "language": "en", "label": "SDH", "is_default": False, "is_forced": False, "origin": "uploaded",
        "cues": 2, "bytes": body["bytes"], "created_at": "",
    }  # fmt: skip
    (played,) = as_owner.get(f"/api/videos/{film.public_id}/playback/").json()["captions"]
    assert (played["language"], played["label"], played["is_default"], played["is_forced"]) == (
        "en",
        "SDH",
        False,
        False,
    )
    named = parse_media_path(played["url"])
    assert named is not None
    assert (named.kind, named.filename) == (MediaKind.WORDS, f"{body['id']}.vtt")
    content = storage.read(storage.words_name(film.public_id, named.filename))
    assert len(content) == body["bytes"]
    assert [(cue.start_ms, cue.end_ms) for cue in read_strictly(content)] == [(1000, 2000), (59_000, 60_000)]


def test_everybody_who_may_see_the_film_sees_the_list(api: APIClient, as_owner: APIClient, film: ContentMain) -> None:
    send(as_owner, film)
    send(as_owner, film, language="zh-hans")
    api.force_authenticate(None)
    assert [one["language"] for one in api.get(address(film)).json()] == ["en", "zh-Hans"]
    ContentMain.objects.update(visibility=Visibility.PRIVATE)
    assert api.get(address(film)).status_code == 404


@pytest.mark.parametrize(
    ("content", "fields", "code"),
    [
        (b"", {}, "captions_empty"),
        (b"Dear diary", {}, "captions_unreadable"),
        (b"00:02:00,000 --> 00:02:01,000\nafter the end\n", {}, "captions_empty"),
        (VTT + b"\n" * (10 << 20), {}, "captions_too_large"),
        (SRT, {"language": "nonsense!"}, "invalid"),
        (SRT, {"language": ""}, "invalid"),
        (SRT, {"label": "x" * 101}, "invalid"),
        (SRT, {"file": "no file"}, "invalid"),
    ],
)
def test_what_is_no_use_is_refused_with_its_reason(
    as_owner: APIClient, film: ContentMain, content: bytes, fields: Mapping[str, Any], code: str
) -> None:
    answer = send(as_owner, film, content, **fields)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Caption.objects.exists()
    assert list(storage.list_names(storage.ITEMS)) == []


def test_there_are_not_more_than_so_many(
    as_owner: APIClient, film: ContentMain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "MOST_CAPTIONS", 1)
    assert send(as_owner, film).status_code == 201
    assert send(as_owner, film).json()["code"] == "captions_too_many"


def test_a_script_is_only_text(as_owner: APIClient, film: ContentMain) -> None:
    token = send(as_owner, film, b"WEBVTT\n\nSTYLE\n*{}\n\n00:01.000 --> 00:02.000\n<script>x</script>\n").json()["id"]
    content = storage.read(storage.words_name(film.public_id, f"{token}.vtt"))
    assert b"<" not in content
    assert b"STYLE" not in content


def test_the_default_moves_and_is_never_two(as_owner: APIClient, film: ContentMain) -> None:
    first = send(as_owner, film, is_default="true").json()["id"]
    second = send(as_owner, film, language="de", is_default="true", is_forced="true").json()["id"]
    defaults = {one["id"]: one["is_default"] for one in as_owner.get(address(film)).json()}
    assert defaults == {first: False, second: True}
    changed = as_owner.patch(address(film, first), {"is_default": True, "label": "all of it", "language": "fre"})
    assert changed.status_code == 200
    assert (changed.json()["language"], changed.json()["label"]) == ("fr", "all of it")
    assert list(Caption.objects.filter(is_default=True).values_list("token", flat=True)) == [first]
    with pytest.raises(IntegrityError), transaction.atomic():
        Caption.objects.update(is_default=True)


def test_a_change_of_nothing_changes_nothing(as_owner: APIClient, film: ContentMain) -> None:
    token = send(as_owner, film).json()["id"]
    assert as_owner.patch(address(film, token), {"cues": 99, "origin": "file", "id": "x"}).status_code == 200
    caption = Caption.objects.get()
    assert (caption.token, caption.cues, caption.origin) == (token, 2, CaptionOrigin.UPLOADED)
    assert as_owner.patch(address(film, token), {"language": "klingon-ish-thing"}).json()["code"] == "invalid"


@pytest.mark.django_db(transaction=True)
def test_removed_is_removed_with_its_file(as_owner: APIClient, film: ContentMain, media_place: str) -> None:
    token = send(as_owner, film).json()["id"]
    assert as_owner.delete(address(film, token)).status_code == 204
    assert as_owner.get(address(film)).json() == []
    assert not storage.exists(storage.words_name(film.public_id, f"{token}.vtt"))
    assert as_owner.delete(address(film, token)).status_code == 404


def test_pages_that_are_open_can_tell_that_words_have_changed(as_owner: APIClient, film: ContentMain) -> None:
    def revision() -> int:
        number: int = as_owner.get(f"/api/videos/{film.public_id}/playback/").json()["words_revision"]
        return number

    seen = [revision()]
    token = send(as_owner, film).json()["id"]
    seen.append(revision())
    as_owner.patch(address(film, token), {"label": "x"})
    seen.append(revision())
    as_owner.delete(address(film, token))
    seen.append(revision())
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("who", ["guest", "stranger", "moderator", "owner"])
@pytest.mark.parametrize("verb", ["post", "patch", "delete"])
def test_only_the_owner_and_staff_change_words(
    api: APIClient, owner: User, film: ContentMain, stranger: User, moderator: User, who: str, verb: str
) -> None:
    api.force_authenticate(owner)
    token = send(api, film).json()["id"]
    person = {"stranger": stranger, "moderator": moderator, "owner": owner}.get(who)
    api.force_authenticate(person)
    answer = send(api, film) if verb == "post" else getattr(api, verb)(address(film, token), {"label": "x"})
    refused = {"guest": (401, "not_authenticated"), "stranger": (403, "permission_denied")}.get(who)
    if refused:
        assert (answer.status_code, answer.json()["code"]) == refused
        assert Caption.objects.get().label == ""
    else:
        assert answer.status_code == {"post": 201, "patch": 200, "delete": 204}[verb]


def test_words_of_another_film_are_not_found(
    as_owner: APIClient, film: ContentMain, owner: User, stranger: User
) -> None:
    other = make_video(owner)
    token = send(as_owner, film).json()["id"]
    assert as_owner.patch(address(other, token), {"label": "x"}).status_code == 404
    hidden = make_video(stranger, visibility=Visibility.PRIVATE)
    assert send(as_owner, hidden).status_code == 404


def test_nothing_stays_behind_in_scratch(as_owner: APIClient, film: ContentMain, settings: LazySettings) -> None:
    send(as_owner, film)
    assert list(Path(settings.SCRATCH_DIR).iterdir()) == []
