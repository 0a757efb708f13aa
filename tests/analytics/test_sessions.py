"""What beats earn: honest players lose nothing, the rules of a view, late and doubled beats, places."""

from __future__ import annotations

import pytest

from analytics.sessions import (
    BEAT_BURST,
    LATE_SECONDS,
    SEQ_WINDOW,
    Beat,
    ViewerClock,
    is_flood,
    is_new,
)
from tests.analytics.players import START, Player, opened, played, span, union_seconds


def test_an_honest_player_is_credited_every_second() -> None:
    player = Player()
    player.watches(62.5)
    assert player.state.watch_seconds == pytest.approx(62.5)
    assert player.state.position_seconds == pytest.approx(62.5)
    assert union_seconds([one for earned in player.credits for one in earned.intervals]) == pytest.approx(62.5)


@pytest.mark.parametrize("rate", [0.25, 0.5, 1.25, 2.0])
def test_watch_time_is_wall_time_and_coverage_is_media_time(rate: float) -> None:
    player = Player()
    player.watches(20, rate=rate)
    assert player.state.watch_seconds == pytest.approx(20)
    assert player.state.media_seconds == pytest.approx(20 * rate)


def test_a_beat_that_was_slow_on_its_way_costs_nothing() -> None:
    player = Player()
    for seq, arrival in enumerate((5.1, 12.9, 15.0, 20.2)):
        player.sends(played(seq, 5 * seq, 5 * seq + 5), at=arrival)
    assert player.state.watch_seconds == pytest.approx(20)


def test_a_stretch_watched_again_counts_again() -> None:
    player = Player()
    player.sends(played(0, 0, 5), at=5)
    player.sends(played(1, 0, 5), at=10)
    assert player.state.watch_seconds == pytest.approx(10)
    assert union_seconds([one for earned in player.credits for one in earned.intervals]) == pytest.approx(5)


def test_pausing_earns_nothing() -> None:
    player = Player()
    player.sends(played(0, 0, 5), at=5)
    assert player.sends(Beat(seq=1, position_seconds=5), at=300).watch_seconds == 0
    player.sends(played(2, 5, 10), at=305)
    assert player.state.watch_seconds == pytest.approx(10)


def test_beats_kept_while_offline_are_credited_when_they_come() -> None:
    player = Player()
    player.sends(played(0, 0, 5), at=5)
    for seq in range(1, 61):  # five minutes without a line, all sent within a second
        player.sends(played(seq, 5 * seq, 5 * seq + 5), at=305 + seq / 100)
    assert player.state.watch_seconds == pytest.approx(305)


def test_what_was_kept_for_too_long_is_not_credited() -> None:
    player = Player(state=opened(duration_seconds=None))
    earned = player.sends(played(0, 0, 3 * LATE_SECONDS), at=3 * LATE_SECONDS)
    assert earned.watch_seconds == LATE_SECONDS


# --- A view -------------------------------------------------------------------------------------------------


def test_a_view_begins_after_ten_seconds_and_only_once() -> None:
    player = Player()
    player.watches(30)
    assert [earned.begins_view for earned in player.credits] == [False, True, False, False, False, False]


def test_nine_seconds_are_no_view() -> None:
    player = Player()
    player.watches(9.9)
    assert not player.state.is_view_begun


def test_no_rate_makes_ten_seconds_shorter() -> None:
    player = Player()
    player.watches(9, rate=2.0)
    assert player.state.media_seconds == pytest.approx(18)
    assert not player.state.is_view_begun


@pytest.mark.parametrize(
    ("duration", "watched", "is_view"), [(8, 3.9, False), (8, 4, True), (19, 9.5, True), (20, 9.9, False)]
)
def test_half_of_a_shorter_item_is_a_view(duration: float, watched: float, is_view: bool) -> None:
    player = Player(state=opened(duration_seconds=duration))
    player.watches(watched)
    assert player.state.is_view_begun is is_view


def test_half_of_a_short_item_is_a_view_at_double_speed_too() -> None:
    player = Player(state=opened(duration_seconds=8))
    player.watches(2, rate=2.0)
    assert player.state.is_view_begun


def test_an_item_without_length_needs_ten_seconds() -> None:
    player = Player(state=opened(duration_seconds=None))
    player.watches(8)
    assert not player.state.is_view_begun
    player.sends(played(99, 8, 10), at=10)
    assert player.state.is_view_begun


def test_an_item_of_no_length_is_never_viewed() -> None:
    player = Player(state=opened(duration_seconds=0))
    player.sends(played(0, 0, 0), at=60)
    assert not player.state.is_view_begun


# --- Numbers of beats ---------------------------------------------------------------------------------------


def test_a_doubled_beat_changes_nothing() -> None:
    player = Player()
    player.sends(played(0, 0, 5), at=5)
    before = player.state
    assert player.sends(played(0, 0, 5), at=60).watch_seconds == 0
    assert player.state == before


def test_a_beat_that_was_overtaken_is_credited_but_does_not_move_the_place_back() -> None:
    player = Player()
    player.sends(played(1, 5, 10), at=10)
    late = player.sends(played(0, 0, 5), at=10.5)
    assert late.watch_seconds == pytest.approx(5)
    assert not late.moves_position
    assert player.state.position_seconds == 10
    assert not is_new(player.state, 0)
    assert not is_new(player.state, 1)


def test_a_beat_behind_the_window_earns_nothing() -> None:
    player = Player()
    player.sends(played(SEQ_WINDOW + 1, 0, 5), at=5)
    assert is_new(player.state, 1)
    assert not is_new(player.state, 0)
    player.sends(played(10**9, 5, 10), at=10)
    assert not is_new(player.state, SEQ_WINDOW + 1)


