"""Django's admin under our name. The pages themselves belong to the apps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from csp.decorators import csp_replace
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http.response import HttpResponseBase
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
        return cast("_ViewT", csp_replace(STYLES)(super().admin_view(view, cacheable)))


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
