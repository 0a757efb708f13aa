"""What can go wrong with accounts. config/errors.py turns these into HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class AccountError(Exception):
    """Base: a stable `code`, a sentence for the person, and detail for the operator."""

    code: ClassVar[str] = "account_error"
    message: StrOrPromise = _("That did not work.")
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail


class TooManyRequests(AccountError):
    """A limit is reached; `retry_after_seconds` says when it has room again."""

    code = "too_many_requests"
    retryable = True

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"retry after {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds
        minutes = -(-retry_after_seconds // 60)
        self.message = ngettext_lazy(
            "Too many attempts. Please try again in %(minutes)d minute.",
            "Too many attempts. Please try again in %(minutes)d minutes.",
            minutes,
        ) % {"minutes": minutes}


class AccountsUnavailable(AccountError):
    """What counts the attempts does not answer; letting everybody guess meanwhile is no alternative."""

    code = "unavailable"
    message = _("The site is busy. Please try again in a moment.")
    retryable = True
    retry_after_seconds = 5


class SignUpClosed(AccountError):
    """SIGNUP=closed."""

    code = "sign_up_closed"
    message = _("This site does not take new accounts.")


class EmailNotVerified(AccountError):
    """EMAIL_VERIFICATION=mandatory, and the address has not been confirmed yet."""

    code = "email_not_verified"
    message = _("Please confirm your e-mail address first. We have sent you a message.")


class SignUpRefused(AccountError):
    """Something that was right when the form was read and is not any more; `field` names it."""

    field: ClassVar[str]


class UsernameTaken(SignUpRefused):
    """Somebody else took the name in the same moment."""

    code = "username_taken"
    field = "username"
    message = _("A user with that username already exists.")


class InvitationUnknown(SignUpRefused):
    """No such code."""

    code = "invitation_unknown"
    field = "invitation"
    message = _("This invitation code is not known here. Please check it letter by letter.")


class InvitationUsed(SignUpRefused):
    """A code is good for one account."""

    code = "invitation_used"
    field = "invitation"
    message = _("This invitation has already been used. Please ask for another one.")


class InvitationExpired(SignUpRefused):
    """The code's time is over."""

    code = "invitation_expired"
    field = "invitation"
    message = _("This invitation has expired. Please ask for another one.")


class OwnAccount(AccountError):
    """Somebody else has to do it, so that a site is never left by a slip of one's own hand."""

    code = "own_account"
    message = _("You cannot delete your own account. Ask another administrator.")


class LastAdministrator(AccountError):
    """Without one, nobody could make another."""

    code = "last_administrator"
    message = _("This is the only administrator who can sign in. Make somebody else an administrator first.")


class MightierAccount(AccountError):
    """Staff who may delete people, but are no superusers."""

    code = "not_permitted"
    message = _("Only an administrator may delete the account of somebody on the staff.")


class BelongingsNotYours(AccountError):
    """The right to delete people does not include the right to delete what they have made."""

    code = "not_permitted"
    message = _("You may not delete what goes with this account. Ask an administrator.")


class AccountNotEmpty(AccountError):
    """The account is closed, but its uploads were still arriving."""

    code = "account_not_empty"
    message = _("The account is closed, but something of it was still arriving. Please delete it again in a moment.")
    retryable = True
