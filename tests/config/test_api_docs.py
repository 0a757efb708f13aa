"""The page of the API: in our look, from our own files, with nothing that the site's policy would refuse."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_page_has_nothing_inline_and_nothing_from_elsewhere(client: Client) -> None:
    answer = client.get("/api/docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", page)
    loaded = re.findall(r'<(?:script|link|img)\b[^>]*?(?:src|href)="([^"]+)"', page)
    assert loaded
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)
    for address in loaded:
        name = address.removeprefix("/static/")
        assert name == address or finders.find(name), f"{address} is not there"


def test_the_page_names_the_schema_and_leads_home(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    address = re.search(r'data-schema="([^"]+)"', page)
    assert address
    schema = client.get(address[1])
    assert schema["Content-Type"].startswith("application/vnd.oai.openapi+json")
    assert "/api/videos/" in schema.json()["paths"]
    assert 'class="bar"' in page
    assert 'href="/"' in page


def test_the_page_speaks_the_readers_language(client: Client) -> None:
    assert '<html lang="zh-hans"' in client.get("/api/docs/", headers={"Accept-Language": "zh-CN"}).content.decode()
