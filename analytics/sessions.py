"""What a beat earns: the rules of watch time, coverage and views. Pure: no clock, no database, no settings.

Instants are POSIX seconds of the server's clock. docs/analytics.md explains every formula in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

BEAT_SECONDS = 5  # how often a player reports
MIN_RATE, MAX_RATE = 0.25, 2.0  # what our player offers; faster and slower playback counts as these
LATE_SECONDS = 1200.0  # wall clock a player may save up while offline and report later
VIEW_SECONDS = 10.0
SEQ_WINDOW = 62  # beats that may overtake one another; as bits they fit a signed 64-bit column
BEAT_BURST, BEATS_PER_SECOND = (
    300,
    1.0,
)  # what a session may send: LATE_SECONDS of saved beats at once, then a calm stream
CLOCK_STEP_SECONDS = 60.0  # servers differ by less; a clock that goes back further was set anew
PRECISION_SECONDS = 0.001  # sums of floats miss a bound by less than this


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of the item that was played, in media seconds."""

    start_seconds: float
    end_seconds: float

    @property
    def media_seconds(self) -> float:
        return self.end_seconds - self.start_seconds


@dataclass(frozen=True, slots=True)
class Beat:
    """What a player claims to have played since its last beat. Numbers are finite; nothing else is
    trusted."""

    seq: int
    position_seconds: float
    rate: float = 1.0
    intervals: tuple[Interval, ...] = ()
    sent_at: float | None = None  # by the player's clock


@dataclass(frozen=True, slots=True)
class SessionState:
    """What is known of a session between two beats."""

    started_at: float
    received_at: float  # the latest beat; started_at before the first
    duration_seconds: float | None = None
    spare_seconds: float = 0.0  # wall clock that passed and was not credited yet
    watch_seconds: float = 0.0
    media_seconds: float = 0.0
    position_seconds: float = 0.0
    beat_count: int = 0
    last_seq: int = -1
    earlier_seqs: int = 0  # bit n: the beat numbered last_seq - 1 - n came
    clock_lag_seconds: float | None = None  # the least (received - sent): how far the player's clock is behind
    is_view_begun: bool = False


@dataclass(frozen=True, slots=True)
class ViewerClock:
    """The wall clock of one person, which all their sessions share: a second is given out once."""

    accounted_until: float
    spare_seconds: float = 0.0  # given to sessions and not credited yet
    # The last stretch that no session had reported for; a late report of an older session may still claim it.
    idle_from: float = 0.0
    idle_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Credit:
    """What a beat earned. `watched_at` is when it was sent, told by the server's clock."""

    watch_seconds: float
    intervals: tuple[Interval, ...]
    begins_view: bool
    moves_position: bool
    watched_at: float

    @property
    def media_seconds(self) -> float:
        return sum(interval.media_seconds for interval in self.intervals)


def is_new(state: SessionState, seq: int) -> bool:
    """False for a beat that came before, and for one so old that this cannot be known any more."""
    if seq > state.last_seq:
        return True
    behind = state.last_seq - 1 - seq
    return 0 <= behind < SEQ_WINDOW and not state.earlier_seqs >> behind & 1


def is_flood(state: SessionState, now: float) -> bool:
    """True once a session has sent more beats than any player would."""
    return state.beat_count >= BEAT_BURST + max(0.0, now - state.started_at) * BEATS_PER_SECOND


def credit(
    state: SessionState, beat: Beat, now: float, clock: ViewerClock | None = None
) -> tuple[SessionState, ViewerClock | None, Credit]:
    """The session, the person's clock and the credit after `beat` was received at `now`.

    A beat that is not new changes nothing and earns nothing. Otherwise watch_seconds is the claimed media
    time divided by the rate, cut to the wall clock that has passed and was not credited before: in this
    session, and, when a `clock` is given, in any of that person's sessions.
    """
    if not is_new(state, beat.seq):
        return state, clock, Credit(0.0, (), begins_view=False, moves_position=False, watched_at=now)
    elapsed, received_at = _elapsed(state.received_at, now)
    budget = min(LATE_SECONDS, state.spare_seconds + elapsed)
    if clock is not None:
        clock = _advanced(clock, since=state.received_at, now=now)
        allowed = min(budget, clock.spare_seconds)
    else:
        allowed = budget
    rate = min(MAX_RATE, max(MIN_RATE, beat.rate))
    intervals = tuple(_first(_inside(beat.intervals, state.duration_seconds), allowed * rate))
    media = sum(interval.media_seconds for interval in intervals)
    watched = min(allowed, media / rate)
    lag, watched_at = _sent(state, beat, now)
    moves_position = beat.seq > state.last_seq
    place = _clipped(beat.position_seconds, state.duration_seconds) if moves_position else state.position_seconds
    last_seq, earlier_seqs = _seen(state, beat.seq)
    after = replace(
        state,
        received_at=received_at,
        spare_seconds=budget - watched,
        watch_seconds=state.watch_seconds + watched,
        media_seconds=state.media_seconds + media,
        position_seconds=place,
        beat_count=state.beat_count + 1,
        last_seq=last_seq,
        earlier_seqs=earlier_seqs,
        clock_lag_seconds=lag,
    )
    after = replace(after, is_view_begun=state.is_view_begun or _is_view(after))
    if clock is not None:
        clock = replace(clock, spare_seconds=clock.spare_seconds - watched)
    begins = after.is_view_begun and not state.is_view_begun
    return after, clock, Credit(watched, intervals, begins, moves_position, watched_at)


