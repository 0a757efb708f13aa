"""Guessing is stopped, by one mechanism for pages, admin and API; nobody else is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts import throttling
from accounts.errors import AccountsUnavailable, TooManyRequests
from accounts.models import User
from accounts.throttling import Limit
from benchmarks.proofs.crew import broker
from config import redis_urls
from tests.accounts.conftest import (
    REGISTER_API,
    SIGN_UP_PAGE,
    CountingHasher,
    admin_sign_in,
    api_sign_in,
    page_sign_in,
)
from tests.conftest import PASSWORD

DOORS = [page_sign_in, api_sign_in, admin_sign_in]
Door = Callable[..., Any]
ATTACKER: dict[str, Any] = {"REMOTE_ADDR": "198.51.100.66"}
VICTIM: dict[str, Any] = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still until it is moved."""
    with time_machine.travel(timezone.now(), tick=False) as moved:
        yield moved


def fail(door: Door, login: str, times: int, **extra: Any) -> list[int]:
    """The statuses of that many wrong passwords."""
    return [door(login, "wrong password", **extra).status_code for _ in range(times)]


def is_in(response: Any) -> bool:
    """Whether that was a good sign-in: a session by the page, a token by the API."""
    if response.status_code == 302:
        return bool(response.cookies.get("sessionid"))
    return bool(response.status_code == 200 and response.content.startswith(b'{"token"'))


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_the_sixth_try_is_refused_even_with_the_right_password(door: Door, member: User) -> None:
    assert 429 not in fail(door, member.username, 5)
    refused = door(member.username, PASSWORD)
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 320
    assert "sessionid" not in refused.cookies


@pytest.mark.django_db
def test_the_api_says_it_as_a_problem_document(member: User) -> None:
    fail(api_sign_in, member.username, 5)
    refused = api_sign_in(member.username, PASSWORD)
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "too_many_requests"


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_failures_at_one_door_count_at_every_door(door: Door, member: User) -> None:
    fail(api_sign_in, member.username, 2)
    fail(page_sign_in, member.username, 2)
    fail(admin_sign_in, member.username, 1)
    assert door(member.username, PASSWORD).status_code == 429


@pytest.mark.django_db
def test_name_and_address_of_one_account_count_together(make_user: Callable[..., User]) -> None:
    make_user("ana", email="ana@example.org")
    fail(api_sign_in, "ana", 2)
    fail(api_sign_in, "ANA", 1)
    fail(api_sign_in, "ana@example.org", 2)
    assert api_sign_in("ana", PASSWORD).status_code == 429


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_nobody_can_lock_somebody_else_out(door: Door, admin: User) -> None:
    fail(door, admin.username, 6, **ATTACKER)
    assert door(admin.username, PASSWORD, **ATTACKER).status_code == 429
    assert is_in(door(admin.username, PASSWORD, **VICTIM))


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_a_forged_forwarded_header_buys_no_new_tries(door: Door, member: User) -> None:
    statuses = [
        door(member.username, "wrong password", headers={"X-Forwarded-For": f"10.0.0.{number}"}).status_code
        for number in range(6)
    ]
    assert statuses[-1] == 429


@pytest.mark.django_db
def test_an_unknown_account_is_limited_like_a_known_one(member: User) -> None:
    known, unknown = fail(api_sign_in, member.username, 6), fail(api_sign_in, "nobody-here", 6)
    assert known == unknown == [401] * 5 + [429]


@pytest.mark.django_db
def test_one_address_may_fail_twenty_times_a_minute_over_all_accounts(member: User) -> None:
    statuses = [api_sign_in(f"guess{number}", "wrong password").status_code for number in range(21)]
    assert statuses == [401] * 20 + [429]
    assert api_sign_in(member.username, PASSWORD).status_code == 429
    assert api_sign_in(member.username, PASSWORD, **VICTIM).status_code == 200


@pytest.mark.django_db
def test_the_address_may_try_again_after_the_time_it_was_told(member: User, clock: time_machine.Traveller) -> None:
    for number in range(20):
        api_sign_in(f"guess{number}", "wrong password")
    wait = int(api_sign_in(member.username, PASSWORD)["Retry-After"])
    assert wait == 60
    clock.shift(timedelta(seconds=wait))
    assert api_sign_in(member.username, PASSWORD).status_code == 200


