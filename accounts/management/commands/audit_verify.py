"""`manage audit_verify`: is the audit trail as it was written?"""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from accounts import audit
from accounts.models import AuditHead


class Command(BaseCommand):
    """Exit code 1, and the place, when an entry was changed, removed, added or moved."""

    help = "Verifies the hash chain of the audit trail, from the first entry to the last."

    def handle(self, *_args: object, **_options: object) -> None:
        found = audit.verify()
        if found is not None:
            where = f"entry {found.entry_id}" if found.entry_id is not None else "the end"
            raise CommandError(f"The audit trail is broken at {where}: {found.reason}.", returncode=1)
        head = AuditHead.objects.filter(pk=audit.HEAD_ID).first()
        entries, last = (head.entries, head.entry_hash) if head else (0, audit.GENESIS)
        self.stdout.write(f"The audit trail holds: {entries} entries, the last one is {last}.")
