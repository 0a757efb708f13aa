"""How far a job is and how long it will take, without a database."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from videos.jobs.forecast import StepFacts, overall
from videos.jobs.states import STEP_MOVES


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
    stage=st.integers(0, 2),
    lane=st.sampled_from(["quick", "encode"]),
    is_optional=st.booleans(),
    began_seconds_ago=st.floats(0, 1e6),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(facts, max_size=6))
def test_percent_and_time_stay_in_their_bounds(steps: list[StepFacts]) -> None:
    whole = overall(steps)
    assert 0 <= whole.percent <= 100
    assert whole.seconds_left is None or whole.seconds_left >= 0
    assert (whole.percent == 100) == (
        sum(step.weight for step in steps) > 0
        and all(step.state == "done" or (step.state == "failed" and step.is_optional) for step in steps)
    )


@settings(deadline=None, max_examples=60)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 10), st.floats(0.1, 10))
def test_more_progress_never_makes_a_smaller_percent(first: float, second: float, weight: float, rest: float) -> None:
    less, more = sorted((first, second))

    def percent(progress: float) -> float:
        return overall([StepFacts("running", weight, progress=progress), StepFacts("waiting", rest)]).percent

    assert percent(less) <= percent(more)


def film(*parts: StepFacts, waiting: int) -> list[StepFacts]:
    """A film of equal parts, inspected in a second, to be joined and published afterwards."""
    return [
        StepFacts("done", 1, elapsed_seconds=1, stage=0, lane="quick", began_seconds_ago=400),
        *parts,
        *[StepFacts("queued", 10, stage=1, lane="encode")] * waiting,
        StepFacts("waiting", 1, stage=2, lane="encode"),
        StepFacts("waiting", 1, stage=3, lane="quick"),
    ]


def made(began_seconds_ago: float) -> StepFacts:
    """A part that took forty seconds."""
    return StepFacts("done", 10, elapsed_seconds=40, stage=1, lane="encode", began_seconds_ago=began_seconds_ago)


def half_made(began_seconds_ago: float = 20) -> StepFacts:
    return StepFacts(
        "running",
        10,
        progress=0.5,
        elapsed_seconds=20,
        seconds_left=20,
        stage=1,
        lane="encode",
        began_seconds_ago=began_seconds_ago,
    )


def test_ten_parts_in_one_slot_take_ten_times_one() -> None:
    """Four parts of forty seconds wait, half of one is left, then four seconds of joining and one of publishing."""
    assert overall(film(made(100), made(60), half_made(), waiting=4)).seconds_left == 20 + 4 * 40 + 4 + 1


def test_the_same_parts_in_two_slots_take_half_as_long() -> None:
    facts = film(made(60), made(60), half_made(), half_made(), waiting=4)
    assert overall(facts).seconds_left == 20 + 2 * 40 + 4 + 1


def test_an_odd_last_part_keeps_one_slot_waiting() -> None:
    facts = film(made(60), made(60), half_made(), half_made(), waiting=3)
    assert overall(facts).seconds_left == 20 + 2 * 40 + 4 + 1


def test_a_slot_that_is_just_between_two_parts_does_not_double_the_time() -> None:
    both = film(made(60), made(60), half_made(), half_made(), waiting=4)
    one_of_two = film(made(80), made(80), made(40), half_made(40), waiting=4)
    assert overall(both).seconds_left == 105
    left = overall(one_of_two).seconds_left
    assert left is not None
    assert left <= 105


def test_a_part_that_has_just_begun_is_taken_at_the_pace_of_those_that_are_done() -> None:
    begun = StepFacts("running", 10, elapsed_seconds=1, stage=1, lane="encode", began_seconds_ago=1)
    assert overall(film(made(41), begun, waiting=2)).seconds_left == 39 + 2 * 40 + 4 + 1


def test_a_look_at_the_file_says_nothing_of_how_long_encoding_takes() -> None:
    looking = StepFacts("running", 1, progress=0.5, elapsed_seconds=1, lane="quick", began_seconds_ago=1)
    assert overall([looking, StepFacts("waiting", 95, stage=1, lane="encode")]).seconds_left is None


def test_what_was_left_out_counts_as_done() -> None:
    left_out = StepFacts("failed", 5, stage=1, is_optional=True)
    assert overall([left_out, StepFacts("running", 5, progress=0.5, stage=1)]).percent == 75.0
    assert overall([left_out, StepFacts("done", 5, stage=1)]).percent == 100.0


def test_side_by_side_percent_is_of_all_that_run() -> None:
    assert overall([StepFacts("running", 30, progress=0.5), StepFacts("running", 10, progress=0.1)]).percent == 40.0
