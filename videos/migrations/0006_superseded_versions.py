"""Versions that were replaced before replaced files had rows of their own: they get theirs."""

from datetime import timedelta

from django.conf import settings
from django.db import migrations
from django.db.models import F
from django.utils import timezone

LEAST_LIFE_SECONDS = 6 * 3600


def write_down(apps, schema_editor):
    Rendition = apps.get_model("videos", "Rendition")
    RetiredFiles = apps.get_model("videos", "RetiredFiles")
    superseded = Rendition.objects.exclude(content__version=None).exclude(version=F("content__version"))
    rows = superseded.values_list("content", "content__public_id", "content__duration_seconds", "version").distinct()
    for content, public_id, duration_seconds, version in rows.order_by("content", "version").iterator():
        life_seconds = settings.GRANT_SECONDS or max(LEAST_LIFE_SECONDS, 2 * (duration_seconds or 0))
        RetiredFiles.objects.get_or_create(
            name=f"items/{public_id}/v{version}",
            defaults={"content_id": content, "remove_after": timezone.now() + timedelta(seconds=2 * life_seconds)},
        )


class Migration(migrations.Migration):
    dependencies = [("videos", "0005_pipeline")]

    operations = [migrations.RunPython(write_down, migrations.RunPython.noop, elidable=True)]
