"""Nobody fills the disk by way of Django: what it is sent has a cap, declared or not."""

from __future__ import annotations

import pytest

from tests.videos.http.uploads import Uploader, answer_on
from videos.http.body_limit import BODY_LIMIT_BYTES

ADDRESSES = ["/api/auth/login/", "/accounts/login/", "/nowhere"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_long_declared_body_is_refused_unread(live_port: int, path: str) -> None:
    with Uploader(live_port, {}).open(length=BODY_LIMIT_BYTES + 1, path=path) as connection:
        answer = answer_on(connection)
    assert (answer.status, answer.code) == (413, "too_large")
    assert answer.headers["Connection"] == "close"


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_long_undeclared_body_is_refused_at_the_cap(live_port: int, path: str) -> None:
    pieces = [b"x" * 1_000_000] * (2 + BODY_LIMIT_BYTES // 1_000_000)
    answer = Uploader(live_port, {}).send_pieces(pieces, path=path, content_type="application/json")
    assert (answer.status, answer.code) == (413, "too_large")


def test_what_is_under_the_cap_reaches_django(live_port: int) -> None:
    body = b'{"login": "' + b"x" * 2_000_000 + b'"}'
    answer = Uploader(live_port, {}).send(body, path="/api/auth/login/", content_type="application/json")
    assert answer.status == 400
    assert answer.code == "invalid"
