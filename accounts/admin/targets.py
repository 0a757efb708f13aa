"""What entries of the audit trail are about, by name. Each app says how its kind of target is found, when its admin is
loaded: register("video", names)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from accounts.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Named:
    """Something that still exists: what people call it, and the address of its page in the admin."""

    name: str
    link: str


Names = Callable[[frozenset[str]], Mapping[str, Named]]  # ids as targets hold them → those that still exist

_kinds: dict[str, Names] = {}


def register(kind: str, names: Names) -> None:
    """For the part of a target before its colon. The same kind twice is the same kind."""
    _kinds[kind] = names


def named(entries: Iterable[AuditEntry]) -> dict[str, Named]:
    """By target: what still exists of that which the entries are about. One query for each kind."""
    ids: dict[str, set[str]] = {}
    for entry in entries:
        kind, _colon, identity = entry.target.partition(":")
        ids.setdefault(kind, set()).add(identity)
    return {
        f"{kind}:{identity}": found
        for kind, wanted in ids.items()
        if kind in _kinds
        for identity, found in _kinds[kind](frozenset(wanted)).items()
    }
