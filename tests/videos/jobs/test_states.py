"""The rules without a database."""

from __future__ import annotations

from typing import get_args

import pytest

from videos.jobs.states import (
    JOB_MOVES,
    MAX_ATTEMPTS,
    STEP_MOVES,
    JobWord,
    StepWord,
    back_off_seconds,
    steps_that_may_become,
)
from videos.models import JobState, StepState


def test_the_words_are_those_of_the_models() -> None:
    assert set(STEP_MOVES) == set(StepState.values) == set(get_args(StepWord))
    assert set(JOB_MOVES) == set(JobState.values) == set(get_args(JobWord))


@pytest.mark.parametrize("word", ["done", "failed", "cancelled"])
def test_what_has_ended_stays_ended(word: StepWord) -> None:
    assert not STEP_MOVES[word]
    assert word not in steps_that_may_become("queued")


def test_only_a_running_step_can_be_done() -> None:
    assert steps_that_may_become("done") == ["running"]


def test_three_attempts_with_growing_pauses_and_no_fourth() -> None:
    pauses = [back_off_seconds(attempt=attempt, is_retryable=True) for attempt in range(1, MAX_ATTEMPTS + 1)]
    assert pauses == [5.0, 30.0, None]


def test_what_cannot_pass_is_not_tried_again() -> None:
    assert back_off_seconds(attempt=1, is_retryable=False) is None
