"""The audit trail: nothing in it changes, disappears or moves unseen, and nobody can even try without force."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import audit
from accounts.models import AuditEntry, AuditHead, User
from accounts.models.audit import ACTION_WORDS, AuditTrailIsAppendOnly
from tests.append_only import TABLE, writable_trail

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ROOT = Path(__file__).resolve().parents[2]


def record(actor: User | None, number: int = 0, **detail: Any) -> AuditEntry:
    """An entry like the review's."""
    return audit.record(
        actor=actor, action="video.approve", target=f"video:film{number}", detail={"reason": "good", **detail}
    )


@pytest.fixture
def trail(member: User) -> list[AuditEntry]:
    """Five entries."""
    return [record(member, number) for number in range(5)]


def tamper(statement: str, *values: str | int | None) -> None:
    """What somebody with the database's password could do."""
    with writable_trail(), connection.cursor() as cursor:
        cursor.execute(statement, values)


# --- Writing --------------------------------------------------------------------------------------------------------


def test_an_entry_tells_who_did_what_to_what(member: User) -> None:
    entry = AuditEntry.objects.get(pk=record(member, 7, before=1, after=[2, None, "ü"]).pk)
    assert (entry.actor, entry.actor_name) == (member, "member")
    assert (entry.action, entry.target) == ("video.approve", "video:film7")
    assert entry.detail == {"reason": "good", "before": 1, "after": [2, None, "ü"]}


def test_each_entry_follows_the_one_before(trail: list[AuditEntry]) -> None:
    assert trail[0].previous_hash == "0" * 64
    assert [entry.previous_hash for entry in trail[1:]] == [entry.entry_hash for entry in trail[:-1]]
    assert all(re.fullmatch("[0-9a-f]{64}", entry.entry_hash) for entry in trail)


def test_the_site_itself_can_be_the_actor(db: None) -> None:
    assert (record(None).actor, record(None).actor_name) == (None, "-")
    assert audit.verify() is None


def test_the_name_stays_as_it_was_then(member: User) -> None:
    entry = record(member)
    member.username = "renamed"
    member.save()
    entry.refresh_from_db()
    assert entry.actor_name == "member"
    assert audit.verify() is None


def test_an_entry_falls_with_the_transaction_it_tells_of(member: User) -> None:
    record(member, 1)
    with transaction.atomic():
        record(member, 2)
        transaction.set_rollback(True)
    record(member, 3)
    assert [entry.target for entry in AuditEntry.objects.order_by("pk")] == ["video:film1", "video:film3"]
    assert audit.verify() is None


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes"])
def test_what_is_no_json_is_refused(value: object, member: User) -> None:
    with pytest.raises(TypeError):
        record(member, 0, value=value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_know_are_refused(value: float, member: User) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        record(member, 0, value=value)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcü", max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(detail=st.dictionaries(st.text("abc", max_size=5), JSON_VALUES, max_size=4))
def test_whatever_json_is_recorded_verifies_when_read_back(detail: dict[str, Any]) -> None:
    with transaction.atomic():
        audit.record(actor=None, action="test", target="test:1", detail=detail)
        assert audit.verify() is None
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_make_one_chain(make_user: Callable[..., User]) -> None:
    people = [make_user(f"person{number}") for number in range(4)]

    def write(number: int) -> None:
        try:
            for step in range(5):
                with transaction.atomic():
                    record(people[number], number * 10 + step)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(write, range(4)))
    assert AuditEntry.objects.count() == 20
    assert AuditHead.objects.get().entries == 20
    assert audit.verify() is None


@pytest.mark.django_db(transaction=True)
def test_the_very_first_entries_may_be_written_at_once(member: User) -> None:
    def write(number: int) -> None:
        try:
            record(member, number)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(write, range(4)))
    assert audit.verify() is None
    assert AuditEntry.objects.count() == 4


# --- Refusing -------------------------------------------------------------------------------------------------------


def test_the_model_refuses_to_change_or_delete(trail: list[AuditEntry]) -> None:
    trail[2].target = "video:other"
    with pytest.raises(AuditTrailIsAppendOnly):
        trail[2].save()
    with pytest.raises(AuditTrailIsAppendOnly):
        trail[2].delete()


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {TABLE} SET target = 'video:other' WHERE target = 'video:film2'",
        f"DELETE FROM {TABLE} WHERE target = 'video:film2'",
        f"DELETE FROM {TABLE}",
    ],
)
def test_the_database_refuses_to_change_or_delete(statement: str, trail: list[AuditEntry]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert audit.verify() is None


def test_querysets_are_refused_by_the_database(trail: list[AuditEntry]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.update(action="nothing.happened")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_the_table_cannot_be_emptied_at_once(trail: list[AuditEntry]) -> None:
    is_postgresql = connection.vendor == "postgresql"
    empty = f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {TABLE}" if is_postgresql else f"DELETE FROM {TABLE} WHERE 1"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(empty)


# --- Finding --------------------------------------------------------------------------------------------------------


def test_an_untouched_trail_holds(trail: list[AuditEntry]) -> None:
    assert audit.verify() is None


def test_an_empty_trail_holds(db: None) -> None:
    assert audit.verify() is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("target", "video:film3"),
        ("action", "video.reject"),
        ("actor_name", "membeR"),
        ("actor_id", None),
        ("at", "2020-01-01 00:00:00+00:00"),
        ("detail", '{"reason": "goud"}'),
        ("entry_hash", "f" * 64),
        ("previous_hash", "f" * 64),
    ],
)
def test_one_changed_value_is_found(column: str, value: str | None, trail: list[AuditEntry]) -> None:
    tamper(f"UPDATE {TABLE} SET {column} = %s WHERE id = %s", value, trail[2].pk)
    found = audit.verify()
    assert found is not None
    assert found.entry_id == trail[2].pk


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_removed_entry_is_found(place: int, trail: list[AuditEntry]) -> None:
    tamper(f"DELETE FROM {TABLE} WHERE id = %s", trail[place].pk)
    found = audit.verify()
    assert found is not None
    assert found.entry_id == (trail[place + 1].pk if place < 4 else None)


