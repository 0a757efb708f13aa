"""Decisions as the admin's forms send them: each with the state that the moderator saw, none about another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from videos.errors import VideoError
from videos.models import ContentMain
from videos.publishing import review
from videos.publishing.review import Seen

SEEN = "seen"  # the field's name; `<key>:<state>`, once for each item on the page


@dataclass
class Outcome:
    """How many were decided, and how many were not for which reason, in words."""

    done: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


def seen_field(content: ContentMain) -> SafeString:
    """What a page that shows the item adds to its form."""
    return format_html('<input type="hidden" name="{}" value="{}:{}">', SEEN, content.pk, Seen.of(content).token())


def decide(contents: Iterable[ContentMain], *, reason: str | None, request: HttpRequest) -> Outcome:
    """Approves, or rejects for a reason, what is still in the state that the request says was seen."""
    moderator, seen = cast("User", request.user), _seen(request)
    outcome = Outcome()
    for content in contents:
        state = seen.get(content.pk)
        if state is None:  # "select all" reaches further than the page
            outcome.skipped[_("It was not on the page that you saw.")] += 1
            continue
        try:
            if reason is None:
                review.approve(content=content, moderator=moderator, seen=state)
            else:
                review.reject(content=content, moderator=moderator, reason=reason, seen=state)
        except VideoError as refusal:
            outcome.skipped[str(refusal.message)] += 1
        else:
            outcome.done += 1
    return outcome


def _seen(request: HttpRequest) -> dict[int, Seen]:
    """By primary key; what cannot be read was not seen."""
    found: dict[int, Seen] = {}
    for entry in request.POST.getlist(SEEN):
        key, _colon, token = entry.partition(":")
        try:
            found[int(key)] = Seen.from_token(token)
        except ValueError:
            continue
    return found
