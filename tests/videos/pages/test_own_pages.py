"""Pages for members: uploading, and what one has uploaded."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.videos.factories import make_video
from tests.videos.pages.conftest import PageReader
from videos.jobs.queue import StepPlan, create_job
from videos.models import AuditStatus, ContentStatus, JobKind, Lane, Visibility

pytestmark = pytest.mark.django_db
Visit = Callable[..., PageReader]


@pytest.mark.parametrize("address", ["/upload/", "/me/videos/"])
def test_guests_are_asked_to_sign_in_and_come_back(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", ["/upload/", "/me/videos/"])
def test_only_reading_is_answered(client: Client, member: User, address: str) -> None:
    client.force_login(member)
    assert client.post(address).status_code == 405


def test_the_upload_page_offers_categories_and_who_may_see_it(visit: Visit, member: User) -> None:
    page = visit("/upload/", member)
    values = [attributes.get("value") for attributes in page.found("option")]
    assert {"film", "public", "unlisted", "private"} <= set(values)
    chosen = page.found("input")
    assert [attributes for attributes in chosen if attributes.get("type") == "file" and "multiple" in attributes]
    assert [
        attributes
        for attributes in page.found("meta")
        if attributes.get("name") == "csrf-token" and attributes["content"]
    ]


def test_the_upload_page_says_how_large_a_film_may_be(visit: Visit, member: User, settings: LazySettings) -> None:
    assert visit("/upload/", member).found("div")[0] is not None
    settings.UPLOAD_MAX_BYTES = 5 * 1024**3
    page = visit("/upload/", member)
    assert "5.37 GB" in page.text
    assert [attributes for attributes in page.found("div") if attributes.get("data-max-bytes") == str(5 * 1024**3)]


def test_one_finds_all_of_ones_own_films_and_nobody_elses(visit: Visit, member: User, stranger: User) -> None:
    states = [
        make_video(member, title="On the programme film"),
        make_video(member, title="Waiting film", audit_status=AuditStatus.PENDING),
        make_video(member, title="Refused film", audit_status=AuditStatus.REJECTED, audit_reason="Too loud."),
        make_video(member, title="Coming film", status=ContentStatus.PROCESSING),
        make_video(member, title="Broken film", status=ContentStatus.FAILED, failure_code="not_a_video"),
        make_video(member, title="Gone film", status=ContentStatus.WITHDRAWN),
        make_video(member, title="Secret film", visibility=Visibility.PRIVATE),
    ]
    make_video(stranger, title="Somebody else's")
    page = visit("/me/videos/", member)
    assert [link for link in page.links if link.startswith("/watch/")] == [
        f"/watch/{video.public_id}/" for video in reversed(states)
    ]
    for words in (
        "On the programme", "Waiting for approval", "Not approved", "Too loud.", "Being made", "Failed",
        "This file is neither a video nor sound.", "Withdrawn", "Private",
    ):  # fmt: skip
        assert words in page.text
    assert "Somebody else" not in page.text


def test_a_film_that_is_being_made_follows_its_own_progress(visit: Visit, member: User) -> None:
    video = make_video(member, status=ContentStatus.PROCESSING)
    followed = visit("/me/videos/", member).found("making-of")
    assert [attributes["data-video"] for attributes in followed] == [video.public_id]


def test_a_film_that_is_watched_while_it_grows_does_so_too(
    client: Client, member: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def follows() -> int:
        return client.get("/me/videos/").content.count(b"<making-of")

    def beside(kind: JobKind) -> None:
        create_job(
            owner=member, content=make_video(member), kind=kind, parameters={}, steps=[StepPlan("x", Lane.QUICK)]
        )

    client.force_login(member)
    make_video(member)
    with django_assert_max_num_queries(50) as before:
        assert follows() == 0
    beside(JobKind.TRANSCODE)
    beside(JobKind.POSTER)  # small work on a film that is made
    with django_assert_max_num_queries(len(before)):
        assert follows() == 1


def test_somebody_who_has_uploaded_nothing_is_told_what_comes_here(visit: Visit, member: User) -> None:
    page = visit("/me/videos/", member)
    assert "Nothing of yours yet" in page.text
    assert "/upload/" in page.links
