"""News that apps above hear about, sent by `announce` when the transaction has committed. Connect in `apps.py`, with a
`dispatch_uid`; a receiver that raises is logged and disturbs nobody.

Every signal sends `content_id` (primary key) and `public_id`; receivers read the rest from the database."""

from __future__ import annotations

from functools import partial
from typing import Any  # a signal's own arguments are listed beside it

from django.db import transaction
from django.dispatch import Signal

from videos.models import ContentMain

video_available = (
    Signal()
)  # something of the item can be played for the first time, or a new version can: version (int)
video_failed = Signal()  # the item could not be made playable: code (str, see videos/reasons.py)
video_withdrawn = Signal()  # the item may not be shown any more
audit_decided = Signal()  # a moderator decided: audit_status (AuditStatus), decided_by_id (int or None)


def announce(signal: Signal, content: ContentMain, **facts: Any) -> None:
    """Sends `signal` about the item when the present transaction commits, at once outside one."""
    send = partial(signal.send_robust, sender=ContentMain, content_id=content.pk, public_id=content.public_id, **facts)
    transaction.on_commit(send, robust=True)
