"""Limits on signing in and signing up, shared by the pages, the admin and the API; counted in the cache.

What looks like guessing is counted by account and address together, so that nobody can lock somebody else out; an
address alone may fail more often. Good sign-ins only meet a limit that a class behind one address does not reach.
"""

from __future__ import annotations

import hashlib
import math
import random
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from accounts.errors import AccountsUnavailable, TooManyRequests

log = structlog.get_logger(__name__)

BUCKETS = 20  # a window slides in twentieths
TURN_SECONDS = 30  # a turn ends by itself if its process dies
WAIT_SECONDS = 10.0  # longest wait for one's turn
POLL_SECONDS = 0.02


@contextmanager
def _cache_must_answer() -> Iterator[None]:
    """Without the counts nothing is let through."""
    try:
        yield
    except RedisError as error:
        log.warning("the cache does not answer, nobody can sign in", error=str(error))
        raise AccountsUnavailable(str(error)) from error


@dataclass(frozen=True)
class Limit:
    """At most `amount` events of one subject in any `window_seconds`. Counters are atomic; nothing is locked."""

    name: str
    amount: int
    window_seconds: int

    def _key(self, subject: str, bucket: int) -> str:
        digest = hashlib.sha256(subject.encode()).hexdigest()
        return f"limit:{self.name}:{digest}:{bucket}"

    @property
    def _bucket_seconds(self) -> float:
        return self.window_seconds / BUCKETS

    @_cache_must_answer()
    def wait_seconds(self, subject: str) -> int:
        """0 when there is room, else whole seconds until there is."""
        now = time.time()
        current = int(now // self._bucket_seconds)
        buckets = range(current - BUCKETS, current + 1)
        counts = cache.get_many([self._key(subject, bucket) for bucket in buckets])
        total = sum(counts.values())
        if total < self.amount:
            return 0
        for bucket in buckets:  # oldest first: when has enough of it slid out of the window?
            total -= counts.get(self._key(subject, bucket), 0)
            if total < self.amount:
                return max(1, math.ceil((bucket + BUCKETS + 1) * self._bucket_seconds - now))
        return self.window_seconds

    @_cache_must_answer()
    def count(self, subject: str) -> None:
        """One more event."""
        key = self._key(subject, int(time.time() // self._bucket_seconds))
        cache.add(key, 0, timeout=math.ceil(self.window_seconds + 2 * self._bucket_seconds))
        cache.incr(key)

    def refuse_when_full(self, subject: str) -> None:
        """Raises TooManyRequests when there is no room."""
        if wait := self.wait_seconds(subject):
            log.info("limit reached", limit=self.name, retry_after_seconds=wait)
            raise TooManyRequests(wait)


FAILURES_BY_ACCOUNT = Limit("failures-by-account", amount=5, window_seconds=300)
FAILURES_BY_ADDRESS = Limit("failures-by-address", amount=20, window_seconds=60)
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
    """Around checking a password. Raises TooManyRequests before it is checked when a limit is reached.

    Tries at one account from one network take turns: a thousand guesses sent at once would all pass a limit that is
    looked at before any of them has failed.
    """
    pair = f"{account} {network}"
    SIGN_INS.refuse_when_full(network)
    FAILURES_BY_ADDRESS.refuse_when_full(network)
    SIGN_INS.count(network)
    with _turn(pair):
        FAILURES_BY_ACCOUNT.refuse_when_full(pair)
        attempt = Attempt()
        yield attempt
        if attempt.is_failed:
            FAILURES_BY_ACCOUNT.count(pair)
            FAILURES_BY_ADDRESS.count(network)


def sign_up(*, network: str) -> None:
    """Before making an account. Raises TooManyRequests."""
    SIGN_UPS.refuse_when_full(network)
    SIGN_UPS.count(network)


@contextmanager
def _turn(subject: str) -> Iterator[None]:
    """One at a time for each subject; raises TooManyRequests when the wait would be long."""
    key = f"turn:{hashlib.sha256(subject.encode()).hexdigest()}"
    ours = secrets.token_hex(8)
    _take(key, ours)
    try:
        yield
    finally:
        _give_back(key, ours)


@_cache_must_answer()
def _take(key: str, ours: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not cache.add(key, ours, timeout=TURN_SECONDS):
        if time.monotonic() > deadline:
            raise TooManyRequests(1)
        time.sleep(POLL_SECONDS * (0.5 + random.random()))  # noqa: S311 -- spreads the waiting, keeps no secret


@_cache_must_answer()
def _give_back(key: str, ours: str) -> None:
    if cache.get(key) == ours:
        cache.delete(key)