@pytest.mark.django_db
def test_the_account_may_be_tried_again_after_the_time_it_was_told(member: User, clock: time_machine.Traveller) -> None:
    fail(api_sign_in, member.username, 5)
    wait = int(api_sign_in(member.username, PASSWORD)["Retry-After"])
    assert wait == 300
    clock.shift(timedelta(seconds=wait - 1))
    assert api_sign_in(member.username, PASSWORD).status_code == 429
    clock.shift(timedelta(seconds=1))
    assert api_sign_in(member.username, PASSWORD).status_code == 200


@pytest.mark.django_db
def test_a_good_sign_in_between_guesses_wipes_nothing(member: User) -> None:
    fail(api_sign_in, member.username, 4)
    assert api_sign_in(member.username, PASSWORD).status_code == 200
    fail(api_sign_in, member.username, 1)
    assert api_sign_in(member.username, PASSWORD).status_code == 429


@pytest.mark.django_db
@pytest.mark.parametrize("door", [page_sign_in, api_sign_in])
def test_sixty_good_sign_ins_in_a_row_pass(door: Door, member: User, clock: time_machine.Traveller) -> None:
    assert all(is_in(door(member.username, PASSWORD)) for _ in range(60))


@pytest.mark.django_db
def test_sixty_sign_ups_in_a_row_pass_at_the_api(api: Any, clock: time_machine.Traveller) -> None:
    fields = [{"username": f"pupil{number}", "password": "a rather long phrase"} for number in range(60)]
    answers = [api.post(REGISTER_API, each) for each in fields]
    assert {answer.status_code for answer in answers} == {201}


@pytest.mark.django_db
def test_sixty_sign_ups_in_a_row_pass_at_the_page(clock: time_machine.Traveller) -> None:
    from django.test import Client

    password = {"password1": "a rather long phrase", "password2": "a rather long phrase"}
    answers = [Client().post(SIGN_UP_PAGE, {"username": f"pupil{number}", **password}) for number in range(60)]
    assert {answer.status_code for answer in answers} == {302}


@pytest.mark.django_db
def test_sign_ups_have_a_limit_too_and_both_doors_share_it(api: Any, clock: time_machine.Traveller) -> None:
    from django.test import Client

    for _ in range(throttling.SIGN_UPS.amount):
        throttling.sign_up(network="127.0.0.1")
    refused = api.post(REGISTER_API, {"username": "late", "password": "a rather long phrase"})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert Client().post(SIGN_UP_PAGE, {"username": "late"}).status_code == 429
    assert not User.objects.filter(username="late").exists()


@pytest.mark.django_db
def test_checking_the_password_again_for_a_delicate_page_is_limited_too(signed_in: Any, member: User) -> None:
    for _ in range(5):
        assert signed_in.post("/accounts/reauthenticate/", {"password": "wrong"}).status_code == 200
    assert signed_in.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 429


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_guesses_sent_at_once_do_not_slip_through_together(settings: LazySettings, member: User) -> None:
    settings.PASSWORD_HASHERS = ["tests.accounts.conftest.CountingHasher"]
    member.set_password(PASSWORD)
    member.save()
    CountingHasher.hashed = 0

    def guess(number: int) -> int:
        try:
            return int(api_sign_in(member.username, f"guess {number}").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=16) as pool:
        statuses = list(pool.map(guess, range(48)))
    assert statuses.count(401) == 5
    assert statuses.count(429) == 43
    assert CountingHasher.hashed == 5


