"""A kind of job that only proofs and tests know: its steps take time, write to scratch, and count how often they
ended."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from accounts.models import User
from videos.jobs.queue import StepPlan, create_job
from videos.jobs.runner import StepContext, register
from videos.models import ContentMain, Job, Lane

KIND = "drill"


def make_drill(
    *,
    seconds: float,
    lanes: Sequence[Lane],
    folder: Path,
    owner: User | None = None,
    content: ContentMain | None = None,
) -> Job:
    """A job with one step of `seconds` in each of the lanes; its steps sign in `folder`."""
    return create_job(
        owner=owner,
        content=content,
        kind=KIND,
        parameters={"seconds": seconds, "folder": str(folder)},
        steps=[StepPlan("nap", lane, stage=stage) for stage, lane in enumerate(lanes)],
    )


def signatures(folder: Path) -> dict[str, int]:
    """Who has begun: file name (job, position, fence) → process id."""
    return {path.name: int(path.read_text() or 0) for path in folder.glob("*.begun")}


@register(KIND, "nap")
def nap(context: StepContext) -> dict[str, int]:
    """Signs in, works for its time, and counts itself in the transaction that ends the step."""
    name = f"{context.job.public_id}.{context.step.position}.{context.claim.fence}.begun"
    part = context.scratch / "part"
    (Path(context.parameters["folder"]) / name).write_text(str(os.getpid()))
    seconds = float(context.parameters["seconds"])
    begun = time.monotonic()
    while (elapsed := time.monotonic() - begun) < seconds:
        context.stop_if_asked()
        context.report(elapsed / seconds, seconds - elapsed)
        part.write_bytes(b"x" * 1000)
        time.sleep(0.02)
    context.on_finish(lambda: _count(context))
    return {"pid": os.getpid()}


def _count(context: StepContext) -> None:
    job = Job.objects.select_for_update().get(pk=context.job.pk)
    ended = job.parameters.get("ended", {})
    position = str(context.step.position)
    job.parameters = {**job.parameters, "ended": {**ended, position: ended.get(position, 0) + 1}}
    job.save(update_fields=["parameters"])
