"""`make_demo`: three short films from ffmpeg's own generators, sent through the same door as every upload."""

from __future__ import annotations

import secrets
import shutil
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from accounts.models import User
from videos.ingest.accept import accept_source
from videos.ingest.files import ReceivedFile
from videos.models import Category, ContentMain
from videos.pipeline import demo, ffmpeg, sandbox
from videos.storage.disk import make_folder

TITLES = {
    "harbour-light": gettext_noop("Harbour Light"),
    "the-coast-that-never-ends": gettext_noop("The Coast That Never Ends"),
    "windows-at-night": gettext_noop("Windows at Night"),
}
DESCRIPTION = gettext_noop("A demonstration film, drawn by ffmpeg’s own generators on this machine.")
LIMITS = sandbox.Limits(wall_seconds=300, file_bytes=1 << 30)


class Command(BaseCommand):
    help = "Makes three short demonstration films and sends them through the pipeline."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--owner", default="admin", help="whose films they become (default: admin)")

    def handle(self, *args: object, **options: str) -> None:
        owner = User.objects.filter(username=options["owner"]).first()
        if owner is None:
            raise CommandError(f"there is no account named {options['owner']}")
        category = Category.objects.filter(slug="animation").first()
        program = ffmpeg.find_ffmpeg(settings.FFMPEG_BINARY or None)
        with override(settings.LANGUAGE_CODE):
            for clip in demo.CLIPS:
                if ContentMain.objects.filter(owner=owner, source__filename=f"{clip.name}.mp4").exists():
                    continue  # made by an earlier run that was stopped half-way
                content = accept_source(
                    owner=owner,
                    received=self._made(clip, program),
                    title=_(TITLES[clip.name]),
                    description=_(DESCRIPTION),
                    category=category,
                )
                self.stdout.write(f"{content.public_id} {content.title}")

    @staticmethod
    def _made(clip: demo.DemoClip, program: Path) -> ReceivedFile:
        """One clip in an incoming folder of its own, as if it had been uploaded; killed half-way, it leaves there what
        the sweep finds."""
        folder = Path(settings.INCOMING_DIR) / secrets.token_hex(16)
        make_folder(folder)
        out = folder / "original"
        finished = sandbox.run(demo.arguments(clip, ffmpeg=program, out=out), limits=LIMITS, cwd=folder)
        if finished.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise CommandError(f"ffmpeg could not make {clip.name}: {finished.stderr_tail}")
        return ReceivedFile(path=out, filename=f"{clip.name}.mp4", bytes=out.stat().st_size)
