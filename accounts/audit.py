"""Writes and verifies the audit trail: a hash chain over canonical JSON, so that nothing in it changes unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any  # JSON detail is free in shape

from django.db import transaction
from django.utils import timezone

from accounts.models import AuditEntry, AuditHead, User
from accounts.models.audit import HASH_LENGTH

GENESIS = "0" * HASH_LENGTH  # what the first entry follows
HEAD_ID = 1
# What Django's converters raise on a stored text that is no date, and on one that is no JSON.
_UNREADABLE = (ValueError, TypeError, AttributeError)
NOBODY = "-"  # the name of an actor that is no person: a command, the site itself
BATCH = 500


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold: the entry (None when one is missing at the end) and what is wrong with it."""

    entry_id: int | None
    reason: str


@transaction.atomic
def record(*, actor: User | None, action: str, target: str, detail: Mapping[str, Any]) -> AuditEntry:
    """Adds an entry to the caller's transaction: it stands or falls with what it tells of.

    `action` is a verb with its noun, such as "video.approve"; `target` is "<kind>:<public id>"; `detail` holds JSON
    values (TypeError or ValueError otherwise). Writers queue up on the head row until their transaction ends, so record
    last, after every other lock is taken: two transactions that did it the other way round would wait for each other.
    """
    AuditHead.objects.get_or_create(pk=HEAD_ID, defaults={"entry_hash": GENESIS})
    head = AuditHead.objects.select_for_update().get(pk=HEAD_ID)
    entry = AuditEntry(
        at=timezone.now(),
        actor=actor,
        actor_name=actor.username if actor else NOBODY,
        action=action,
        target=target,
        detail=json.loads(json.dumps(detail, allow_nan=False)),
        previous_hash=head.entry_hash,
    )
    entry.entry_hash = hash_of(entry)
    entry.save()
    head.entry_hash, head.entries = entry.entry_hash, head.entries + 1
    head.save()
    return entry


def verify() -> Break | None:
    """The first place where the trail was tampered with, or None. Reads every entry, oldest first; blocks no writer."""
    head = AuditHead.objects.filter(pk=HEAD_ID).first()
    previous, count, has_passed_head = GENESIS, 0, head is None or head.entries == 0
    for entry in _entries():
        if isinstance(entry, Break):
            return entry
        if entry.previous_hash != previous:
            return Break(entry.pk, "it does not follow the entry before it: one was removed, added or moved")
        if not _is_as_written(entry):
            return Break(entry.pk, "its content was changed")
        previous, count = entry.entry_hash, count + 1
        if head is None or (count == head.entries and previous != head.entry_hash):
            return Break(entry.pk, "the head of the chain is missing or points elsewhere")
        has_passed_head = has_passed_head or count == head.entries
    return None if has_passed_head else Break(None, "entries are missing at the end")


def _is_as_written(entry: AuditEntry) -> bool:
    try:
        return entry.entry_hash == hash_of(entry)
    except _UNREADABLE:
        return False


def hash_of(entry: AuditEntry) -> str:
    """SHA-256 over the hash before and the row's content, as canonical JSON: sorted keys, no blanks, ASCII only."""
    content = {
        "previous": entry.previous_hash,
        "at": int(entry.at.timestamp()) * 1_000_000 + entry.at.microsecond,
        "actor": entry.actor_id,
        "actor_name": entry.actor_name,
        "action": entry.action,
        "target": entry.target,
        "detail": _canonical(entry.detail),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _canonical(value: Any) -> Any:
    """PostgreSQL's jsonb gives 1e16 back as a whole number, digit by digit as it was written: so is it hashed."""
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return int(Decimal(repr(value))) if isinstance(value, float) and value.is_integer() else value


def _entries() -> Iterator[AuditEntry | Break]:
    """Every entry, oldest first. One that the database cannot even read back (a broken date or JSON) is a Break."""
    last = 0
    while ids := list(AuditEntry.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        last = ids[-1]
        try:
            yield from list(AuditEntry.objects.filter(pk__in=ids).order_by("pk"))
        except _UNREADABLE:
            for pk in ids:
                try:
                    yield AuditEntry.objects.get(pk=pk)
                except _UNREADABLE:
                    yield Break(pk, "it cannot be read")
