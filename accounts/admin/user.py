"""People in the admin. Who may do what is for superusers to say, and each change of it goes into the audit trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast  # form values differ by field

from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.admin import actions
from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import ManyToManyField, Model, QuerySet
from django.forms import ModelForm, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_protect

from accounts import audit, deletion, moderators
from accounts.addresses import client_address
from accounts.errors import AccountError
from accounts.models import User

ROLE_FIELDS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")


class EmailAddressInline(admin.TabularInline[EmailAddress, User]):
    """Addresses a person has given, and which of them are verified."""

    model = EmailAddress
    extra = 0


class GroupFilter(RelatedFieldListFilter):
    """Groups by the names that people know them by."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(group.pk), _group_name(group)) for group in Group.objects.order_by("name")]


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["username", "display_name", "public_id", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_superuser", "is_active", ("groups", GroupFilter), "date_joined"]
    search_fields = ["username", "display_name", "email", "public_id"]
    ordering = ["-date_joined"]
    actions = ["delete_selected"]
    readonly_fields = ["public_id", "last_login", "date_joined"]
    fieldsets = (
        (None, {"fields": ("username", "password", "public_id")}),
        (_("Person"), {"fields": ("display_name", "email")}),
        (_("Permissions"), {"fields": ROLE_FIELDS}),
        (_("Important dates"), {"fields": ("last_login", "date_joined")}),
    )

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[type[InlineModelAdmin[Any, Any]]]:
        """Somebody who is being added has given no address yet."""
        return [EmailAddressInline] if obj else []

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField[Any] | None:
        """The group that every site has is listed by its name in the reader's language."""
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None and db_field.name == "groups":
            field.label_from_instance = _group_name  # type: ignore[assignment,method-assign]
        return field

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

    # --- Deleting: the one service does it, with all that goes with an account -------------------------------------

    @method_decorator(csrf_protect)
    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's own runs in one transaction, in which hundreds of films would be removed at once or not at all."""
        delete: Callable[..., HttpResponse] = self._delete_view  # type: ignore[attr-defined]  # Django's, untyped
        person = self.get_object(request, object_id)
        if isinstance(person, User) and self.has_delete_permission(request, person):
            try:
                deletion.refuse_deletion(person=person, actor=cast("User", request.user))
                return delete(request, object_id, extra_context)
            except AccountError as refusal:
                self.message_user(request, str(refusal.message), messages.ERROR)
                return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[person.pk]))
        return delete(request, object_id, extra_context)

    @admin.action(description=_("Delete selected people"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Django's action (its confirmation page knows this name), unless one of them must stay: then nobody goes, and
        it says why."""
        for person in queryset:
            try:
                deletion.refuse_deletion(person=person, actor=cast("User", request.user))
            except AccountError as refusal:
                self.message_user(request, f"{person.username}: {refusal.message}", messages.ERROR)
                return None
        return cast("HttpResponse | None", actions.delete_selected(self, request, queryset))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        """What the confirmation page lists: each account with what goes with it. Nothing protects itself here, the
        service removes it first."""
        people: list[User] = list(objs)
        listed: list[Any] = []
        for person in people:
            listed.append(person.username)
            if going := [str(held.described(count)) for held, count in deletion.belongings_of(person)]:
                listed.append(going)
        is_allowed = all(self.has_delete_permission(request, person) for person in people)
        missing = set() if is_allowed else {self.opts.verbose_name}
        return listed, {self.opts.verbose_name_plural: len(people)}, missing, []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        deletion.delete_account(person=obj, actor=cast("User", request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            deletion.delete_account(person=person, actor=cast("User", request.user))


def _group_name(group: Model) -> str:
    return gettext("Moderators") if str(group) == moderators.GROUP else str(group)


def _said(value: object) -> object:
    """A switch as it is; groups and permissions by name."""
    if value is None or isinstance(value, bool):
        return value
    return sorted(str(item) for item in cast("list[Model]", value))