def test_more_beats_than_a_player_sends_are_a_flood() -> None:
    player = Player()
    for seq in range(BEAT_BURST):
        assert not is_flood(player.state, START)
        player.sends(Beat(seq=seq, position_seconds=0), at=0)
    assert is_flood(player.state, START)
    assert not is_flood(player.state, START + 2)


# --- What makes no sense ------------------------------------------------------------------------------------


@pytest.mark.parametrize("interval", [span(-10, -1), span(30, 20), span(700, 900), span(600, 600), span(1e9, -1e9)])
def test_stretches_that_are_nowhere_on_the_item_earn_nothing(interval: object) -> None:
    player = Player()
    earned = player.sends(Beat(seq=0, position_seconds=0, intervals=(interval,)), at=60)  # type: ignore[arg-type]  # parametrized
    assert (earned.watch_seconds, earned.intervals) == (0, ())


def test_stretches_are_cut_to_the_item() -> None:
    player = Player()
    assert player.sends(played(0, -5, 5), at=60).intervals == (span(0, 5),)
    assert player.sends(played(1, 595, 1000), at=60).intervals == (span(595, 600),)
    assert player.state.position_seconds == 600


def test_a_jump_earns_what_the_wall_clock_allows() -> None:
    player = Player()
    earned = player.sends(played(0, 0, 600), at=5)
    assert earned.watch_seconds == 5
    assert earned.intervals == (span(0, 5),)


@pytest.mark.parametrize("rate", [100.0, 1e9])
def test_rates_beyond_the_fastest_count_as_the_fastest(rate: float) -> None:
    player = Player()
    earned = player.sends(played(0, 0, 600, rate=rate), at=5)
    assert (earned.watch_seconds, earned.media_seconds) == (5, 10)


@pytest.mark.parametrize("rate", [0.0, -1.0, -1e9, 0.001])
def test_rates_below_the_slowest_count_as_the_slowest(rate: float) -> None:
    player = Player()
    assert player.sends(played(0, 0, 1, rate=rate), at=60).watch_seconds == 4


# --- One person, several tabs -------------------------------------------------------------------------------


def test_two_tabs_of_one_person_share_one_wall_clock() -> None:
    first, second = Player(), Player()
    clock = ViewerClock(accounted_until=START)
    for seq in range(12):
        for tab in (first, second):
            tab.clock = clock
            tab.sends(played(seq, 5 * seq, 5 * seq + 5), at=5 * seq + 5)
            assert tab.clock is not None
            clock = tab.clock
    assert first.state.watch_seconds + second.state.watch_seconds == pytest.approx(60)


def test_one_film_after_another_is_credited_in_full_even_when_their_beats_cross() -> None:
    first = Player(clock=ViewerClock(accounted_until=START))
    first.sends(played(0, 0, 5), at=5)
    second = Player(state=opened(at=START + 8), clock=first.clock)
    second.sends(played(0, 0, 5), at=13)  # the first film's last beat is still on its way
    first.clock = second.clock
    first.sends(played(1, 5, 8), at=13.2)
    assert first.state.watch_seconds + second.state.watch_seconds == pytest.approx(13, abs=1e-6)


def test_an_hour_without_watching_does_not_pay_for_two_tabs() -> None:
    clock = ViewerClock(accounted_until=START)
    tabs = [Player(state=opened(at=START + 3600)) for _ in range(2)]
    for seq in range(4):
        for tab in tabs:
            tab.clock = clock
            tab.sends(played(seq, 0, 600), at=3605 + 5 * seq)
            assert tab.clock is not None
            clock = tab.clock
    assert sum(tab.state.watch_seconds for tab in tabs) == pytest.approx(20)


# --- Clocks -------------------------------------------------------------------------------------------------


def test_a_server_clock_that_was_set_back_takes_nothing_away_for_long() -> None:
    player = Player(clock=ViewerClock(accounted_until=START))
    player.sends(played(0, 0, 5), at=5)
    assert player.sends(played(1, 5, 10), at=-86_400).watch_seconds == 0
    assert player.sends(played(2, 10, 15), at=-86_395).watch_seconds == pytest.approx(5)


def test_a_server_clock_that_jumps_ahead_gives_a_bounded_amount() -> None:
    player = Player(state=opened(duration_seconds=None))
    player.sends(played(0, 0, 1e6), at=86_400)
    player.sends(played(1, 0, 1e6), at=86_405)
    assert player.state.watch_seconds == LATE_SECONDS + 5


def test_two_servers_whose_clocks_differ_do_not_give_the_difference_again_and_again() -> None:
    player = Player(clock=ViewerClock(accounted_until=START))
    for seq in range(100):
        player.sends(played(seq, 0, 600), at=10 + (seq % 2) * 0.5)
    assert player.state.watch_seconds == pytest.approx(10.5)


def test_a_wrong_clock_of_the_player_does_not_misplace_its_beats() -> None:
    an_hour = 3600.0
    player = Player()
    on_time = Beat(seq=0, position_seconds=5, sent_at=START + 5 - an_hour)
    assert player.sends(on_time, at=5.1).watched_at == pytest.approx(START + 5.1)
    kept = Beat(seq=1, position_seconds=10, sent_at=START + 10 - an_hour)  # sent five minutes late
    assert player.sends(kept, at=310).watched_at == pytest.approx(START + 10.1)


@pytest.mark.parametrize("sent_at", [START - 1e8, START + 1e8])
def test_no_beat_is_placed_in_the_future_or_before_its_session(sent_at: float) -> None:
    player = Player()
    player.sends(Beat(seq=0, position_seconds=0, sent_at=START + 1), at=1)
    watched_at = player.sends(Beat(seq=1, position_seconds=0, sent_at=sent_at), at=9).watched_at
    assert START <= watched_at <= START + 9
