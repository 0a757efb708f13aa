"""Steps used to run one after the other, and jobs of films had other steps. What has ended keeps its order, each step
in a stage of its own; films still being made begin anew with the steps that exist since this version."""

from django.db import migrations
from django.db.models import F
from django.utils import timezone

FIRST_STEP_OF_OLD = "probe"

# Name, lane, weight, stage, optional: frozen here, as everything that a migration does.
BEGIN_ANEW: tuple[tuple[str, str, float, int, bool], ...] = (
    ("inspect", "quick", 1, 0, False),
    ("plan", "quick", 0, 1, False),
    ("poster", "quick", 1, 2, True),
    ("words", "quick", 1, 2, True),
    ("join", "encode", 2, 3, False),
    ("publish", "quick", 1, 4, False),
    ("storyboard", "encode", 1, 5, True),
)


def give_stages(apps, schema_editor):
    job, step = apps.get_model("videos", "Job"), apps.get_model("videos", "Step")
    old = job.objects.filter(kind="transcode", steps__name=FIRST_STEP_OF_OLD, steps__position=0)
    step.objects.filter(job__in=old).update(stage=F("position"))
    now = timezone.now()
    for each in old.filter(state__in=["queued", "running", "paused"]):
        step.objects.filter(job=each).delete()
        step.objects.bulk_create(
            step(
                job=each,
                name=name,
                lane=lane,
                weight=weight,
                stage=stage,
                is_optional=is_optional,
                position=position,
                state="waiting" if stage else "queued",
                queued_at=None if stage else now,
            )
            for position, (name, lane, weight, stage, is_optional) in enumerate(BEGIN_ANEW)
        )


def forget_stages(apps, schema_editor):
    """Steps of old run in the order of their positions anyway. Those of this version are unknown to the one before."""
    apps.get_model("videos", "Step").objects.update(stage=0)


class Migration(migrations.Migration):
    dependencies = [("videos", "0006_superseded_versions")]
    operations = [migrations.RunPython(give_stages, forget_stages)]
