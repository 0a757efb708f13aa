"""The videos app: from the file that came to the bytes that leave."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VideosConfig(AppConfig):
    name = "videos"
    verbose_name = _("Videos")

    def ready(self) -> None:
        """Lets the steps of each kind of job register with the runner."""
        from videos.publishing import transcode_job  # noqa: F401, PLC0415 -- needs loaded models
