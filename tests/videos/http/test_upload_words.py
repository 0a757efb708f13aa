"""The words of a film that is still on its way are changed at the upload's address."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from tests.videos.http.test_resumable import FILM, HALF, the_film_arrived
from tests.videos.http.tus_client import Fields, TusClient
from tests.videos.http.uploads import Answer, answer_on
from videos.models import Category, ContentMain, Upload, Visibility

WORDS = {"title": "Rain", "description": "Wet.", "category": "rain", "visibility": "private"}


def change(tus: TusClient, address: str, words: object, **wrong: str | None) -> Answer:
    """As a page does it, which knows nothing of the protocol's fields."""
    fields: Fields = {"Content_Type": "application/json", "Tus_Resumable": None, **wrong}
    return tus.ask("PATCH", address, json.dumps(words).encode(), wrong=fields)


@pytest.fixture
def rain(transactional_db: None) -> Category:
    return Category.objects.create(slug="rain", name="Rain")


def test_a_film_has_the_words_that_were_chosen_while_it_came(tus: TusClient, rain: Category) -> None:
    address = tus.create(len(FILM), words={"title": "Untitled", "visibility": "public"})
    tus.part(address, 0, FILM[:HALF])
    answer = change(tus, address, WORDS)
    assert answer.status == 200
    assert {name: answer.json[name] for name in WORDS} == WORDS
    assert {name: tus.shown(address)[name] for name in WORDS} == WORDS
    content = the_film_arrived(tus.part(address, HALF, FILM[HALF:]))
    assert (content.title, content.description, content.category) == ("Rain", "Wet.", rain)
    assert content.visibility == Visibility.PRIVATE


def test_only_what_is_named_changes(tus: TusClient, rain: Category) -> None:
    address = tus.create(len(FILM), words=WORDS)
    assert change(tus, address, {"category": None}).status == 200
    content = the_film_arrived(tus.part(address, 0, FILM))
    assert (content.title, content.category, content.visibility) == ("Rain", None, Visibility.PRIVATE)


def test_a_part_that_arrives_goes_on_and_its_film_has_the_new_words(tus: TusClient) -> None:
    address = tus.create(len(FILM), words={"visibility": "public"})
    with tus.open_part(address, 0, length=len(FILM)) as writing:
        writing.sendall(FILM[:HALF])
        assert change(tus, address, {"visibility": "private"}).status == 200
        writing.sendall(FILM[HALF:])
        content = the_film_arrived(answer_on(writing))
    assert content.visibility == Visibility.PRIVATE


def test_what_comes_too_late_for_the_upload_is_the_films(tus: TusClient) -> None:
    address = tus.create(len(FILM), body=FILM, words={"title": "Rain", "visibility": "public"})
    assert change(tus, address, {"title": "", "visibility": "private"}).status == 200
    content = ContentMain.objects.get()
    assert (content.title, content.visibility) == ("Rain", Visibility.PRIVATE)
    content.delete()
    assert change(tus, address, {"visibility": "public"}).status == 200  # nothing is left to be public


def test_whose_film_takes_anothers_place_changes_none_of_its_words(tus: TusClient) -> None:
    tus.create(len(FILM), body=FILM, words={"title": "Rain", "visibility": "private"})
    content = ContentMain.objects.get()
    address = tus.create(4, body=b"more", words={"replaces": content.public_id})
    change(tus, address, {"title": "Snow", "visibility": "public"})
    content.refresh_from_db()
    assert (content.title, content.visibility) == ("Rain", Visibility.PRIVATE)


@pytest.mark.parametrize(
    "wrong", [{"title": "x" * 201}, {"title": "nul\0"}, {"category": "no-such-shelf"}, {"visibility": "everybody"}]
)
def test_words_that_no_film_may_have_are_refused(tus: TusClient, wrong: dict[str, str]) -> None:
    address = tus.create(10, words={"title": "Rain", "visibility": "private"})
    answer = change(tus, address, {"visibility": "public", **wrong})
    assert (answer.status, answer.code) == (400, "invalid")
    assert set(answer.json["errors"]) == set(wrong)
    upload = Upload.objects.get()
    assert (upload.title, upload.visibility) == ("Rain", Visibility.PRIVATE)


def test_nothing_but_words_changes(tus: TusClient) -> None:
    address = tus.create(10)
    assert change(tus, address, {"bytes": 5, "state": "finished", "replaces": "x"}).status == 200
    assert (tus.shown(address)["bytes"], tus.shown(address)["state"]) == (10, "receiving")
    assert change(tus, address, ["title"]).status == 400


def test_nobody_elses_words_change(tus: TusClient, tus_of_stranger: TusClient) -> None:
    address = tus.create(10, words={"title": "Rain"})
    guest = change(TusClient(tus.port, {}), address, {"title": "Snow"})
    assert (guest.status, guest.code) == (401, "not_authenticated")
    stranger = change(tus_of_stranger, address, {"title": "Snow"})
    assert (stranger.status, stranger.code) == (404, "not_found")
    assert Upload.objects.get().title == "Rain"


def test_the_words_of_what_lay_still_are_gone_with_it(tus: TusClient) -> None:
    address = tus.create(10)
    Upload.objects.update(expires_at=timezone.now())
    answer = change(tus, address, {"title": "Rain"})
    assert (answer.status, answer.code) == (410, "upload_expired")


def test_whoever_gives_up_too_late_is_told_the_film(tus: TusClient) -> None:
    early = tus.create(len(FILM), body=FILM[:HALF])
    assert tus.ask("DELETE", early).headers["Matinee-Video"] is None
    late = tus.create(len(FILM), body=FILM)
    assert tus.ask("DELETE", late).headers["Matinee-Video"] == ContentMain.objects.get().public_id