def test_emptying_the_trail_is_found(trail: list[AuditEntry]) -> None:
    tamper(f"DELETE FROM {TABLE}")
    assert audit.verify() is not None


def test_a_swapped_pair_is_found(trail: list[AuditEntry]) -> None:
    one, other = trail[1].pk, trail[3].pk
    for before, after in ((one, -1), (other, one), (-1, other)):
        tamper(f"UPDATE {TABLE} SET id = %s WHERE id = %s", after, before)
    found = audit.verify()
    assert found is not None
    assert found.entry_id == one


def test_an_entry_made_up_at_the_end_is_found(trail: list[AuditEntry], member: User) -> None:
    forged = AuditEntry(
        at=trail[4].at,
        actor=member,
        actor_name="member",
        action="video.approve",
        target="video:mine",
        detail={},
        previous_hash="a" * 64,
        entry_hash="b" * 64,
    )
    forged.save()
    found = audit.verify()
    assert found is not None
    assert found.entry_id == forged.pk


def test_a_missing_head_is_found(trail: list[AuditEntry]) -> None:
    AuditHead.objects.all().delete()
    assert audit.verify() is not None


@pytest.mark.parametrize("nonsense", ["soon", "2026-13-45 00:00:00"])
def test_what_cannot_even_be_read_is_found(nonsense: str, trail: list[AuditEntry]) -> None:
    is_sqlite = connection.vendor == "sqlite"  # PostgreSQL's types hold no such value: there a wrong date is the worst
    tamper(f"UPDATE {TABLE} SET at = %s WHERE id = %s", nonsense if is_sqlite else "2026-01-01", trail[3].pk)
    found = audit.verify()
    assert found is not None
    assert found.entry_id == trail[3].pk
    assert found.reason in {"it cannot be read", "its content was changed"}


def test_a_long_trail_is_verified_batch_by_batch(member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "BATCH", 3)
    entries = [record(member, number) for number in range(8)]
    assert audit.verify() is None
    tamper(f"UPDATE {TABLE} SET target = 'x' WHERE id = %s", entries[6].pk)
    found = audit.verify()
    assert found is not None
    assert found.entry_id == entries[6].pk


# --- The command ----------------------------------------------------------------------------------------------------


def test_the_command_says_that_the_trail_holds(trail: list[AuditEntry]) -> None:
    out = StringIO()
    call_command("audit_verify", stdout=out)
    assert "5 entries" in out.getvalue()
    assert trail[4].entry_hash in out.getvalue()


def test_the_command_fails_and_says_where(trail: list[AuditEntry]) -> None:
    tamper(f"UPDATE {TABLE} SET target = 'video:other' WHERE id = %s", trail[2].pk)
    with pytest.raises(CommandError, match=f"entry {trail[2].pk}: its content was changed") as failure:
        call_command("audit_verify")
    assert failure.value.returncode == 1


def _recorded_actions() -> set[str]:
    """Every text that is given to `action=` in a call of audit.record() anywhere in the apps, be it by way of a
    function that passes its own `action` on."""
    found: set[str] = set()
    for file in [file for app in ("accounts", "videos", "analytics") for file in (ROOT / app).rglob("*.py")]:
        tree = ast.parse(file.read_text("utf-8"))
        places = {
            node.name: [argument.arg for argument in node.args.args].index("action")
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and "action" in [argument.arg for argument in node.args.args]
        }
        for node in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
            values: list[ast.expr] = []
            if getattr(node.func, "attr", "") == "record":
                values = [keyword.value for keyword in node.keywords if keyword.arg == "action"]
            elif (place := places.get(getattr(node.func, "id", ""))) is not None:
                values = node.args[place : place + 1]
            parts = [part for value in values for part in ast.walk(value) if isinstance(part, ast.Constant)]
            found |= {part.value for part in parts if isinstance(part.value, str)}
    return found


def test_every_recorded_action_has_words() -> None:
    assert "video.approve" in _recorded_actions()
    assert _recorded_actions() == set(ACTION_WORDS)


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "words"), [("en", "Rejected the video"), ("zh-CN", "拒绝了视频")])
def test_the_trail_is_read_in_words(client: Client, admin: User, language: str, words: str) -> None:
    audit.record(actor=admin, action="video.reject", target="video:abc", detail={})
    client.force_login(admin)
    page = client.get("/admin/accounts/auditentry/", headers={"Accept-Language": language}).content.decode()
    assert words.lower() in page.lower()
    assert ">video.reject<" not in page
