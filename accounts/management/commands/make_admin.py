"""`manage make_admin`: the site's first administrator, made once."""

from __future__ import annotations

import os
import secrets

from django.core.management.base import BaseCommand
from django.db import IntegrityError, transaction

from accounts.models import User

USERNAME = "admin"


class Command(BaseCommand):
    """Prints one line for programs: `exists`, `created` (password from ADMIN_PASSWORD) or `created <password>`."""

    help = "Makes the administrator 'admin' unless there is an administrator. Prints a generated password once."

    def handle(self, *_args: object, **_options: object) -> None:
        self.stdout.write(self._made())

    @staticmethod
    def _made() -> str:
        is_there = User.objects.filter(is_superuser=True, is_active=True) | User.objects.filter(username=USERNAME)
        if is_there.exists():
            return "exists"
        chosen = os.environ.get("ADMIN_PASSWORD", "").strip()
        password = chosen or secrets.token_urlsafe(12)
        try:
            with transaction.atomic():
                User.objects.create_superuser(username=USERNAME, password=password)
        except IntegrityError:  # another process was faster
            return "exists"
        return "created" if chosen else f"created {password}"
