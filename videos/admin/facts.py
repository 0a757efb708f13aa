"""The facts of a file in words, for those who decide about it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import User
from videos.catalogue.file_words import file_words
from videos.catalogue.lengths import bytes_text, clock_text
from videos.models import ContentMain, ContentStatus, Source
from videos.pipeline.probe import SourceFacts
from videos.reasons import sentence


def facts_of(content: ContentMain, *, viewer: User) -> list[tuple[str, str]]:
    """Label and value: who brought it and when, length, file, container, picture, sound, renditions."""
    rows: list[tuple[str, str]] = [
        (_("Uploaded by"), _person(content.owner, viewer)),
        (_("Uploaded"), date_format(localtime(content.created_at), "DATETIME_FORMAT")),
    ]
    if length := clock_text(content.duration_seconds):
        rows.append((_("Length"), length))
    if content.status == ContentStatus.FAILED:
        rows.append((_("What went wrong"), sentence(content.failure_code)))
    source = Source.objects.filter(content=content).first()
    if source is not None:
        rows.append((_("File"), f"{source.filename} · {bytes_text(source.bytes)}"))
        rows.extend(file_words(SourceFacts.from_json(source.facts)) if source.facts else [])
    rungs = [
        f"{rung.label} · {bytes_text(rung.bytes)}" for rung in content.renditions.filter(version=content.version or 0)
    ]
    if rungs:
        rows.append((_("Renditions"), ", ".join(rungs)))
    return rows


def _person(owner: User, viewer: User) -> str:
    """With a way to their page for those who may open it, else to all they have uploaded."""
    name = owner.username if owner.shown_name == owner.username else f"{owner.shown_name} (@{owner.username})"
    if viewer.has_perm("accounts.view_user"):
        link = reverse("admin:accounts_user_change", args=[owner.pk])
    else:
        link = f"{reverse('admin:videos_contentmain_changelist')}?{urlencode({'show': 'all', 'q': owner.username})}"
    return format_html('<a href="{}">{}</a>', link, name)
