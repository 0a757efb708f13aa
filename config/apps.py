"""Gives every process of the site, not only its workers, the Celery application that services ring lanes through."""

from __future__ import annotations

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Without this `celery.current_app` would be an unconfigured default that looks for a broker of its own."""
        from config import celery  # noqa: F401, PLC0415 -- needs settings
