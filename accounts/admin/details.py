"""The detail of an audit entry in words: from JSON to labelled lines in the reader's language. Whatever is not known
here is shown as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final  # JSON detail is free in shape

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LABELS: Final[dict[str, StrOrPromise]] = {
    "reason": _("Reason"),
    "rule": _("Rule"),
    "title": _("Title"),
    "username": _("Username"),
    "owner": _("Owner"),
    "note": _("Note"),
    "address": _("Address"),
    "videos": _("Videos"),
    "is_active": _("May sign in"),
    "is_staff": _("Staff"),
    "is_superuser": _("Administrator"),
    "groups": _("Groups"),
    "user_permissions": _("Rights"),
}
VALUES: Final[dict[str, StrOrPromise]] = {
    "approved": _("approved"),
    "pending": _("pending"),
    "rejected": _("rejected"),
}
ARROW: Final = " → "


def lines_of(detail: dict[str, Any]) -> list[tuple[str, str]]:
    """Label and value. What was before and is after stands in one line."""
    rest = dict(detail)
    before, after = rest.pop("before", None), rest.pop("after", None)
    return [*_changes(before, after), *((_label(key), _said(key, value)) for key, value in rest.items())]


def _changes(before: Any, after: Any) -> list[tuple[str, str]]:
    if isinstance(before, dict) or isinstance(after, dict):
        old, new = before or {}, after or {}
        keys = dict.fromkeys([*old, *new])
        return [(_label(key), ARROW.join(_said(key, part[key]) for part in (old, new) if key in part)) for key in keys]
    words = [_said("", value) for value in (before, after) if value is not None]
    return [(gettext("State"), ARROW.join(words))] if words else []


def _label(key: str) -> str:
    return str(LABELS.get(key, key))


def _said(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(_said(key, item) for item in value) or "–"
    if key == "rule":  # written in English; its words are marked where the rule is
        return gettext(str(value))
    return str(VALUES.get(value, value) if isinstance(value, str) else value) or "–"
