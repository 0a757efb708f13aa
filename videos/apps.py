"""The videos app: from the file that came to the bytes that leave."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VideosConfig(AppConfig):
    name = "videos"
    verbose_name = _("Videos")

    def ready(self) -> None:
        """Lets the steps of each kind of job register with the runner, and says what goes with an account."""
        from accounts import deletion  # noqa: PLC0415 -- needs loaded models
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