def _elapsed(since: float, now: float) -> tuple[float, float]:
    """Seconds gained since `since`, and the instant to measure the next ones from. A clock that was set back
    gains nothing and is measured anew; a small step back is another server's clock, and the difference must
    not be gained twice."""
    if now >= since:
        return now - since, now
    return 0.0, now if since - now > CLOCK_STEP_SECONDS else since


def _advanced(clock: ViewerClock, *, since: float, now: float) -> ViewerClock:
    """Gives out the part of (since, now] that none of this person's sessions was given before."""
    _, until = _elapsed(clock.accounted_until, now)
    gained = max(0.0, now - max(since, clock.accounted_until))
    if clock.accounted_until < since <= now:
        idle_from, idle_until, claimed = clock.accounted_until, since, 0.0
    else:
        idle_from, idle_until = clock.idle_from, min(clock.idle_until, max(clock.idle_from, since))
        claimed = clock.idle_until - idle_until
    spare = min(LATE_SECONDS, clock.spare_seconds + gained + claimed)
    return ViewerClock(until, spare, idle_from, idle_until)


def _clipped(seconds: float, duration_seconds: float | None) -> float:
    seconds = max(0.0, seconds)
    return seconds if duration_seconds is None else min(seconds, duration_seconds)


def _inside(intervals: Iterable[Interval], duration_seconds: float | None) -> Iterator[Interval]:
    """The parts that lie on the item; what is turned around or outside falls away."""
    for interval in intervals:
        start = _clipped(interval.start_seconds, duration_seconds)
        end = _clipped(interval.end_seconds, duration_seconds)
        if end > start:
            yield Interval(start, end)


def _first(intervals: Iterable[Interval], media_seconds: float) -> Iterator[Interval]:
    """The first `media_seconds` of what was played, in the order of playing."""
    for interval in intervals:
        if media_seconds <= 0:
            return
        end = min(interval.end_seconds, interval.start_seconds + media_seconds)
        if end > interval.start_seconds:  # a remainder may be too small to move a float
            yield Interval(interval.start_seconds, end)
        media_seconds -= interval.media_seconds


def _sent(state: SessionState, beat: Beat, now: float) -> tuple[float | None, float]:
    """(lag of the player's clock, when the beat was sent by ours). The beat that travelled fastest tells it
    best."""
    if beat.sent_at is None:
        return state.clock_lag_seconds, now
    lag = now - beat.sent_at
    if state.clock_lag_seconds is not None:
        lag = min(lag, state.clock_lag_seconds)
    return lag, min(now, max(state.started_at, beat.sent_at + lag))


def _seen(state: SessionState, seq: int) -> tuple[int, int]:
    """(last_seq, earlier_seqs) with `seq` among them."""
    if seq < state.last_seq:
        return state.last_seq, state.earlier_seqs | 1 << (state.last_seq - 1 - seq)
    step = seq - state.last_seq
    if state.last_seq < 0 or step > SEQ_WINDOW:  # nothing within the window came yet
        return seq, 0
    window = (1 << SEQ_WINDOW) - 1
    return seq, (state.earlier_seqs << step | 1 << (step - 1)) & window


def _is_view(state: SessionState) -> bool:
    """Ten seconds of watching, or half of an item that is shorter than twice that."""
    if state.watch_seconds >= VIEW_SECONDS - PRECISION_SECONDS:
        return True
    duration = state.duration_seconds
    if duration is None or not 0 < duration < 2 * VIEW_SECONDS:
        return False
    return state.media_seconds >= duration / 2 - PRECISION_SECONDS
