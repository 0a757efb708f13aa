"""How allauth behaves here."""

from __future__ import annotations

import smtplib
import unicodedata
from types import SimpleNamespace
from typing import Any, cast  # a mail template's context is free in shape

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.addresses import client_address
from accounts.models import User

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Who may sign up is a setting; links in mails are the public ones; a mail server that is down breaks no page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Open and invitation show the form; the form asks for the code."""
        return bool(settings.SIGNUP != "closed")

    def get_client_ip(self, request: HttpRequest) -> str:
        """The same address that our own limits count by."""
        return client_address(request)

    def unstash_verified_email(self, request: HttpRequest) -> None:
        """Nothing is ever stashed here; looking would begin a session, and whoever signs up by the API wants none."""

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Compatibility forms become the plain characters they stand for, as Django's own user forms do."""
        cleaned: str = super().clean_username(unicodedata.normalize("NFKC", username), shallow)
        return cleaned

    def get_login_stages(self) -> list[str]:
        """Everything allauth asks before a session begins, with our rule for unconfirmed addresses."""
        theirs = "allauth.account.stages.EmailVerificationStage"
        return ["accounts.verification.ConfirmationStage" if it == theirs else it for it in super().get_login_stages()]

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        """Whoever has just come in by a password is not asked for it again at once; after
        ACCOUNT_REAUTHENTICATION_TIMEOUT they are. (allauth counts only what was typed on its own page for that.)"""
        response: HttpResponse = super().post_login(request, user, **how)
        record_authentication(request, user, method="password", reauthenticated=True)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to one's account, where the message is shown."""
        return "/accounts/"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Links lead to PUBLIC_URL whatever Host the request named.

        A failure is logged and shown, not raised: the account it was about stands, and every page that sends mail can
        be asked again.
        """
        request = cast("HttpRequest", allauth_context.request)
        asked_host = request.build_absolute_uri("/")
        public = {
            name: f"{settings.PUBLIC_URL}/{value.removeprefix(asked_host)}"
            for name, value in context.items()
            if settings.PUBLIC_URL and isinstance(value, str) and value.startswith(asked_host)
        }
        site = SimpleNamespace(name="Matinee", domain=(settings.PUBLIC_URL or asked_host).split("//")[-1].strip("/"))
        try:
            super().send_mail(template_prefix, email, {"current_site": site, **context, **public})
        except (OSError, smtplib.SMTPException):
            log.exception("a mail could not be sent", template=template_prefix)
            text = _("The e-mail could not be sent. Please try again later.")
            self.add_message(request, messages.ERROR, message=text)

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Pages only: a program would find its messages on the next page that somebody opens."""
        if not request.path.startswith("/api/"):
            super().add_message(request, *args, **kwargs)
