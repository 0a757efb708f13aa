"""`/api/videos/<id>/chapters/`: a whole list, in order, within the film."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.videos.factories import make_video
from videos.models import Caption, Chapter, ContentMain, Visibility

pytestmark = pytest.mark.django_db

RAIN = [{"start_seconds": 0.0, "title": "Rain"}, {"start_seconds": 20.5, "title": ""}]


def address(film: ContentMain) -> str:
    return f"/api/videos/{film.public_id}/chapters/"


def test_what_is_put_is_what_everybody_gets(as_owner: APIClient, film: ContentMain) -> None:
    assert as_owner.get(address(film)).json() == {"chapters": [], "is_own": False}
    answer = as_owner.put(address(film), {"chapters": RAIN})
    assert (answer.status_code, answer.json()) == (200, {"chapters": RAIN, "is_own": True})
    as_owner.force_authenticate(None)
    assert as_owner.get(address(film)).json()["chapters"] == RAIN
    played = as_owner.get(f"/api/videos/{film.public_id}/playback/").json()
    assert (played["chapters"], played["words_revision"]) == (RAIN, 1)
    film.refresh_from_db()
    assert film.has_own_chapters


def test_an_empty_list_is_a_film_without_chapters(as_owner: APIClient, film: ContentMain) -> None:
    as_owner.put(address(film), {"chapters": RAIN})
    assert as_owner.put(address(film), {"chapters": []}).json() == {"chapters": [], "is_own": True}


def test_without_a_file_that_has_any_a_reset_is_empty(as_owner: APIClient, film: ContentMain) -> None:
    as_owner.put(address(film), {"chapters": RAIN})
    assert as_owner.delete(address(film)).json() == {"chapters": [], "is_own": False}


@pytest.mark.parametrize(
    "chapters",
    [
        "Rain",
        None,
        ["Rain"],
        [{"title": "no time"}],
        [{"start_seconds": 1}],
        [{"start_seconds": -1, "title": "x"}],
        [{"start_seconds": "soon", "title": "x"}],
        [{"start_seconds": 60, "title": "after the end"}],
        [{"start_seconds": 1e400, "title": "x"}],
        [{"start_seconds": 2, "title": "x"}, {"start_seconds": 1, "title": "y"}],
        [{"start_seconds": 2, "title": "x"}, {"start_seconds": 2.0001, "title": "y"}],
        [{"start_seconds": 2, "title": "x" * 201}],
        [{"start_seconds": number / 10, "title": "x"} for number in range(201)],
    ],
)
def test_what_makes_no_sense_is_refused(as_owner: APIClient, film: ContentMain, chapters: Any) -> None:
    as_owner.put(address(film), {"chapters": RAIN})
    body = '{"chapters": [{"start_seconds": 1e400, "title": "x"}]}' if "inf" in repr(chapters) else None
    if body is None:
        answer = as_owner.put(address(film), {"chapters": chapters})
    else:
        answer = as_owner.put(address(film), body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) in {(400, "invalid"), (400, "parse_error")}
    assert Chapter.objects.count() == 2


@pytest.mark.parametrize("who", ["guest", "stranger", "moderator", "owner"])
@pytest.mark.parametrize("verb", ["put", "delete"])
def test_only_the_owner_and_staff_change_chapters(
    api: APIClient, owner: User, film: ContentMain, stranger: User, moderator: User, who: str, verb: str
) -> None:
    api.force_authenticate({"stranger": stranger, "moderator": moderator, "owner": owner}.get(who))
    answer = getattr(api, verb)(address(film), {"chapters": RAIN})
    refused = {"guest": (401, "not_authenticated"), "stranger": (403, "permission_denied")}.get(who)
    assert (answer.status_code, answer.json().get("code")) == (refused or (200, None))
    assert Chapter.objects.exists() is (refused is None and verb == "put")


def test_of_what_is_hidden_nobody_learns(api: APIClient, owner: User, stranger: User) -> None:
    hidden = make_video(owner, visibility=Visibility.PRIVATE)
    api.force_authenticate(stranger)
    assert api.get(address(hidden)).status_code == 404
    assert api.put(address(hidden), {"chapters": RAIN}).status_code == 404


def test_the_details_of_an_item_tell_its_words(as_owner: APIClient, film: ContentMain) -> None:
    as_owner.put(address(film), {"chapters": RAIN})
    Caption.objects.create(content=film, language="en", label="SDH", is_forced=True, cues=1, bytes=1)
    body = as_owner.get(f"/api/videos/{film.public_id}/").json()
    assert body["chapters"] == RAIN
    assert body["captions"] == [{"language": "en", "label": "SDH", "is_default": False, "is_forced": True}]
    (listed,) = as_owner.get("/api/videos/").json()["results"]
    assert not {"chapters", "captions"} & listed.keys()
