"""API tokens: made here, checked in api/authentication.py. Only their SHA-512 is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import update_last_login
from django.db import transaction
from django.utils import timezone
from knox.models import AuthToken

from accounts.models import User


@dataclass(frozen=True)
class IssuedToken:
    """The one moment at which a token is known in plain."""

    token: str
    expires_at: datetime


@transaction.atomic
def issue(*, user: User) -> IssuedToken:
    """A token for somebody who has just signed in; their expired ones go."""
    AuthToken.objects.filter(user=user, expiry__lte=timezone.now()).delete()
    stored, token = AuthToken.objects.create(user)
    update_last_login(User, user)
    return IssuedToken(token=token, expires_at=stored.expiry)
