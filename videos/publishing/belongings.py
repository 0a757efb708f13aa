"""What goes with an account that is deleted: its items with their files, and its work."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop, ngettext

from accounts.deletion import Belongings
from accounts.models import User
from videos.models import ContentMain, Job
from videos.publishing import versions

AT_ONCE: Final = 100
RULE: Final = gettext_noop("its owner's account was deleted")


def _count(person: User) -> int:
    return ContentMain.objects.filter(owner=person).count()


def _described(number: int) -> str:
    return ngettext(
        "%(count)d video with all its files", "%(count)d videos with all their files", number
    ) % {"count": number}  # fmt: skip


def _remove(person: User, actor: User | None) -> None:
    """Item by item, each in a transaction of its own, its files gone before the next."""
    while batch := ContentMain.objects.filter(owner=person).order_by("pk")[:AT_ONCE]:
        for content in batch:
            versions.remove(content=content, actor=actor, rule=RULE)
    Job.objects.filter(owner=person, content=None).delete()  # work on other people's items goes on


VIDEOS: Final = Belongings(
    name="videos",
    permission="videos.delete_contentmain",
    count=_count,
    described=_described,
    remove=_remove,
)
