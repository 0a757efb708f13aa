"""`manage sweep`: what the hourly sweep does, now; or what it would do."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from videos.errors import StorageError
from videos.ingest import expiry
from videos.jobs import sweeper
from videos.publishing import leftovers


class Command(BaseCommand):
    """With --dry-run one line a name, in the storage or of a local folder; without, how many were removed."""

    help = "Removes files that nothing names and nobody has touched for a day: dead attempts, broken uploads, orphans."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="list what would be removed, and remove nothing")
        parser.add_argument(
            "--trust-database",
            action="store_true",
            help="sweep even where the database knows none of many items, which otherwise looks like a wrong database",
        )

    def handle(self, *_args: object, **options: bool) -> None:
        try:
            if options["dry_run"]:
                self._list(trusts_database=options["trust_database"])
                return
            removed = expiry.sweep() + sweeper.sweep() + leftovers.sweep(trusts_database=options["trust_database"])
        except StorageError as error:
            raise CommandError(f"the media storage cannot be listed: {error}") from error
        self.stdout.write(f"{removed} removed")

    def _list(self, *, trusts_database: bool) -> None:
        for upload in expiry.expired():
            self.stdout.write(f"{upload.public_id}: an upload that lay still")
        for path in sweeper.find():
            self.stdout.write(f"{path}: an abandoned attempt or upload")
        for leftover in leftovers.find(trusts_database=trusts_database):
            self.stdout.write(f"{leftover.name}: {leftover.why}")
