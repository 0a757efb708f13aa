"""The Celery application: lanes `quick` and `encode` are queues; beat re-rings and reaps. No results are kept."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("matinee")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()  # the current application is a thread's own otherwise, and web requests run in threads
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_kwargs: object) -> None:
    """Celery would replace the handlers that Django's LOGGING has set."""
