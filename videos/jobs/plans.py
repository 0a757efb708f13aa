"""Which steps the jobs of each kind are made of, in order. What a step does is registered by its own
module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from videos.jobs.queue import StepPlan
from videos.models import JobKind, Lane

# The weights are shares of the job's percent: encoding is nearly all of the waiting. The steps that encode are added by
# the plan step, to the stage of poster and words.
TRANSCODE_STEPS: Final = (
    StepPlan("inspect", Lane.QUICK, 1, stage=0),
    StepPlan("plan", Lane.QUICK, 0, stage=1),
    StepPlan("poster", Lane.QUICK, 1, stage=2, is_optional=True),
    StepPlan("words", Lane.QUICK, 1, stage=2, is_optional=True),
    StepPlan("join", Lane.ENCODE, 2, stage=3),
    StepPlan("publish", Lane.QUICK, 1, stage=4),
    StepPlan("storyboard", Lane.ENCODE, 1, stage=5, is_optional=True),
)

STEPS_OF_KIND: Final[Mapping[str, Sequence[StepPlan]]] = {JobKind.TRANSCODE: TRANSCODE_STEPS}