@pytest.mark.django_db(transaction=True)
def test_good_sign_ins_sent_at_once_all_pass(member: User) -> None:
    def enter(_number: int) -> int:
        try:
            return int(api_sign_in(member.username, PASSWORD).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=16) as pool:
        assert set(pool.map(enter, range(48))) == {200}


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_without_the_counts_nobody_is_let_guess(door: Door, member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RedisConnectionError("refused")

    monkeypatch.setattr(LocMemCache, "get_many", broken)
    refused = door(member.username, PASSWORD)
    assert refused.status_code == 503
    assert refused["Retry-After"] == "5"


def test_a_limit_slides(clock: time_machine.Traveller) -> None:
    limit = Limit("test", amount=3, window_seconds=60)
    for _ in range(3):
        limit.count("subject")
        clock.shift(timedelta(seconds=15))
    with pytest.raises(TooManyRequests) as refused:
        limit.count("subject")
    # The first was 45 s ago: it leaves the window in 15 s, give or take a bucket.
    assert 15 <= refused.value.retry_after_seconds <= 18
    clock.shift(timedelta(seconds=refused.value.retry_after_seconds))
    limit.count("subject")
    with pytest.raises(TooManyRequests):
        limit.count("subject")


def test_what_was_refused_was_not_counted(clock: time_machine.Traveller) -> None:
    limit = Limit("test", amount=3, window_seconds=60)
    for _ in range(3):
        limit.count("subject")
    for _ in range(50):
        with pytest.raises(TooManyRequests):
            limit.count("subject")
    clock.shift(timedelta(seconds=63))
    limit.count("subject")


def test_limits_do_not_mix_subjects_or_names() -> None:
    one, other = Limit("one", amount=1, window_seconds=60), Limit("other", amount=1, window_seconds=60)
    one.count("subject")
    with pytest.raises(TooManyRequests):
        one.count("subject")
    one.count("somebody else")
    other.count("subject")


# --- At once, in every cache that sites have --------------------------------------------------------------------------


@pytest.fixture(params=["memory", "redis"])
def shared_cache(request: pytest.FixtureRequest, settings: LazySettings) -> Iterator[None]:
    """The cache of one process, then the one that all share."""
    if request.param == "memory":
        yield
        return
    in_memory = settings.CACHES
    with broker() as running:
        settings.CACHES = redis_urls.caches(running.url)
        yield
        settings.CACHES = in_memory


def at_once(threads: int, act: Callable[[int], object]) -> list[object]:
    """What each of them came to, errors included; all begin together."""
    gate = threading.Barrier(threads)

    def run(number: int) -> object:
        gate.wait(timeout=20)
        try:
            return act(number)
        except TooManyRequests as refused:
            return refused

    with ThreadPoolExecutor(max_workers=threads) as pool:
        return list(pool.map(run, range(threads)))


@pytest.mark.usefixtures("shared_cache")
def test_of_events_at_once_exactly_so_many_fit_as_are_allowed() -> None:
    limit = Limit("crowd", amount=10, window_seconds=3600)
    outcomes = at_once(40, lambda _number: limit.count("subject"))
    assert outcomes.count(None) == 10


@pytest.mark.usefixtures("shared_cache")
def test_guesses_at_many_accounts_at_once_do_not_slip_through_together() -> None:
    """Every guess is under way before the first of them has failed."""
    checked = []

    def guess(number: int) -> None:
        with throttling.sign_in(account=f"user:{number}", network="198.51.100.66") as attempt:
            checked.append(number)
            attempt.failed()

    outcomes = at_once(60, guess)
    assert len(checked) == throttling.FAILURES_BY_ADDRESS.amount
    waits = [outcome.retry_after_seconds for outcome in outcomes if isinstance(outcome, TooManyRequests)]
    assert len(waits) == 60 - throttling.FAILURES_BY_ADDRESS.amount
    assert all(0 < wait <= 60 for wait in waits)


@pytest.mark.usefixtures("shared_cache")
def test_guesses_at_one_account_at_once_do_not_either() -> None:
    checked = []

    def guess(number: int) -> None:
        with throttling.sign_in(account="user:7", network="198.51.100.66") as attempt:
            checked.append(number)
            attempt.failed()

    at_once(40, guess)
    assert len(checked) == throttling.FAILURES_BY_ACCOUNT.amount


@pytest.mark.usefixtures("shared_cache")
def test_a_class_that_signs_in_at_once_gets_in_whole() -> None:
    def enter(number: int) -> str:
        with throttling.sign_in(account=f"user:{number}", network="203.0.113.9"):
            return "in"

    assert set(at_once(60, enter)) == {"in"}


def test_a_try_that_breaks_gives_its_place_back() -> None:
    for _ in range(10):
        with (
            pytest.raises(RuntimeError, match="broken"),
            throttling.sign_in(account="user:7", network="203.0.113.9"),
        ):
            raise RuntimeError("broken")


def test_a_counter_that_the_cache_has_thrown_away_is_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    count = LocMemCache.incr
    thrown_away: list[str] = []

    def evicting(self: LocMemCache, key: str, *args: int, **kwargs: int) -> int:
        if len(thrown_away) < 2:
            thrown_away.append(key)
            self.delete(key)
        return int(count(self, key, *args, **kwargs))

    monkeypatch.setattr(LocMemCache, "incr", evicting)
    limit = Limit("evicted", amount=1, window_seconds=60)
    limit.count("subject")
    assert len(thrown_away) == 2
    with pytest.raises(TooManyRequests):
        limit.count("subject")


def test_a_cache_that_keeps_no_counter_lets_nobody_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocMemCache, "add", lambda *_args, **_kwargs: True)
    with pytest.raises(AccountsUnavailable):
        throttling.sign_up(network="203.0.113.9")
