"""Players of tests: pure ones that only know the rules, and what they claim."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from analytics.sessions import Beat, Credit, Interval, SessionState, ViewerClock, credit

START = 1_800_000_000.0


def span(start: float, end: float) -> Interval:
    return Interval(start, end)


def opened(*, at: float = START, duration_seconds: float | None = 600.0) -> SessionState:
    """A session that was opened at `at`."""
    return SessionState(started_at=at, received_at=at, duration_seconds=duration_seconds)


def played(seq: int, start: float, end: float, *, rate: float = 1.0) -> Beat:
    """A beat that claims one stretch."""
    return Beat(seq=seq, position_seconds=end, rate=rate, intervals=(span(start, end),))


@dataclass
class Player:
    """Sends beats to one session and keeps what came of them."""

    state: SessionState = field(default_factory=opened)
    clock: ViewerClock | None = None
    credits: list[Credit] = field(default_factory=list)

    def sends(self, beat: Beat, *, at: float) -> Credit:
        """`at`: seconds after START, by the server's clock."""
        self.state, self.clock, earned = credit(self.state, beat, START + at, self.clock)
        self.credits.append(earned)
        return earned

    def watches(
        self, seconds: float, *, rate: float = 1.0, beat_seconds: float = 5.0, delay_seconds: float = 0.05
    ) -> None:
        """Plays from the beginning as an honest player does: a beat every few seconds, soon at the server."""
        position, seq, wall = 0.0, 0, 0.0
        while wall < seconds:
            step = min(beat_seconds, seconds - wall)
            wall += step
            beat = played(seq, position, position + step * rate, rate=rate)
            self.sends(replace(beat, sent_at=START + wall), at=wall + delay_seconds)
            position += step * rate
            seq += 1


def union_seconds(intervals: list[Interval]) -> float:
    """How much of an item the intervals cover."""
    total, reached = 0.0, float("-inf")
    for one in sorted(intervals, key=lambda interval: interval.start_seconds):
        total += max(0.0, one.end_seconds - max(one.start_seconds, reached))
        reached = max(reached, one.end_seconds)
    return total
