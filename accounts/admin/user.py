"""People in the admin. Who may do what is for superusers to say, and each change of it goes into the audit trail."""

from __future__ import annotations

from typing import Any, cast  # form values differ by field

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.addresses import client_address
from accounts.models import User

ROLE_FIELDS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["username", "display_name", "public_id", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups", "date_joined"]
    search_fields = ["username", "display_name", "email", "public_id"]
    ordering = ["-date_joined"]
    readonly_fields = ["public_id", "last_login", "date_joined"]
    fieldsets = (
        (None, {"fields": ("username", "password", "public_id")}),
        (_("Person"), {"fields": ("display_name", "email")}),
        (_("Permissions"), {"fields": ROLE_FIELDS}),
        (_("Important dates"), {"fields": ("last_login", "date_joined")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Staff who may edit people may not make themselves, or anybody, mightier."""
        is_superuser = cast("User", request.user).is_superuser
        return [*self.readonly_fields, *([] if is_superuser else ROLE_FIELDS[1:])]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nor set the password of somebody who can do more than they."""
        return super().has_change_permission(request, obj) and self._is_not_above(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._is_not_above(request, obj)

    @staticmethod
    def _is_not_above(request: HttpRequest, person: User | None) -> bool:
        actor = cast("User", request.user)
        return actor.is_superuser or person is None or person == actor or not person.is_staff

    def save_related(self, request: HttpRequest, form: ModelForm[User], formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        changed = [name for name in ROLE_FIELDS if name in form.changed_data]
        if changed:
            audit.record(
                actor=cast("User", request.user),
                action="user.rights",
                target=f"user:{form.instance.public_id}",
                detail={
                    "before": {name: _said(form.initial.get(name)) for name in changed},
                    "after": {name: _said(form.cleaned_data[name]) for name in changed},
                    "address": client_address(request),
                },
            )


def _said(value: object) -> object:
    """A switch as it is; groups and permissions by name."""
    if value is None or isinstance(value, bool):
        return value
    return sorted(str(item) for item in cast("list[Model]", value))
