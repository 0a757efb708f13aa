"""Limits on signing in and signing up, shared by the pages, the admin and the API; counted in the cache.

What looks like guessing is counted by account and address together, so that nobody can lock somebody else out; an
address alone may fail more often. Good sign-ins only meet a limit that a class behind one address does not reach.
Everything is counted first and judged afterwards: tries that are sent at once all see one another.
"""

from __future__ import annotations

import hashlib
import math
import random
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from accounts.errors import AccountsUnavailable, TooManyRequests

log = structlog.get_logger(__name__)

BUCKETS = 20  # a window slides in twentieths
COUNTING_TRIES = 5  # a crowded cache may throw a counter away between two commands
HELD_SECONDS = 30  # a place is free again by itself if its process dies
WAIT_SECONDS = 10.0  # longest wait for a place
POLL_SECONDS = 0.02


@contextmanager
def _cache_must_answer() -> Iterator[None]:
    """Without the counts nothing is let through."""
    try:
        yield
    except RedisError as error:
        log.warning("the cache does not answer, nobody can sign in", error=str(error))
        raise AccountsUnavailable(str(error)) from error


def _digest(subject: str) -> str:
    return hashlib.sha256(subject.encode()).hexdigest()


def _refusal(name: str, wait_seconds: int) -> TooManyRequests:
    log.info("limit reached", limit=name, retry_after_seconds=wait_seconds)
    return TooManyRequests(wait_seconds)


@dataclass(frozen=True)
class Limit:
    """At most `amount` events of one subject in any `window_seconds`. The counter itself hands out the numbers, so no
    two events can both be the last that fits; nothing is locked."""

    name: str
    amount: int
    window_seconds: int

    @_cache_must_answer()
    def count(self, subject: str) -> None:
        """One more event. Raises TooManyRequests where it does not fit any more; then it was not counted."""
        now = time.time()
        current = int(now // self._bucket_seconds)
        key = self._key(subject, current)
        number = self._counted(key)
        buckets = range(current - BUCKETS, current)
        counts = cache.get_many([self._key(subject, bucket) for bucket in buckets])
        earlier = [counts.get(self._key(subject, bucket), 0) for bucket in buckets]
        if sum(earlier) + number <= self.amount:
            return
        with suppress(ValueError):  # thrown away meanwhile
            cache.decr(key)
        raise _refusal(self.name, self._wait_seconds(earlier, current, now))

    @property
    def _bucket_seconds(self) -> float:
        return self.window_seconds / BUCKETS

    def _key(self, subject: str, bucket: int) -> str:
        return f"limit:{self.name}:{_digest(subject)}:{bucket}"

    def _counted(self, key: str) -> int:
        """The number of this event in its bucket."""
        for _ in range(COUNTING_TRIES):
            cache.add(key, 0, timeout=math.ceil(self.window_seconds + 2 * self._bucket_seconds))
            with suppress(ValueError):  # thrown away since
                return cache.incr(key)
        log.warning("the cache keeps no counters, nobody can sign in", limit=self.name)
        raise AccountsUnavailable("the cache keeps no counters")

    def _wait_seconds(self, earlier: list[int], current: int, now: float) -> int:
        """Until so much has slid out of the window that one more fits, if all of `current` stays."""
        left = sum(earlier)
        for bucket, count in zip(range(current - BUCKETS, current), earlier, strict=True):  # oldest first
            left -= count
            if count and left < self.amount:
                return max(1, math.ceil((bucket + BUCKETS + 1) * self._bucket_seconds - now))
        return math.ceil((current + BUCKETS + 1) * self._bucket_seconds - now)


@dataclass(frozen=True)
class Allowance:
    """At most `amount` failures of one subject in any `window_seconds`, however many try at once.

    There are as many places as failures allowed. Whoever tries takes one before anything is checked, and gives it back
    unless the try failed; a failure keeps its place until it leaves the window. So tries that are under way count as
    failures, while good ones only ever wait for a moment.
    """

    name: str
    amount: int
    window_seconds: int

    @contextmanager
    def place(self, subject: str, attempt: Attempt) -> Iterator[None]:
        """Around a try. Raises TooManyRequests when failures fill every place, or the wait for one is long."""
        key, ours = self._taken(subject)
        try:
            yield
        finally:
            self._settle(key, ours, is_failed=attempt.is_failed)

    @_cache_must_answer()
    def _taken(self, subject: str) -> tuple[str, str]:
        keys = [f"place:{self.name}:{_digest(subject)}:{number}" for number in range(self.amount)]
        ours = secrets.token_hex(8)
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            held = cache.get_many(keys)
            for key in keys:
                if key not in held and cache.add(key, ours, timeout=HELD_SECONDS):
                    return key, ours
            # A failure's place holds the time when it leaves the window, one that is in use a token.
            ends = [value for value in held.values() if isinstance(value, float)]
            if len(ends) == self.amount:
                raise _refusal(self.name, max(1, math.ceil(min(ends) - time.time())))
            if time.monotonic() > deadline:
                raise _refusal(self.name, 1)
            time.sleep(POLL_SECONDS * (0.5 + random.random()))  # noqa: S311 -- spreads the waiting, keeps no secret

    @_cache_must_answer()
    def _settle(self, key: str, ours: str, *, is_failed: bool) -> None:
        if is_failed:
            cache.set(key, time.time() + self.window_seconds, timeout=self.window_seconds)
        elif cache.get(key) == ours:
            cache.delete(key)


FAILURES_BY_ACCOUNT = Allowance("failures-by-account", amount=5, window_seconds=300)
FAILURES_BY_ADDRESS = Allowance("failures-by-address", amount=20, window_seconds=60)
SIGN_INS = Limit("sign-ins", amount=120, window_seconds=60)
SIGN_UPS = Limit("sign-ups", amount=120, window_seconds=60)


class Attempt:
    """One try at signing in. Whoever checks the password says when it was wrong."""

    def __init__(self) -> None:
        self.is_failed = False

    def failed(self) -> None:
        """The password was wrong, or there is no such account: the same to a counter."""
        self.is_failed = True


@contextmanager
def sign_in(*, account: str, network: str) -> Iterator[Attempt]:
    """Around checking a password. Raises TooManyRequests before it is checked when a limit is reached."""
    SIGN_INS.count(network)
    attempt = Attempt()
    # Places are always taken in this order, so that nobody waits for somebody who waits.
    with (
        FAILURES_BY_ACCOUNT.place(f"{account} {network}", attempt),
        FAILURES_BY_ADDRESS.place(network, attempt),
    ):
        yield attempt


def sign_up(*, network: str) -> None:
    """Before making an account. Raises TooManyRequests."""
    SIGN_UPS.count(network)
