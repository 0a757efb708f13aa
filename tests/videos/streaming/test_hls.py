"""Who gets which grant, and the addresses made from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.videos.factories import make_video
from videos.catalogue.selectors import listed_videos
from videos.models import Artwork, AuditStatus, ContentMain, ContentStatus, Visibility
from videos.models.artwork import ArtworkKind
from videos.streaming.address import MediaKind, parse_media_path
from videos.streaming.grants import PUBLIC, Grant, Purpose, Subject, SubjectKind, verify
from videos.streaming.hls import mint_grant, poster_url, signing_keys

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


def _grant(content: ContentMain, address: str | None) -> Grant:
    assert address is not None
    parsed = parse_media_path(address)
    assert parsed is not None
    assert parsed.item == content.public_id
    grant = verify(parsed.grant, now=int(NOW.timestamp()), keys=signing_keys(), item=content.public_id)
    assert isinstance(grant, Grant)
    return grant


def _minted(content: ContentMain, viewer: User | AnonymousUser, now: datetime = NOW) -> Grant:
    return _grant(content, f"{mint_grant(content=content, viewer=viewer, now=now).prefix}/v1/master.m3u8")


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.UNLISTED])
def test_what_everybody_may_watch_gets_one_address_for_all(
    owner: User, stranger: User, guest: AnonymousUser, visibility: Visibility
) -> None:
    content = make_video(owner, visibility=visibility)
    prefixes = {mint_grant(content=content, viewer=viewer, now=NOW).prefix for viewer in (owner, stranger, guest)}
    assert len(prefixes) == 1
    assert _minted(content, guest).subject is not None
    assert _minted(content, guest).subject == PUBLIC


@pytest.mark.parametrize(
    "fields",
    [
        {"visibility": Visibility.PRIVATE},
        {"audit_status": AuditStatus.PENDING},
        {"audit_status": AuditStatus.REJECTED},
        {"status": ContentStatus.WITHDRAWN},
        {"status": ContentStatus.PROCESSING},
    ],
)
def test_anything_else_is_granted_in_the_viewers_name(owner: User, moderator: User, fields: dict[str, object]) -> None:
    content = make_video(owner)
    for name, value in fields.items():
        setattr(content, name, value)
    for viewer in (owner, moderator):
        assert _minted(content, viewer).subject == Subject(SubjectKind.ACCOUNT, viewer.public_id)


def test_a_guest_never_gets_more_than_a_public_grant(owner: User, guest: AnonymousUser) -> None:
    assert _minted(make_video(owner, visibility=Visibility.PRIVATE), guest).subject == PUBLIC


def test_a_grant_is_for_the_published_version(owner: User, guest: AnonymousUser) -> None:
    content = make_video(owner)
    content.version = 4
    assert _minted(content, guest).version == 4
    assert _minted(content, guest).purpose is Purpose.PLAY


def test_grants_live_six_hours_or_twice_the_film_or_what_the_setting_says(
    owner: User, guest: AnonymousUser, settings: LazySettings
) -> None:
    private = make_video(owner, visibility=Visibility.PRIVATE, duration_seconds=60)
    assert mint_grant(content=private, viewer=owner, now=NOW).expires_at == NOW + timedelta(hours=6)
    private.duration_seconds = 5 * 3600
    assert mint_grant(content=private, viewer=owner, now=NOW).expires_at == NOW + timedelta(hours=10)
    settings.GRANT_SECONDS = 1000
    assert mint_grant(content=private, viewer=owner, now=NOW).expires_at == NOW + timedelta(seconds=1000)
    public = make_video(owner, duration_seconds=60)
    ends = mint_grant(content=public, viewer=guest, now=NOW).expires_at
    assert timedelta(seconds=1000) <= ends - NOW < timedelta(seconds=1250)


def test_public_addresses_change_a_few_times_in_a_grants_life(
    owner: User, guest: AnonymousUser, settings: LazySettings
) -> None:
    settings.GRANT_SECONDS = 20
    content = make_video(owner, duration_seconds=1)
    prefixes = {
        mint_grant(content=content, viewer=guest, now=NOW + timedelta(seconds=second)).prefix for second in range(20)
    }
    assert len(prefixes) in {4, 5}


def test_a_poster_is_granted_as_a_picture(owner: User, guest: AnonymousUser) -> None:
    content = make_video(owner)
    assert poster_url(content=content, viewer=guest, now=NOW) is None
    artwork = Artwork.objects.create(content=content, kind=ArtworkKind.POSTER, width_px=1, height_px=1, bytes=1)
    url = poster_url(content=content, viewer=guest, now=NOW)
    assert url is not None
    assert url.endswith(f"/{content.public_id}/art/{artwork.token}.jpg")
    parsed = parse_media_path(url)
    assert parsed is not None
    assert parsed.kind is MediaKind.PICTURE
    assert _grant(content, url).purpose is Purpose.ARTWORK
    assert _grant(content, url).version == 0


def test_a_list_of_posters_asks_the_database_once(
    owner: User, guest: AnonymousUser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        Artwork.objects.create(content=make_video(owner), kind=ArtworkKind.POSTER, width_px=1, height_px=1, bytes=1)
    with django_assert_num_queries(1):
        urls = [poster_url(content=content, viewer=guest, now=NOW) for content in listed_videos(viewer=guest)]
    assert len({url for url in urls if url}) == 3


def test_nobody_is_given_a_picture_they_could_not_fetch(
    owner: User, stranger: User, moderator: User, guest: AnonymousUser
) -> None:
    content = make_video(owner, status=ContentStatus.PROCESSING)
    Artwork.objects.create(content=content, kind=ArtworkKind.POSTER, width_px=1, height_px=1, bytes=1)
    assert poster_url(content=content, viewer=guest, now=NOW) is None
    assert poster_url(content=content, viewer=stranger, now=NOW) is None
    assert poster_url(content=content, viewer=owner, now=NOW) is not None
    assert poster_url(content=content, viewer=moderator, now=NOW) is not None
    content.status = ContentStatus.WITHDRAWN
    assert poster_url(content=content, viewer=owner, now=NOW) is None, "its bytes are refused to them too"
    assert poster_url(content=content, viewer=moderator, now=NOW) is not None
