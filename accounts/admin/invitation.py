"""Invitations in the admin: make one, copy its link, see who used it."""

from __future__ import annotations

from typing import Any, cast  # the admin's form classes differ from page to page
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import Invitation, User


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin[Invitation]):
    list_display = ["__str__", "state", "link", "expires_at", "made_by", "used_by", "used_at"]
    list_filter = ["made_at", "used_at"]
    list_select_related = ["made_by", "used_by"]
    search_fields = ["note", "code", "used_by__username"]
    fields = ["note", "expires_at", "link", "state", "made_by", "made_at", "used_by", "used_at"]
    readonly_fields = ["link", "state", "made_by", "made_at", "used_by", "used_at"]

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> list[Any]:
        return list(self.fields) if obj else ["note", "expires_at"]

    def has_delete_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        """A used one tells how an account came here; it stays."""
        return super().has_delete_permission(request, obj) and not (obj is not None and obj.is_used)

    def save_model(self, request: HttpRequest, obj: Invitation, form: ModelForm[Invitation], change: Any) -> None:
        actor = cast("User", request.user)
        if not change:
            obj.made_by = actor
        super().save_model(request, obj, form, change)
        if not change:
            # The code itself is a key to the site, so the trail names the row.
            target = f"invitation:{obj.pk}"
            audit.record(actor=actor, action="invitation.make", target=target, detail={"note": obj.note})

    @admin.display(description=_("state"))
    def state(self, invitation: Invitation) -> str:
        """In a word."""
        if invitation.is_used:
            return str(_("used"))
        return str(_("expired") if invitation.is_expired else _("waiting"))

    @admin.display(description=_("link"))
    def link(self, invitation: Invitation) -> SafeString | str:
        """The sign-up page with the code filled in; nothing once it is spent."""
        if invitation.is_used or invitation.is_expired:
            return "–"
        query = urlencode({"code": invitation.code})
        return format_html('<a href="{0}">{0}</a>', f"{settings.PUBLIC_URL}{reverse('account_signup')}?{query}")
