"""The videos app: from the file that came to the bytes that leave."""

from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class VideosConfig(AppConfig):
    name = "videos"
    verbose_name = _("Videos")

    def ready(self) -> None:
        """Lets the steps of each kind of job register with the runner, says what goes with an account, and
        keeps what reads strangers' files out of the site's own."""
        from accounts import deletion  # noqa: PLC0415 -- needs loaded models
        from videos.pipeline import sandbox  # noqa: PLC0415
        from videos.publishing import (  # noqa: F401, PLC0415
            belongings,
            encode_steps,
            join_step,
            posters,
            storyboards,
            transcode_job,
            words_step,
        )

        deletion.register(belongings.VIDEOS)
        sandbox.keep_out_of(Path(settings.BASE_DIR), Path(settings.DATA_DIR), Path(settings.MEDIA_ROOT))
