"""Whatever is claimed, in whatever order, a session is never worth more than the wall clock that passed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.sessions import MAX_RATE, PRECISION_SECONDS, Beat, Interval, ViewerClock
from tests.analytics.players import START, Player, opened, union_seconds

numbers = st.floats(min_value=-1e9, max_value=1e9)
moderate = st.floats(min_value=-100, max_value=1000)
intervals = st.lists(st.builds(Interval, st.one_of(numbers, moderate), st.one_of(numbers, moderate)), max_size=6).map(
    tuple
)
beats = st.builds(
    Beat,
    seq=st.one_of(st.integers(0, 30), st.integers(0, 2**31 - 1)),
    position_seconds=numbers,
    rate=st.one_of(st.floats(0.1, 4), numbers),
    intervals=intervals,
    sent_at=st.one_of(st.none(), numbers),
)
pauses = st.floats(min_value=0, max_value=2000)
claims = st.lists(st.tuples(pauses, beats), max_size=40)
durations = st.one_of(st.none(), st.floats(min_value=0, max_value=7200))


@given(claims=claims, duration=durations)
def test_credit_never_exceeds_the_wall_clock(claims: list[tuple[float, Beat]], duration: float | None) -> None:
    player, at = Player(state=opened(duration_seconds=duration)), 0.0
    for pause, beat in claims:
        at += pause
        earned = player.sends(beat, at=at)
        assert earned.watch_seconds >= 0
        assert player.state.watch_seconds <= at + 1e-6
        assert player.state.media_seconds <= at * MAX_RATE + 1e-6
        assert abs(player.state.watch_seconds - sum(one.watch_seconds for one in player.credits)) < 1e-6
    if player.state.is_view_begun:
        shortest = 10.0 if duration is None else min(10.0, duration / 2 / MAX_RATE)
        assert at >= shortest - PRECISION_SECONDS - 1e-6


@given(claims=claims, duration=st.floats(min_value=0, max_value=7200))
def test_what_is_covered_lies_on_the_item(claims: list[tuple[float, Beat]], duration: float) -> None:
    player, at = Player(state=opened(duration_seconds=duration)), 0.0
    for pause, beat in claims:
        at += pause
        player.sends(beat, at=at)
    accepted = [one for earned in player.credits for one in earned.intervals]
    assert all(0 <= one.start_seconds < one.end_seconds <= duration for one in accepted)
    plays = len(accepted)  # no stretch holds a second twice
    assert union_seconds(accepted) <= duration + 1e-6
    assert sum(one.media_seconds for one in accepted) <= duration * plays + 1e-6
    assert 0 <= player.state.position_seconds <= duration


@given(
    claims=claims,
    again=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 39)), max_size=20),
    data=st.data(),
)
def test_repeated_beats_earn_nothing_wherever_they_come(
    claims: list[tuple[float, Beat]], again: list[tuple[int, int]], data: st.DataObject
) -> None:
    """The beats once, and the same with some repeated later in any order: the same state in the end."""
    numbered = [(pause, replace(beat, seq=seq)) for seq, (pause, beat) in enumerate(claims)]
    once, repeated, at = Player(), Player(), 0.0
    for index, (pause, beat) in enumerate(numbered):
        at += pause
        once.sends(beat, at=at)
        repeated.sends(beat, at=at)
        doubles = [numbered[which][1] for when, which in again if when == index and which <= index]
        for double in data.draw(st.permutations(doubles)):
            changed = replace(double, intervals=(Interval(0, 600),))
            assert repeated.sends(changed, at=at + 0.001).watch_seconds == 0
    assert once.state == repeated.state


@settings(max_examples=50)
@given(
    steps=st.lists(st.tuples(st.integers(0, 4), st.floats(0, 30), beats), max_size=60),
    begins=st.lists(st.floats(0, 100), min_size=5, max_size=5),
)
def test_one_person_with_many_tabs_gains_no_second(steps: list[tuple[int, float, Beat]], begins: list[float]) -> None:
    tabs = [Player(state=opened(at=START + begin)) for begin in begins]
    clock, at = ViewerClock(accounted_until=START + min(begins)), max(begins)
    for tab_number, pause, beat in steps:
        at += pause
        tab = tabs[tab_number]
        tab.clock = clock
        tab.sends(beat, at=at)
        assert tab.clock is not None
        clock = tab.clock
        assert sum(one.state.watch_seconds for one in tabs) <= at - min(begins) + 1e-6


@given(beats=st.lists(st.tuples(st.floats(-1e6, 1e6), beats), max_size=40))
def test_a_server_clock_gone_mad_gives_no_negative_time_and_no_more_than_it_moved_ahead(
    beats: list[tuple[float, Beat]],
) -> None:
    player, at, ahead = Player(clock=ViewerClock(accounted_until=START)), 0.0, 0.0
    for step, beat in beats:
        at += step
        ahead += max(0.0, step)
        assert player.sends(beat, at=at).watch_seconds >= 0
        assert player.state.watch_seconds <= ahead + 1e-3
        assert player.state.spare_seconds >= 0


@given(
    jitter=st.lists(st.floats(0.01, 0.4), min_size=24, max_size=24),
    rate=st.sampled_from([0.5, 1.0, 1.5, 2.0]),
)
def test_an_honest_viewer_loses_less_than_one_percent(jitter: list[float], rate: float) -> None:
    """Two minutes over a line whose delay wanders, the session opened when playing began."""
    player = Player(state=opened(at=START + jitter[0]))
    for seq, delay in enumerate(jitter):
        beat = Beat(seq, 5 * (seq + 1) * rate, rate, (Interval(5 * seq * rate, 5 * (seq + 1) * rate),))
        player.sends(beat, at=5 * (seq + 1) + delay)
    assert player.state.watch_seconds >= 120 * 0.99
