"""The accounts app: who somebody is. It imports no other app."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Connects the one receiver."""
        from accounts import moderators  # noqa: PLC0415 -- needs loaded models

        post_migrate.connect(moderators.make_group, dispatch_uid="accounts.moderators")
