"""Django's admin under our name. The pages themselves belong to the apps."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class MatineeAdminSite(AdminSite):
    site_header = _("Matinee administration")
    site_title = _("Matinee administration")
    index_title = _("Overview")


class MatineeAdminConfig(AdminConfig):
    default_site = "config.admin_site.MatineeAdminSite"
