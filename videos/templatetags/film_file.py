"""{% film_file video viewer as file %}: what the owner's panel shows of a film's file, and what its viewer may do."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.conf import settings
from django.urls import reverse

from accounts.models import User
from videos.catalogue.file_words import file_words
from videos.jobs.progress import refusal_of_newer_file
from videos.models import ContentMain, ContentStatus, ReplacedSource, Source
from videos.pipeline.facts import SourceFacts

register = template.Library()


@dataclass(frozen=True)
class FilmFile:
    filename: str
    bytes: int
    words: list[tuple[str, str]]  # label and value
    refused: str  # why a newer file was not taken, empty where that is not the latest news
    replaced: str  # the name of the file that still plays while this one is being made; empty where none does
    is_withdrawn: bool
    may_move: bool  # withdraw it, or bring it back
    needs_moderator: bool  # to be brought back
    delete_address: str  # empty for who may not
    part_bytes: int


@register.simple_tag
def film_file(video: ContentMain, viewer: User) -> FilmFile | None:
    """None for an item that has no file. Three queries."""
    source = Source.objects.filter(content=video).first()
    if source is None:
        return None
    replaced = ReplacedSource.objects.filter(content=video).values_list("filename", flat=True).first()
    is_withdrawn = video.status == ContentStatus.WITHDRAWN
    needs_moderator = is_withdrawn and video.is_withdrawn_by_moderator and not viewer.is_moderator
    return FilmFile(
        filename=source.filename,
        bytes=source.bytes,
        words=file_words(SourceFacts.from_json(source.facts)) if source.facts else [],
        refused="" if replaced else refusal_of_newer_file(video),
        replaced=replaced or "",
        is_withdrawn=is_withdrawn,
        may_move=not needs_moderator and (video.owner_id == viewer.pk or viewer.is_moderator),
        needs_moderator=needs_moderator,
        delete_address=_delete_address(video, viewer),
        part_bytes=settings.UPLOAD_PART_BYTES,
    )


def _delete_address(video: ContentMain, viewer: User) -> str:
    if video.owner_id == viewer.pk:
        return reverse("videos:delete-video", args=[video.public_id])
    if viewer.is_staff and viewer.has_perm("videos.delete_contentmain"):
        return reverse("admin:videos_contentmain_delete", args=[video.pk])
    return ""
