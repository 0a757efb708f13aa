"""Which steps the jobs of each kind are made of, in order. What a step does is registered by its own
module."""

from __future__ import annotations

from typing import Final

from videos.jobs.queue import StepPlan
from videos.models import Lane

# The weights are shares of the job's percent: encoding is nearly all of the waiting.
TRANSCODE_STEPS: Final = (
    StepPlan("probe", Lane.QUICK, 1, stage=0),
    StepPlan("index", Lane.QUICK, 1, stage=1),
    StepPlan("poster", Lane.QUICK, 1, stage=2),
    StepPlan("ladder", Lane.ENCODE, 95, stage=3),
    StepPlan("publish", Lane.QUICK, 2, stage=4),
)
