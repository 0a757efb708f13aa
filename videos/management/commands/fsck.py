"""`manage fsck`: whether rows and files agree; `--fix` mends what can be mended."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any  # options are of mixed types

from django.core.management.base import BaseCommand, CommandError

from videos.errors import VideoError
from videos.publishing import fsck
from videos.publishing.fsck import Fault


class Command(BaseCommand):
    """One line a fault. Ends with 1 while one is left, so that a script hears of it."""

    help = "Looks for rows whose files are missing and for files that nothing names; safe at any time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fix", action="store_true", help="mend what can be mended; what is lost is only told")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
        parser.add_argument(
            "--trust-database",
            action="store_true",
            help="go on where the database knows none of many items, which otherwise looks like a wrong database",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        told: list[dict[str, object]] = []
        try:
            for fault in fsck.find(trusts_database=options["trust_database"]):
                is_mended = options["fix"] and self._mended(fault)
                told.append({"name": fault.name, "why": fault.why, "can_be_mended": fault.mend is not None,
                             "is_mended": is_mended})  # fmt: skip
                if not options["json"]:
                    self.stdout.write(f"{fault.name}: {fault.why}{_remark(fault, is_mended=is_mended)}")
        except VideoError as error:
            raise CommandError(f"the media storage cannot be listed: {error.detail}", returncode=2) from error
        left = sum(not entry["is_mended"] for entry in told)
        if options["json"]:
            self.stdout.write(json.dumps({"faults": told, "left": left}))
        else:
            self.stdout.write(f"{len(told)} found, {len(told) - left} mended")
        if left:
            raise SystemExit(1)

    def _mended(self, fault: Fault) -> bool:
        if fault.mend is None:
            return False
        try:
            fault.mend()
        except (VideoError, OSError) as error:
            self.stderr.write(f"{fault.name}: could not be mended: {error}")
            return False
        return True


def _remark(fault: Fault, *, is_mended: bool) -> str:
    if is_mended:
        return " (mended)"
    return "" if fault.mend else " (cannot be mended)"
