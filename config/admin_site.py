"""Django's admin under our name. The pages themselves belong to the apps."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast  # the admin passes free-form contexts around

from csp.decorators import csp_replace
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

# Replaced, not added to: beside a hash browsers ignore 'unsafe-inline'.
STYLES = {"style-src": ["'self'", "'unsafe-inline'"]}
_ViewT = TypeVar("_ViewT", bound=Callable[..., HttpResponseBase])


class MatineeAdminSite(AdminSite):
    """Its pages may set style attributes: select2, which Django's autocomplete fields use, needs them."""

    site_header = _("Matinee administration")
    site_title = _("Matinee administration")
    index_title = _("Overview")

    def admin_view(self, view: _ViewT, cacheable: bool = False) -> _ViewT:
        inner = csp_replace(STYLES)(super().admin_view(view, cacheable))

        @wraps(inner)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            self._refuse_members(request)
            return inner(request, *args, **kwargs)

        return cast("_ViewT", guarded)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "GET":
            self._refuse_members(request)
        return super().login(request, extra_context)

    def _refuse_members(self, request: HttpRequest) -> None:
        """To somebody who is signed in, a form for signing in says nothing: this is not for them."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """With what waits for a moderator, where a moderator looks."""
        from accounts.models import User  # noqa: PLC0415 -- needs loaded models
        from videos.publishing import review  # noqa: PLC0415

        is_moderator = isinstance(request.user, User) and request.user.is_moderator
        waiting = review.waiting().count() if is_moderator else None
        return super().index(request, {"waiting": waiting, **(extra_context or {})})


class MatineeAdminConfig(AdminConfig):
    default_site = "config.admin_site.MatineeAdminSite"

    def ready(self) -> None:
        """Takes away two pages that libraries bring along: of tokens only hashes are kept, and a token made there could
        never be used; e-mail addresses stand with their person."""
        super().ready()
        from allauth.account.models import EmailAddress  # noqa: PLC0415 -- needs loaded models
        from django.contrib.admin import site  # noqa: PLC0415
        from knox.models import AuthToken  # noqa: PLC0415

        site.unregister([AuthToken, EmailAddress])
