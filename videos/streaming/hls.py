"""Addresses of an item's bytes for one viewer: who gets a public grant, who one of their own, and until
when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.conf import settings

from accounts.models import User
from videos.models import Artwork, ContentMain, ContentStatus, Visibility
from videos.models.artwork import ArtworkKind
from videos.models.content import Viewer
from videos.streaming import grants
from videos.streaming.grants import PUBLIC, Grant, Purpose, Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class Minted:
    """Where everything a grant allows begins, without a slash at the end, and when that ends."""

    prefix: str
    expires_at: datetime


def mint_grant(*, content: ContentMain, viewer: Viewer, now: datetime, purpose: Purpose = Purpose.PLAY) -> Minted:
    """A grant for what this viewer may see of `content`; whether they may is asked by the caller now, and
    again at every use by streaming.permission. What everybody may fetch gets a public grant, alike for all
    who ask at about the same time; anything else one in the viewer's name. A guest can only get a public
    one."""
    subject = _subject(content, viewer)
    life = _life_seconds(content)
    ends = grants.expiry(now=int(now.timestamp()), life_seconds=life, is_shared=subject is PUBLIC)
    # Artwork changes its name with its content, so its grant need not name a version.
    version = (content.version or 0) if purpose is Purpose.PLAY else 0
    grant = Grant(content.public_id, version, purpose, ends, subject)
    signed = grants.sign(grant, signing_keys()[0])
    return Minted(f"/media/{signed}/{content.public_id}", datetime.fromtimestamp(ends, UTC))


def longest_life(content: ContentMain) -> timedelta:
    """When every grant for the item that was given until now has ended."""
    return timedelta(seconds=grants.longest_life_seconds(_life_seconds(content)))


def poster_url(*, content: ContentMain, viewer: Viewer, now: datetime) -> str | None:
    """The address of the item's poster for somebody who may know of the item, or None while there is none, or none that
    this viewer may fetch: before an item can be played, its pictures are for its owner and for moderators.
    Asks the database only where the item did not come with `poster_token`
    (catalogue.selectors.with_card_facts)."""
    return _art_url(ArtworkKind.POSTER, content=content, viewer=viewer, now=now)


def storyboard_url(*, content: ContentMain, viewer: Viewer, now: datetime) -> str | None:
    """The same of the list of its storyboard; the sheets that it names are relative to it, under the same grant."""
    return _art_url(ArtworkKind.STORYBOARD, content=content, viewer=viewer, now=now)


def _art_url(kind: ArtworkKind, *, content: ContentMain, viewer: Viewer, now: datetime) -> str | None:
    if not (_is_open(content) or _is_insider(content, viewer)):
        return None
    if content.status == ContentStatus.WITHDRAWN and not (isinstance(viewer, User) and viewer.is_moderator):
        return None  # its bytes are refused to its owner too (streaming.permission)
    known = f"{kind.value}_token"
    token: str | None = (
        getattr(content, known)
        if hasattr(content, known)
        else Artwork.objects.filter(content=content, kind=kind).values_list("token", flat=True).first()
    )
    if not token:
        return None
    minted = mint_grant(content=content, viewer=viewer, now=now, purpose=Purpose.ARTWORK)
    return f"{minted.prefix}/art/{Artwork(kind=kind, token=token).filename}"


def signing_keys() -> tuple[bytes, ...]:
    """The key that signs, then those it replaced, which still verify."""
    return _keys(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def _life_seconds(content: ContentMain) -> int:
    return settings.GRANT_SECONDS or grants.life_seconds(content.duration_seconds or 0.0)


def _subject(content: ContentMain, viewer: Viewer) -> Subject:
    if _is_open(content):
        return PUBLIC
    return Subject(SubjectKind.ACCOUNT, viewer.public_id) if isinstance(viewer, User) else PUBLIC


def _is_open(content: ContentMain) -> bool:
    """Whether everybody may fetch its bytes."""
    is_public = content.visibility in {Visibility.PUBLIC, Visibility.UNLISTED}
    return content.is_approved and content.is_available and is_public


def _is_insider(content: ContentMain, viewer: Viewer) -> bool:
    return isinstance(viewer, User) and (viewer.pk == content.owner_id or viewer.is_moderator)


@lru_cache(maxsize=8)
def _keys(*secrets: str) -> tuple[bytes, ...]:
    return tuple(grants.derive_key(secret) for secret in secrets)
