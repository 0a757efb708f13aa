"""The audit trail in the admin: to be read, by whoever may view it, and by nobody to be changed."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin[AuditEntry]):
    list_display = ["at", "actor_name", "action", "target", "detail"]
    list_display_links = ["at"]
    list_filter = ["action", "at"]
    search_fields = ["actor_name", "action", "target"]
    fields = ["at", "actor_name", "action", "target", "detail", "previous_hash", "entry_hash"]
    list_per_page = 50
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False
