"""The one way to check a password: pages, admin and API all come through here, so the limits stand here."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts import throttling
from accounts.addresses import client_network
from accounts.models import User
from accounts.selectors import person_signing_in


class SignInBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """A username or e-mail address with its password. Raises TooManyRequests and AccountsUnavailable."""

    def authenticate(self, request: HttpRequest | None, **credentials: str) -> User | None:
        login = _login(credentials)
        if request is None or not login or not credentials.get("password"):
            # Without a request there is no address to count by: a command, or a test's client.
            return self._checked(request, credentials)
        person = person_signing_in(login)
        account = f"user:{person.pk}" if person else f"unknown:{login.casefold()}"
        with throttling.sign_in(account=account, network=client_network(request)) as attempt:
            user = self._checked(request, credentials)
            if user is None:
                attempt.failed()
        return user

    def _checked(self, request: HttpRequest | None, credentials: dict[str, str]) -> User | None:
        """The account when the password is right; costs one hash in every case."""
        found: User | None = super().authenticate(request, **credentials)
        return found

    def _authenticate(self, request: HttpRequest | None, **credentials: str) -> User | None:
        """allauth tries every account that might be meant, which takes longer for one that exists; this tries one."""
        login = _login(credentials)
        person = person_signing_in(login) if login else None
        found: User | None = self._check_password(person, credentials["password"])
        return found


def _login(credentials: dict[str, str]) -> str:
    """allauth's form sends an e-mail address under both names."""
    return (credentials.get("email") or credentials.get("username") or "").strip()
