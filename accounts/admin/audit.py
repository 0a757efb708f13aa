"""The audit trail in the admin: to be read, by whoever may view it, and by nobody to be changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any  # the admin's changelist is untyped here

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import targets
from accounts.admin.details import lines_of
from accounts.audit import NOBODY
from accounts.models import AuditEntry, Invitation, User

NAME_KEYS = ("title", "username", "note")  # where an entry keeps what its target was called


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin[AuditEntry]):
    list_display = ["at", "who", "what", "about", "said"]
    list_display_links = ["at"]
    list_filter = ["action", "at"]
    search_fields = ["actor_name", "action", "target"]
    fields = ["at", "who", "what", "about", "said", "target", "previous_hash", "entry_hash"]
    readonly_fields = ["who", "what", "about", "said"]
    list_per_page = 50
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With the names of a page's targets, read at once."""
        changelist = super().get_changelist_instance(request)
        entries = list(changelist.result_list)
        _name(entries, targets.named(entries))
        changelist.result_list = entries
        return changelist

    @admin.display(description=gettext_lazy("who"), ordering="actor_name")
    def who(self, entry: AuditEntry) -> str:
        return _("the site") if entry.actor_id is None and entry.actor_name == NOBODY else entry.actor_name

    @admin.display(description=gettext_lazy("action"), ordering="action")
    def what(self, entry: AuditEntry) -> str:
        return capfirst(entry.get_action_display())

    @admin.display(description=gettext_lazy("about"), ordering="target")
    def about(self, entry: AuditEntry) -> SafeString:
        """Its name as it is now, with a way to it; else the name that the entry kept."""
        found = _found(entry)
        if found is not None:
            return format_html('<a href="{}">{}</a>', found.link, found.name)
        kept = next((entry.detail[key] for key in NAME_KEYS if entry.detail.get(key)), None)
        return format_html("{}", kept) if kept else format_html('<code class="code">{}</code>', entry.target)

    @admin.display(description=gettext_lazy("detail"))
    def said(self, entry: AuditEntry) -> SafeString | str:
        """All that the entry kept, but for a name that stands beside it already."""
        found = _found(entry)
        detail = {
            key: value
            for key, value in entry.detail.items()
            if key not in NAME_KEYS or (found is not None and value != found.name)
        }
        lines = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", lines_of(detail))
        return format_html('<dl class="said">{}</dl>', lines) if lines else "–"


def _found(entry: AuditEntry) -> targets.Named | None:
    """What the entry is about, if it still exists; asked for once."""
    if not hasattr(entry, "named"):
        _name([entry], targets.named([entry]))
    found: targets.Named | None = entry.named  # type: ignore[attr-defined]  # for this page only
    return found


def _name(entries: list[AuditEntry], found: Mapping[str, targets.Named]) -> None:
    for entry in entries:
        entry.named = found.get(entry.target)  # type: ignore[attr-defined]  # for this page only


def _people(ids: frozenset[str]) -> dict[str, targets.Named]:
    people = User.objects.filter(public_id__in=ids).values_list("public_id", "username", "pk")
    return {
        public_id: targets.Named(username, reverse("admin:accounts_user_change", args=[pk]))
        for public_id, username, pk in people
    }


def _invitations(ids: frozenset[str]) -> dict[str, targets.Named]:
    found = Invitation.objects.filter(pk__in=[identity for identity in ids if identity.isdecimal()])
    return {
        str(invitation.pk): targets.Named(
            str(invitation), reverse("admin:accounts_invitation_change", args=[invitation.pk])
        )
        for invitation in found
    }


targets.register("user", _people)
targets.register("invitation", _invitations)
