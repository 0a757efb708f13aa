"""Checking and using invitations."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.errors import InvitationExpired, InvitationUnknown, InvitationUsed
from accounts.models import Invitation, User


def check(*, code: str) -> Invitation:
    """The usable invitation with this code. Raises InvitationUnknown, InvitationUsed or InvitationExpired."""
    invitation = Invitation.objects.filter(code=code.strip()).first()
    if invitation is None:
        raise InvitationUnknown
    if invitation.is_used:
        raise InvitationUsed
    if invitation.is_expired:
        raise InvitationExpired
    return invitation


@transaction.atomic
def use(*, code: str, user: User) -> None:
    """Spends the invitation on `user`, in the transaction that makes the account. Raises what check() raises.

    Of two accounts made at once with one code, the UPDATE lets one through.
    """
    invitation = check(code=code)
    spent = Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=timezone.now(), used_by=user)
    if not spent:
        raise InvitationUsed
