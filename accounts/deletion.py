"""Deleting an account and all that goes with it: the one service that every door uses. Apps above this one say what
they keep of a person by `register`; they are asked to remove it before the account itself goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from django.db import transaction
from django.db.models import ProtectedError
from knox.models import AuthToken

from accounts import audit
from accounts.errors import (
    AccountNotEmpty,
    BelongingsNotYours,
    LastAdministrator,
    MightierAccount,
    OwnAccount,
)
from accounts.models import User

log = structlog.get_logger(__name__)

ROUNDS: Final = 5  # an upload that was under way when the account was closed may still arrive


@dataclass(frozen=True)
class Belongings:
    """What an app keeps that must be removed with care, rather than by a cascade.

    `count(person)` tells how many there are; `described(number)` says so on the confirmation page; `permission` is what
    whoever deletes must have beside the right to delete people; `remove(person, actor)` removes them all, each in a
    transaction of its own, may be called again, and does not mind when nothing is left."""

    name: str
    permission: str
    count: Callable[[User], int]
    described: Callable[[int], str]
    remove: Callable[[User, User | None], None]


_registered: dict[str, Belongings] = {}


def register(belongings: Belongings) -> None:
    """For an app's `ready()`. The same name twice is the same belongings."""
    _registered[belongings.name] = belongings


def belongings_of(person: User) -> list[tuple[Belongings, int]]:
    """What would go with the account, and how many of it; only what there is any of."""
    counted = ((belongings, belongings.count(person)) for belongings in _registered.values())
    return [(belongings, count) for belongings, count in counted if count]


def refuse_deletion(*, person: User, actor: User | None) -> None:
    """Raises OwnAccount, MightierAccount, LastAdministrator or BelongingsNotYours where `actor` may not delete this
    account. None is the site itself, which is bound by the last administrator only."""
    if actor is not None:
        if actor.pk == person.pk:
            raise OwnAccount
        if (person.is_staff or person.is_superuser) and not actor.is_superuser:
            raise MightierAccount
        for belongings, _count in belongings_of(person):
            if not actor.has_perm(belongings.permission):
                raise BelongingsNotYours(belongings.permission)
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=person.pk)
    if person.is_superuser and not others.exists():
        raise LastAdministrator


def delete_account(*, person: User, actor: User | None) -> None:
    """Closes the account at once, removes what goes with it piece by piece, then the account. Two entries of the audit
    trail tell of begin and end. Call it outside of a transaction: stopped half-way, it leaves a closed account, and
    calling it again goes on.

    Raises:
        OwnAccount, MightierAccount, LastAdministrator, BelongingsNotYours: nothing has happened.
        AccountNotEmpty: something of the person's kept arriving; the account is closed.
    """
    removed = _close(person, actor)
    for _round in range(ROUNDS):
        for belongings in _registered.values():
            belongings.remove(person, actor)
        try:
            _remove(person, actor, removed)
        except ProtectedError as error:
            log.info("something arrived for an account that is being deleted", user=person.public_id, error=str(error))
        else:
            return
    raise AccountNotEmpty(person.public_id)


def _close(person: User, actor: User | None) -> dict[str, int]:
    """Nobody signs in to it any more. Returns what there is to be removed, by name."""
    with transaction.atomic():
        # All administrators' rows: of two who delete each other at once, the second finds that nobody else is left.
        list(User.objects.select_for_update().filter(is_superuser=True).order_by("pk").values_list("pk"))
        locked = User.objects.select_for_update().filter(pk=person.pk).first()
        if locked is None:
            return {}
        refuse_deletion(person=locked, actor=actor)
        counts = {belongings.name: count for belongings, count in belongings_of(locked)}
        was_active, locked.is_active = locked.is_active, False
        locked.save(update_fields=["is_active"])
        AuthToken.objects.filter(user=locked).delete()
        audit.record(
            actor=actor,
            action="user.close",
            target=f"user:{locked.public_id}",
            detail={"username": locked.username, "before": {"is_active": was_active}, **counts},
        )
    return counts


def _remove(person: User, actor: User | None, removed: dict[str, int]) -> None:
    with transaction.atomic():
        locked = User.objects.select_for_update().filter(pk=person.pk).first()
        if locked is None:
            return  # somebody else has pressed the same button
        username, public_id = locked.username, locked.public_id
        locked.delete()
        # Last: the audit trail's head is the lock that every decision waits for.
        audit.record(
            actor=actor,
            action="user.delete",
            target=f"user:{public_id}",
            detail={"username": username, **removed},
        )
