"""The API's schema is valid, complete and served offline."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from tests.contracts.test_error_shape import ADDRESSES, SAMPLES


@pytest.mark.django_db
def test_the_schema_validates_without_a_warning() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=io.StringIO())


@pytest.mark.django_db
def test_the_schema_names_the_public_surface(api: APIClient) -> None:
    paths = set(api.get("/api/schema/?format=json").json()["paths"])
    assert {
        "/api/auth/register/", "/api/auth/login/", "/api/auth/logout/", "/api/me/", "/api/videos/",
        "/api/videos/{public_id}/", "/api/uploads/", "/api/uploads/{public_id}/",
        "/api/videos/{public_id}/playback/", "/api/videos/{public_id}/progress/", "/api/playback/sessions/",
        "/api/playback/heartbeats/",
    } <= paths  # fmt: skip


@pytest.mark.django_db
def test_every_route_of_the_api_is_described(api: APIClient) -> None:
    described = set(api.get("/api/schema/?format=json").json()["paths"])
    for name, sample in SAMPLES.items():
        described = {path.replace(f"{{{name}}}", sample) for path in described}
    nothing_there = {"/api/", "/api/nothing/"}  # the problem document for every other path
    assert sorted(set(ADDRESSES) - described - nothing_there) == []


@pytest.mark.django_db
def test_the_pages_of_the_schema_load_nothing_from_elsewhere(api: APIClient) -> None:
    page = api.get("/api/docs/").content.decode()
    assert "swagger" in page.lower()
    assert "cdn" not in page
    assert "http://" not in page.replace("http://testserver", "")
    assert "https://" not in page
