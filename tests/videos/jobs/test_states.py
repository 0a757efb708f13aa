"""The rules without a database."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videos.jobs.states import (
    JOB_MOVES,
    MAX_ATTEMPTS,
    STEP_MOVES,
    JobWord,
    StepFacts,
    StepWord,
    back_off_seconds,
    overall,
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


def test_percent_is_the_share_of_the_weights() -> None:
    steps = [StepFacts("done", 10), StepFacts("running", 80, progress=0.5), StepFacts("waiting", 10)]
    assert overall(steps).percent == 50.0


def test_hundred_percent_is_said_only_when_every_step_is_done() -> None:
    assert overall([StepFacts("done", 1), StepFacts("running", 99, progress=1.0)]).percent == 99.9
    assert overall([StepFacts("done", 1), StepFacts("done", 99)]).percent == 100.0


def test_time_left_takes_later_steps_at_the_pace_of_the_running_one() -> None:
    running = StepFacts("running", 50, progress=0.5, elapsed_seconds=30, seconds_left=30)
    assert overall([running, StepFacts("waiting", 25)]).seconds_left == 60.0


def test_time_left_is_worked_out_from_progress_when_the_step_does_not_say() -> None:
    assert overall([StepFacts("running", 1, progress=0.25, elapsed_seconds=10)]).seconds_left == 30.0


def test_too_early_there_is_no_time_left_rather_than_a_wild_guess() -> None:
    assert overall([StepFacts("running", 1, progress=0.001, elapsed_seconds=1)]).seconds_left is None
    assert overall([StepFacts("queued", 1)]).seconds_left is None


facts = st.builds(
    StepFacts,
    state=st.sampled_from(sorted(STEP_MOVES)),
    weight=st.just(0.0) | st.floats(0.01, 1000),
    progress=st.floats(-1, 2),
    elapsed_seconds=st.floats(0, 1e6),
    seconds_left=st.none() | st.floats(-10, 1e6),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(facts, max_size=6))
def test_percent_and_time_stay_in_their_bounds(steps: list[StepFacts]) -> None:
    whole = overall(steps)
    assert 0 <= whole.percent <= 100
    assert whole.seconds_left is None or whole.seconds_left >= 0
    assert (whole.percent == 100) == (
        sum(step.weight for step in steps) > 0 and all(step.state == "done" for step in steps)
    )


@settings(deadline=None, max_examples=60)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 10), st.floats(0.1, 10))
def test_more_progress_never_makes_a_smaller_percent(first: float, second: float, weight: float, rest: float) -> None:
    less, more = sorted((first, second))

    def percent(progress: float) -> float:
        return overall([StepFacts("running", weight, progress=progress), StepFacts("waiting", rest)]).percent

    assert percent(less) <= percent(more)
