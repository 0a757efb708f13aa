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
def test_what_has_ended_does_not_run_again_by_itself(word: StepWord) -> None:
    assert word not in steps_that_may_become("queued")
    assert word not in steps_that_may_become("running")


def test_what_is_done_is_done() -> None:
    assert not STEP_MOVES["done"]
    assert not JOB_MOVES["done"]


def test_only_a_person_can_bring_back_what_ended_early() -> None:
    assert STEP_MOVES["failed"] == STEP_MOVES["cancelled"] == {"waiting"}
    assert JOB_MOVES["failed"] == JOB_MOVES["cancelled"] == {"queued"}


def test_only_a_running_step_can_be_done() -> None:
    assert steps_that_may_become("done") == ["running"]


def test_three_attempts_with_growing_pauses_and_no_fourth() -> None:
    pauses = [back_off_seconds(attempt=attempt, is_retryable=True) for attempt in range(1, MAX_ATTEMPTS + 1)]
    assert pauses == [5.0, 30.0, None]


def test_what_cannot_pass_is_not_tried_again() -> None:
    assert back_off_seconds(attempt=1, is_retryable=False) is None
