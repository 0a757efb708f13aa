"""Scripts find their words where a browser may keep them, in the language of the address."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from config import catalogue

pytestmark = pytest.mark.django_db


def address(client: Client, language: str) -> str:
    page = client.get("/", headers={"Accept-Language": language}).content.decode()
    return page.split('src="/jsi18n/')[1].split('"')[0]


def test_a_page_names_the_words_of_its_language_and_they_may_be_kept(client: Client) -> None:
    found = address(client, "zh-hans")
    assert found == f"zh-hans/{catalogue.edition()}/"
    answer = client.get(f"/jsi18n/{found}", headers={"Accept-Language": "en"})
    assert json.dumps("已取消") in answer.content.decode()
    assert {"public", "immutable", "max-age=31536000"} <= set(answer["Cache-Control"].split(", "))


def test_words_of_another_edition_are_not_kept(client: Client) -> None:
    assert client.get("/jsi18n/en/0123456789ab/")["Cache-Control"] == "no-cache"


def test_a_language_that_the_site_does_not_speak_has_none(client: Client) -> None:
    assert client.get(f"/jsi18n/xx/{catalogue.edition()}/").status_code == 404
