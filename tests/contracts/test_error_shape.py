"""One error shape on every API route: whatever a client does wrong, it gets problem details with a stable code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from accounts.models import User

SAMPLES = {"public_id": "nosuchvideo", "rest": "nothing/", "pk": "1", "username": "nobody", "token": "0f1e2d"}
NOT_JSON = {"/api/schema/", "/api/docs/"}  # the schema and its page are documents, not calls
METHODS = ("get", "post", "put", "patch", "delete")


def _addresses(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        pattern = str(entry.pattern)
        for name, sample in SAMPLES.items():
            for converter in ("str", "slug", "path", "int"):
                pattern = pattern.replace(f"<{converter}:{name}>", sample)
        address = prefix + pattern.lstrip("^").rstrip("$")
        if isinstance(entry, URLResolver):
            yield from _addresses(entry, address)
        elif isinstance(entry, URLPattern):
            yield address


ADDRESSES = sorted({address for address in _addresses(get_resolver(), "/") if address.startswith("/api/")} - NOT_JSON)


def test_the_walk_finds_the_routes() -> None:
    assert {"/api/videos/", "/api/videos/nosuchvideo/playback/", "/api/auth/login/", "/api/me/"} <= set(ADDRESSES)


@pytest.mark.django_db
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("who", ["guest", "member"])
def test_every_refusal_is_a_problem_document(address: str, method: str, who: str, api: APIClient, member: User) -> None:
    if who == "member":
        api.force_authenticate(member)
    response = getattr(api, method)(
        address, data=[] if method != "get" else None, format="json" if method != "get" else None
    )
    if response.status_code < 400:
        return
    assert response.status_code < 500, response.content
    assert response["Content-Type"].startswith("application/problem+json")
    body = response.json()
    assert {"type", "title", "status", "code", "detail"} <= set(body)
    assert body["status"] == response.status_code
    assert body["code"]
    assert body["detail"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/auth/login/", "/api/playback/heartbeats/", "/api/playback/sessions/"])
def test_a_body_that_is_no_json_is_told_so(address: str, api: APIClient) -> None:
    response = api.post(address, data="{broken", content_type="application/json")
    assert response.status_code == 400
    assert response["Content-Type"].startswith("application/problem+json")


@pytest.mark.django_db
def test_a_slash_is_never_added_to_a_post_by_redirect(api: APIClient) -> None:
    assert api.post("/api/auth/login", data={}, format="json").status_code == 404
