"""Only proxies of our own say for whom they ask; to everybody else's word nobody listens."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from asgiref.sync import async_to_sync
from asgiref.typing import ASGI3Application, Scope
from django.conf import LazySettings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

from accounts.addresses import client_address
from config import asgi
from config.cli import processes
from config.cli.checkout import Checkout
from config.proxies import Trusted, behind, without_proxies

OURS = Trusted.named(["127.0.0.0/8", "::1", "10.1.0.0/16", "unix"])
FOREIGN, NEAR = ("203.0.113.66", 4711), ("127.0.0.1", 4711)
Fields = dict[str, str]


def whoami(request: HttpRequest) -> JsonResponse:
    """What the site knows of a request."""
    told = [request.META.get(f"HTTP_X_FORWARDED_{name}") for name in ("FOR", "PROTO", "HOST")]
    host = request.get_host()
    return JsonResponse({"client": client_address(request), "scheme": request.scheme, "host": host, "told": told})


urlpatterns = [path("whoami/", whoami)]


def scope_of(peer: tuple[str, int] | None, fields: Fields, *, kind: str = "http") -> dict[str, Any]:
    """A request as the server announces it."""
    told = fields.items()
    return {
        "type": kind,
        "method": "GET",
        "path": "/whoami/",
        "query_string": b"",
        "scheme": "http" if kind == "http" else "ws",
        "client": peer,
        "server": ("127.0.0.1", 8000),
        "headers": [
            (b"host", b"localhost"),
            *((name.lower().encode(), text.encode()) for name, text in told),
        ],
    }


async def answer(peer: tuple[str, int] | None, fields: Fields, trusted: Trusted = OURS) -> dict[str, Any]:
    """What Django knows of that request behind config.proxies."""
    requests = iter([{"type": "http.request", "body": b"", "more_body": False}])
    sent: list[dict[str, Any]] = []

    async def receive() -> Any:
        first = next(requests, None)
        return first or await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    application = behind(trusted, cast("ASGI3Application", get_asgi_application()))
    await application(cast("Scope", scope_of(peer, fields)), receive, send)
    body: dict[str, Any] = json.loads(b"".join(message.get("body", b"") for message in sent))
    return body


@pytest.fixture
def site(settings: LazySettings) -> None:
    """A site of one page that tells."""
    settings.ROOT_URLCONF = __name__
    settings.ALLOWED_HOSTS = ["localhost", "video.example.org"]


TOLD = {
    "X-Forwarded-For": "198.51.100.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "video.example.org",
}


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("peer", [NEAR, ("10.1.2.3", 1), ("::1", 1), ("::ffff:127.0.0.1", 1), None, ("", 0)])
async def test_what_a_proxy_of_ours_says_counts(peer: tuple[str, int] | None) -> None:
    known = await answer(peer, TOLD)
    assert (known["client"], known["scheme"], known["host"]) == ("198.51.100.7", "https", "video.example.org")
    assert known["told"] == [None, None, None], "nobody further in reads the fields a second time"


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("peer", [FOREIGN, ("10.2.0.1", 1), ("2001:db8::1", 1)])
async def test_what_anybody_else_says_does_not(peer: tuple[str, int]) -> None:
    known = await answer(peer, TOLD)
    assert (known["client"], known["scheme"], known["host"]) == (peer[0], "http", "localhost")
    assert known["told"] == [None, None, None]


@pytest.mark.usefixtures("site")
async def test_without_proxies_nobody_is_believed_not_even_this_machine() -> None:
    assert (await answer(NEAR, TOLD, Trusted()))["client"] == "127.0.0.1"
    assert (await answer(None, TOLD, Trusted()))["client"] == "unknown"


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("1.2.3.4, 5.6.7.8, 198.51.100.7", "198.51.100.7"),
        ("1.2.3.4, 198.51.100.7, 10.1.0.9, 127.0.0.1", "198.51.100.7"),  # over two proxies of ours
        ("127.0.0.1, 10.1.0.1, 198.51.100.7", "198.51.100.7"),
        ("10.1.0.8, 10.1.0.9", "10.1.0.8"),  # asked from inside
        ("1.2.3.4, <script>", "127.0.0.1"),
        ("1.2.3.4, <script>, 10.1.0.9", "10.1.0.9"),
        ("nonsense", "127.0.0.1"),
        (",,", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("198.51.100.7:4711", "198.51.100.7"),
        ("[2001:DB8:0::1]:4711", "2001:db8::1"),
    ],
)
async def test_of_a_chain_only_what_our_proxies_wrote_is_believed(chain: str, client: str) -> None:
    assert (await answer(NEAR, {"X-Forwarded-For": chain}))["client"] == client


@pytest.mark.parametrize(
    "fields", [{"X-Forwarded-Proto": "gopher"}, {"X-Forwarded-Proto": ""}, {"X-Real-IP": "1.2.3.4"}]
)
def test_words_without_meaning_change_nothing(fields: Fields) -> None:
    scope = without_proxies(scope_of(NEAR, fields), OURS)
    assert (scope["client"], scope["scheme"]) == (NEAR, "http")


def test_of_scheme_and_host_the_last_word_counts() -> None:
    fields = {"X-Forwarded-Proto": "https, http", "X-Forwarded-Host": "evil.example, video.example.org"}
    scope = without_proxies(scope_of(NEAR, fields), OURS)
    assert scope["scheme"] == "http"
    assert [text for name, text in scope["headers"] if name == b"host"] == [b"video.example.org"]


@pytest.mark.parametrize(("told", "known"), [("https", "wss"), ("wss", "wss"), ("http", "ws")])
def test_sockets_are_told_the_same(told: str, known: str) -> None:
    fields = {**TOLD, "X-Forwarded-Proto": told}
    scope = without_proxies(scope_of(NEAR, fields, kind="websocket"), OURS)
    assert (scope["scheme"], scope["client"][0]) == (known, "198.51.100.7")
    foreign = without_proxies(scope_of(FOREIGN, fields, kind="websocket"), OURS)
    assert (foreign["scheme"], foreign["client"]) == ("ws", FOREIGN)
    assert [name for name, _text in foreign["headers"]] == [b"host"]


@pytest.mark.parametrize("variables", [{}, {"PUBLIC_URL": "https://video.example.org"}])
def test_the_server_itself_believes_nobody(variables: dict[str, str]) -> None:
    """It would believe the whole of this machine, and hand on what it believed as if the client had come itself."""
    server = processes.web(Checkout(Path("/srv")), host="127.0.0.1", port=8000, variables=variables)
    assert "--no-proxy-headers" in server.command
    assert "--proxy-headers" not in server.command


def test_a_request_that_says_nothing_is_passed_on_as_it_is() -> None:
    scope = scope_of(NEAR, {})
    assert without_proxies(scope, OURS) is scope


def test_the_whole_site_stands_behind_it() -> None:
    """A site that was told of no proxy hears nobody, at whatever door."""
    seen: list[dict[str, Any]] = []

    async def inner(scope: Any, _receive: object, _send: object) -> None:
        seen.append(scope)

    for kind in ("http", "websocket"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(asgi.doors.application_mapping, kind, inner)
            async_to_sync(asgi.application)(scope_of(FOREIGN, TOLD, kind=kind), None, None)  # type: ignore[arg-type]
    assert [scope["client"] for scope in seen] == [FOREIGN, FOREIGN]
    assert [[name for name, _text in scope["headers"]] for scope in seen] == [[b"host"], [b"host"]]


# --- The setting ------------------------------------------------------------------------------------------------------

ASKED = "from config import settings as s; t = s.TRUSTED_PROXIES; print(*sorted(map(str, t.networks)), t.is_unix)"


def setting(**variables: str) -> subprocess.CompletedProcess[str]:
    """TRUSTED_PROXIES of a site that is started so."""
    kept = {name: text for name, text in os.environ.items() if name not in {"PUBLIC_URL", "TRUSTED_PROXIES"}}
    return subprocess.run(
        [sys.executable, "-c", ASKED], env={**kept, **variables}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "False"),
        ({"PUBLIC_URL": "https://video.example.org"}, "127.0.0.0/8 ::1/128 True"),
        ({"PUBLIC_URL": "https://video.example.org", "TRUSTED_PROXIES": "10.0.0.5"}, "10.0.0.5/32 False"),
        ({"TRUSTED_PROXIES": "10.0.0.0/8, fd00::/8, unix"}, "10.0.0.0/8 fd00::/8 True"),
    ],
)
def test_who_is_trusted_is_a_setting(variables: dict[str, str], told: str) -> None:
    assert setting(**variables).stdout.strip() == told


@pytest.mark.parametrize("wrong", ["proxy.example.org", "10.0.0.1/8", "*"])
def test_a_name_that_is_no_network_stops_the_start(wrong: str) -> None:
    told = setting(TRUSTED_PROXIES=wrong)
    assert told.returncode != 0
    assert "TRUSTED_PROXIES" in told.stderr


def test_networks_hold_addresses_of_their_own_kind_only() -> None:
    trusted = Trusted((ipaddress.ip_network("10.0.0.0/8"),))
    assert (trusted.has("10.9.9.9"), trusted.has("::1"), trusted.has("")) == (True, False, False)
