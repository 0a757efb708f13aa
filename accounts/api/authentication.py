"""How the API learns who is asking: a Bearer token, or the session cookie with its CSRF token."""

from __future__ import annotations

from typing import Never

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework import exceptions
from rest_framework.authentication import CSRFCheck
from rest_framework.authentication import SessionAuthentication as DjangoSessionAuthentication
from rest_framework.request import Request

from accounts.models import User


class BearerAuthentication(TokenAuthentication):  # type: ignore[misc]  # knox ships no types
    """`Authorization: Bearer <token>`; only the token's SHA-512 is stored.

    Differs from knox in finding the row by that hash in one query, and in refusing a header that is no text instead of
    breaking on it.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        try:
            digest = hash_token(token.decode("ascii"))
        except UnicodeDecodeError:
            self._refuse()
        found = AuthToken.objects.select_related("user").filter(digest=digest).first()
        if found is None or (found.expiry is not None and found.expiry <= timezone.now()) or not found.user.is_active:
            self._refuse()
        return found.user, found

    @staticmethod
    def _refuse() -> Never:
        """One answer for every reason: a token tells nothing about the account it once belonged to."""
        raise exceptions.AuthenticationFailed(_("This token is unknown or has expired."))


def _no_page(_request: HttpRequest) -> HttpResponse:
    """The check wants a page to stand before; the view behind DRF's is exempt by itself."""
    return HttpResponse()


class CsrfFailed(exceptions.PermissionDenied):
    """A write by session cookie without the token that proves it came from our own page."""

    default_code = "csrf_failed"
    default_detail = _("The page's security token is missing or old. Reload the page and try again.")


class SessionAuthentication(DjangoSessionAuthentication):
    """The session cookie; whatever is not a safe method needs X-CSRFToken and our own Origin."""

    def enforce_csrf(self, request: Request | HttpRequest) -> None:
        check = CSRFCheck(_no_page)
        check.process_request(request)
        if check.process_view(request, _no_page, (), {}):
            raise CsrfFailed
