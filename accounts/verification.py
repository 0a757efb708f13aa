"""Whether an e-mail address has to be confirmed before its owner may sign in."""

from __future__ import annotations

from allauth.account.internal.flows.email_verification import (
    send_verification_email_for_user,
    send_verification_email_to_address,
)
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import User


def must_confirm(user: User) -> bool:
    """EMAIL_VERIFICATION=mandatory and the account has an address, none of them confirmed.

    An account without any address was made by the operator, as `admin` is on the first start: nothing is to confirm.
    """
    if settings.ACCOUNT_EMAIL_VERIFICATION != "mandatory" or not user.email:
        return False
    return not EmailAddress.objects.filter(user=user, verified=True).exists()


def ask_to_confirm(request: HttpRequest, user: User) -> None:
    """Sends the message with the link, unless one is on its way already."""
    if user.email and settings.ACCOUNT_EMAIL_VERIFICATION != "none":
        send_verification_email_for_user(request, user)


def answer_taken_address(request: HttpRequest, email: str) -> None:
    """Tells the address's owner by mail that there is an account already; who asked learns nothing."""
    send_verification_email_to_address(request, EmailAddress(user=None, email=email), signup=True)


class ConfirmationStage(EmailVerificationStage):  # type: ignore[misc]  # allauth ships no types
    """allauth's stage of signing in, with the exception of must_confirm()."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory" and user is not None and not must_confirm(user):
            return None, True
        response: tuple[HttpResponse | None, bool] = super().handle()
        return response
