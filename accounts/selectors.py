"""Reading accounts."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db.models import Value
from django.db.models.functions import Upper

from accounts.models import User


def person_signing_in(login: str) -> User | None:
    """The one account that `login`, a username or an e-mail address, stands for.

    Never more than one, so that a wrong password costs one hash whether the account exists or not. Of several accounts
    with an address nobody has confirmed, the oldest is meant; the others sign in by username.
    """
    login = login.strip()
    by_email = _by_email(login) if "@" in login else None
    return by_email or _by_username(login)


def _by_username(name: str) -> User | None:
    """Whatever its case: the unique index is on UPPER(username)."""
    return User.objects.alias(key=Upper("username")).filter(key=Upper(Value(name))).first()


def _by_email(email: str) -> User | None:
    email = email.lower()
    address = EmailAddress.objects.filter(email=email).select_related("user").order_by("-verified", "user_id").first()
    return address.user if address else User.objects.filter(email=email).order_by("pk").first()
