"""Static files are answered before Django, as WhiteNoise would answer: packed, kept for ever when their name says what
is in them, known again by their tag."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import LazySettings

from config import static_files
from config.static_files import StaticFilesMiddleware, static_application

pytestmark = pytest.mark.asyncio

CONTENT = b"body { color: red }\n" * 50


@pytest.fixture(autouse=True)
def _collected(tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A style sheet, plain and packed, in a folder of the test's own."""
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "plain.css").write_bytes(CONTENT)
    (tmp_path / "plain.css.gz").write_bytes(gzip.compress(CONTENT))
    monkeypatch.setattr(static_files, "_known", {})
    StaticFilesMiddleware(lambda _request: None)


async def ask(
    path: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body; 599 when it went on to Django."""

    async def django(_scope: object, _receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 599, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]

    async def application(scope: object, receive: object, send: object) -> None:
        await static_application(scope, receive, send, django=django)  # type: ignore[arg-type]

    scope = {
        "type": "http",
        "path": path,
        "method": method,
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
    }
    talk: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]
    await talk.send_input({"type": "http.request"})
    start, body = await talk.receive_output(), await talk.receive_output()
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body["body"]


async def test_a_file_is_given_whole_with_what_browsers_need_to_know() -> None:
    status, headers, body = await ask("/static/plain.css")
    assert (status, body) == (200, CONTENT)
    assert headers["content-type"].startswith("text/css")
    assert headers["content-length"] == str(len(CONTENT))
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["vary"] == "Accept-Encoding"


async def test_it_is_packed_for_who_unpacks_it() -> None:
    status, headers, body = await ask("/static/plain.css", headers={"Accept-Encoding": "gzip, br"})
    assert (status, headers["content-encoding"], gzip.decompress(body)) == (200, "gzip", CONTENT)


async def test_who_has_it_already_is_told_so() -> None:
    _, headers, _ = await ask("/static/plain.css")
    status, again, body = await ask("/static/plain.css", headers={"If-None-Match": headers["etag"]})
    assert (status, again["etag"], body) == (304, headers["etag"], b"")


async def test_a_question_about_it_has_no_body() -> None:
    status, headers, body = await ask("/static/plain.css", method="HEAD")
    assert (status, headers["content-length"], body) == (200, str(len(CONTENT)), b"")


async def test_a_piece_of_it_can_be_had() -> None:
    status, headers, body = await ask("/static/plain.css", headers={"Range": "bytes=5-9"})
    assert (status, headers["content-range"], body) == (206, f"bytes 5-9/{len(CONTENT)}", CONTENT[5:10])


async def test_what_is_sent_there_is_capped() -> None:
    from config.asgi import application

    headers = [(b"host", b"testserver"), (b"content-length", b"99999999999"), (b"content-type", b"text/plain")]
    scope = {"type": "http", "path": "/static/x", "method": "POST", "headers": headers, "query_string": b""}
    talk: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]
    await talk.send_input({"type": "http.request", "body": b"x", "more_body": True})
    assert (await talk.receive_output())["status"] == 413


@pytest.mark.parametrize(
    ("path", "method"), [("/static/no.css", "GET"), ("/static/../settings.py", "GET"), ("/static/plain.css", "POST")]
)
async def test_everything_else_is_for_django(path: str, method: str) -> None:
    assert (await ask(path, method))[0] == 599
