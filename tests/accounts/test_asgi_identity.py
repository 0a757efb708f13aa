"""Who is asking, known before a body is read: the upload receiver stands on this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import LazySettings
from django.db import connections
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from knox.models import AuthToken

from accounts.asgi_identity import Identity, identify
from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

BOUNDARY = b"multipart/form-data; boundary=xx"


@pytest.fixture(autouse=True)
async def _close_connections(transactional_db: None) -> AsyncIterator[None]:
    """asgiref's own thread, where a test's asynchronous queries run, would keep the test database in use."""
    yield
    await sync_to_async(connections.close_all)()


def scope(method: str, query: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """An upload as uvicorn announces it: a gigabyte is promised and none of it has been read."""
    sent = [(name.replace("_", "-").encode(), value.encode("latin1")) for name, value in headers.items()]
    return {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": "/api/videos/",
        "query_string": query,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "headers": [(b"host", b"localhost"), (b"content-type", BOUNDARY), (b"content-length", b"1000000000"), *sent],
    }


@sync_to_async
def signed_in_cookies(user: User) -> tuple[str, str]:
    """(Cookie header, CSRF token) of somebody who signed in on the page."""
    client = Client()
    assert client.login(username=user.username, password=PASSWORD)
    secret = _get_new_csrf_string()
    return f"sessionid={client.cookies['sessionid'].value}; csrftoken={secret}", secret


@sync_to_async
def token_of(user: User, **fields: Any) -> str:
    """A new Bearer token."""
    return str(AuthToken.objects.create(user, **fields)[1])


async def identity(method: str = "POST", **headers: str) -> Identity:
    """What identify() says about such a request."""
    return await identify(scope(method, b"", headers))


async def test_a_session_with_its_csrf_token_is_known(owner: User) -> None:
    cookie, token = await signed_in_cookies(owner)
    assert await identity(cookie=cookie, x_csrftoken=token) == Identity(user=owner)


async def test_a_session_without_its_csrf_token_may_not_write(owner: User) -> None:
    cookie, _token = await signed_in_cookies(owner)
    found = await identity(cookie=cookie)
    assert (found.user, found.refusal, found.status) == (None, "csrf_failed", 403)
    assert found.detail


async def test_a_session_with_another_csrf_token_may_not_write(owner: User) -> None:
    cookie, _token = await signed_in_cookies(owner)
    assert (await identity(cookie=cookie, x_csrftoken=_get_new_csrf_string())).refusal == "csrf_failed"


async def test_a_session_from_a_foreign_origin_may_not_write(owner: User) -> None:
    cookie, token = await signed_in_cookies(owner)
    found = await identity(cookie=cookie, x_csrftoken=token, origin="http://evil.example")
    assert found.refusal == "csrf_failed"


async def test_a_session_from_our_own_origin_may_write(owner: User) -> None:
    cookie, token = await signed_in_cookies(owner)
    assert (await identity(cookie=cookie, x_csrftoken=token, origin="http://localhost")).user == owner


async def test_reading_needs_no_csrf_token(owner: User) -> None:
    cookie, _token = await signed_in_cookies(owner)
    assert (await identity("GET", cookie=cookie)).user == owner


async def test_a_token_needs_no_cookie_and_no_csrf_token(owner: User) -> None:
    assert await identity(authorization=f"Bearer {await token_of(owner)}") == Identity(user=owner)


async def test_a_token_wins_over_a_session(owner: User, member: User) -> None:
    cookie, _token = await signed_in_cookies(owner)
    assert (await identity(cookie=cookie, authorization=f"Bearer {await token_of(member)}")).user == member


async def test_nobody_is_not_authenticated(db: None) -> None:
    found = await identity()
    assert (found.user, found.refusal, found.status) == (None, "not_authenticated", 401)


@pytest.mark.parametrize("header", ["Bearer nope", "Bearer", "Bearer a b", "Bearer \xff\xfe", "Bearer " + "a" * 5000])
async def test_a_bad_token_is_refused_even_beside_a_good_session(owner: User, header: str) -> None:
    cookie, token = await signed_in_cookies(owner)
    found = await identity(cookie=cookie, x_csrftoken=token, authorization=header)
    assert (found.user, found.refusal, found.status) == (None, "authentication_failed", 401)


async def test_an_expired_token_is_refused(owner: User) -> None:
    expired = await token_of(owner, expiry=timedelta(seconds=-1))
    assert (await identity(authorization=f"Bearer {expired}")).refusal == "authentication_failed"


@pytest.mark.parametrize("by_token", [True, False])
async def test_a_suspended_account_is_nobody(owner: User, by_token: bool) -> None:
    cookie, csrf = await signed_in_cookies(owner)
    token = await token_of(owner)
    await User.objects.filter(pk=owner.pk).aupdate(is_active=False)
    headers = {"authorization": f"Bearer {token}"} if by_token else {"cookie": cookie, "x_csrftoken": csrf}
    found = await identity(**headers)
    assert found.user is None
    assert found.status == 401


async def test_a_session_ends_with_the_password_it_began_with(owner: User) -> None:
    cookie, token = await signed_in_cookies(owner)
    owner.set_password("another good phrase")
    await owner.asave()
    assert (await identity(cookie=cookie, x_csrftoken=token)).refusal == "not_authenticated"


async def test_the_scope_is_left_as_it_came(owner: User) -> None:
    asked = scope("POST", b"", {"authorization": f"Bearer {await token_of(owner)}"})
    before = {**asked, "headers": list(asked["headers"])}
    await identify(asked)
    assert asked == before


async def test_a_query_that_is_no_text_does_not_matter(owner: User) -> None:
    asked = scope("POST", b"\xff\xfe", {"authorization": f"Bearer {await token_of(owner)}"})
    assert (await identify(asked)).user == owner


async def test_reasons_are_told_in_the_readers_language(settings: LazySettings, db: None) -> None:
    english = (await identity(accept_language="en")).detail
    assert english
    assert (await identity(accept_language="zh-hans")).detail != english


async def test_many_at_once_are_told_apart(make_user: Callable[..., User]) -> None:
    import asyncio

    people = [await sync_to_async(make_user)(f"person{number}") for number in range(8)]
    tokens = [await token_of(person) for person in people]
    found = await asyncio.gather(*(identity(authorization=f"Bearer {token}") for token in tokens))
    assert [each.user for each in found] == people
