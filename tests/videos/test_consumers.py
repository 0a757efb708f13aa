"""The socket of one item: whole snapshots, for those who may know of it, for as long as they may."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.layers import channel_layers
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from knox.models import AuthToken

from accounts.models import User
from benchmarks.proofs.crew import Broker, broker
from config import redis_urls
from tests.videos.factories import make_video
from videos import consumers, live
from videos.consumers import CLOSE_NOT_PERMITTED
from videos.jobs import leases
from videos.jobs.plans import TRANSCODE_STEPS
from videos.jobs.queue import claim_next, create_job
from videos.models import AuditStatus, ContentMain, ContentStatus, Job, JobKind, Lane, Visibility
from videos.routing import websocket_urlpatterns

pytestmark = pytest.mark.django_db(transaction=True)

Person = User | AnonymousUser


@pytest.fixture(autouse=True)
def _own_layer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A channel layer belongs to an event loop, and every test has a new one."""
    channel_layers.backends.clear()
    monkeypatch.setattr(live, "_bell", live._Doorbell())  # other tests have rung the old one
    yield
    channel_layers.backends.clear()


def headers_of(person: Person) -> list[tuple[bytes, bytes]]:
    """What the browser of that person sends."""
    client = Client()
    headers = [(b"host", b"localhost"), (b"accept-language", b"en")]
    if isinstance(person, User):
        client.force_login(person)
        headers.append((b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()))
    return headers


class Socket(WebsocketCommunicator):  # type: ignore[misc]  # channels ships no types
    """Channels' own client keeps database connections from being closed while it talks; with threads that come and go
    they would never return to the pool."""

    async def send_input(self, message: dict[str, Any]) -> None:
        await ApplicationCommunicator.send_input(self, message)  # type: ignore[no-untyped-call]

    async def receive_output(self, timeout: float = 5) -> dict[str, Any]:  # noqa: ASYNC109 -- overrides
        received = ApplicationCommunicator.receive_output(self, max(timeout, 5))  # type: ignore[no-untyped-call]
        output: dict[str, Any] = await received
        return output


def socket_to(public_id: str, headers: list[tuple[bytes, bytes]]) -> Socket:
    """A client at the item's address, as it stands behind the server's routing."""
    return Socket(URLRouter(websocket_urlpatterns), f"/ws/v1/videos/{public_id}/", headers=headers)


@asynccontextmanager
async def opened(public_id: str, person: Person) -> AsyncIterator[Socket]:
    """A connected socket."""
    socket = socket_to(public_id, await sync_to_async(headers_of)(person))
    is_connected, _ = await socket.connect()
    assert is_connected
    yield socket
    await socket.disconnect()


async def told(socket: Socket) -> dict[str, Any]:
    """The next message."""
    message: dict[str, Any] = json.loads(await socket.receive_from(timeout=5))
    return message


def make_item(owner: User, **fields: Any) -> ContentMain:
    fields.setdefault("status", ContentStatus.PROCESSING)
    return make_video(owner, **fields)


def queue_work(content: ContentMain) -> Job:
    return create_job(
        owner=content.owner, content=content, kind=JobKind.TRANSCODE, parameters={}, steps=TRANSCODE_STEPS
    )


async def test_it_tells_everything_at_once(owner: User) -> None:
    item = await sync_to_async(make_item)(owner, audit_status=AuditStatus.PENDING)
    job = await sync_to_async(queue_work)(item)
    async with opened(item.public_id, owner) as socket:
        first = await told(socket)
    assert first == {
        "type": "video",
        "seq": 1,
        "id": item.public_id,
        "status": ContentStatus.PROCESSING,
        "audit_status": AuditStatus.PENDING,
        "version": None,
        "clicks": 0,
        "duration_seconds": 60.0,
        "words_revision": 0,
        "progress": {
            "state": "queued",
            "stage": "queued",
            "percent": 0.0,
            "seconds_left": None,
            "queue_place": 1,
            "rungs": [],
            "error": None,
            "waits_for": None,
            "job": {"id": job.public_id, "state": "queued", "may_help": False, "is_needed": True},
        },
    }


async def test_it_tells_each_change_with_a_growing_number(owner: User) -> None:
    item = await sync_to_async(make_item)(owner)
    await sync_to_async(queue_work)(item)
    async with opened(item.public_id, owner) as socket:
        assert (await told(socket))["progress"]["state"] == "queued"
        claimed = await sync_to_async(claim_next)(lane=Lane.QUICK, worker="w")
        assert claimed is not None
        second = await told(socket)
        assert (second["seq"], second["progress"]["stage"]) == (2, "probing")
        await sync_to_async(leases.finish_step)(claimed, {})
        assert (await told(socket))["seq"] == 3


async def test_a_burst_of_changes_becomes_one_snapshot_of_the_last(owner: User) -> None:
    item = await sync_to_async(make_item)(owner)

    def burst() -> None:
        for clicks in range(1, 51):
            ContentMain.objects.filter(pk=item.pk).update(clicks=clicks)
            live.item_changed(item.public_id)

    async with opened(item.public_id, owner) as socket:
        await told(socket)
        await sync_to_async(burst)()
        messages = [await told(socket)]
        while messages[-1]["clicks"] < 50:
            messages.append(await told(socket))
        assert await socket.receive_nothing(timeout=0.6)
    assert len(messages) <= 3


async def test_what_has_not_changed_is_not_told_again(owner: User) -> None:
    item = await sync_to_async(make_item)(owner)
    async with opened(item.public_id, owner) as socket:
        await told(socket)
        await sync_to_async(live.item_changed)(item.public_id)
        assert await socket.receive_nothing(timeout=0.6)


async def test_a_lost_doorbell_is_made_good_by_looking_again(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "LOOK_AGAIN_SECONDS", 0.1)
    item = await sync_to_async(make_item)(owner)
    async with opened(item.public_id, owner) as socket:
        await told(socket)
        await ContentMain.objects.filter(pk=item.pk).aupdate(clicks=7)  # and nobody rang
        assert (await told(socket))["clicks"] == 7


@pytest.mark.parametrize(
    ("person", "fields", "may_know"),
    [
        ("guest", {"audit_status": AuditStatus.APPROVED}, True),
        ("guest", {"audit_status": AuditStatus.PENDING}, False),
        ("guest", {"visibility": Visibility.PRIVATE}, False),
        ("stranger", {"audit_status": AuditStatus.PENDING}, False),
        ("stranger", {"audit_status": AuditStatus.REJECTED}, False),
        ("stranger", {"status": ContentStatus.WITHDRAWN}, False),
        ("owner", {"audit_status": AuditStatus.REJECTED}, True),
        ("moderator", {"audit_status": AuditStatus.PENDING, "visibility": Visibility.PRIVATE}, True),
    ],
)
async def test_who_may_not_know_of_the_item_gets_no_socket(
    request: pytest.FixtureRequest, owner: User, person: str, fields: dict[str, Any], may_know: bool
) -> None:
    headers = await sync_to_async(lambda: headers_of(request.getfixturevalue(person)))()
    item = await sync_to_async(make_item)(owner, **fields)
    socket = socket_to(item.public_id, headers)
    is_connected, code = await socket.connect()
    assert is_connected is may_know
    assert may_know or code == 4404
    await socket.disconnect()


async def test_an_item_that_does_not_exist_is_refused_like_one_that_is_not_for_you(guest: AnonymousUser) -> None:
    socket = socket_to("nosuchvideo", headers_of(guest))
    assert await socket.connect() == (False, 4404)


async def test_a_program_may_come_with_its_token(owner: User) -> None:
    item = await sync_to_async(make_item)(owner, audit_status=AuditStatus.PENDING)
    _row, token = await sync_to_async(AuthToken.objects.create)(owner)
    socket = socket_to(item.public_id, [(b"host", b"localhost"), (b"authorization", f"Bearer {token}".encode())])
    assert (await socket.connect())[0]
    assert (await told(socket))["id"] == item.public_id
    await socket.disconnect()


def withdraw(item: ContentMain, _owner: User) -> None:
    ContentMain.objects.filter(pk=item.pk).update(status=ContentStatus.WITHDRAWN)


def reject(item: ContentMain, _owner: User) -> None:
    ContentMain.objects.filter(pk=item.pk).update(audit_status=AuditStatus.REJECTED)


def hide(item: ContentMain, _owner: User) -> None:
    ContentMain.objects.filter(pk=item.pk).update(visibility=Visibility.PRIVATE)


def delete(item: ContentMain, _owner: User) -> None:
    item.delete()


@pytest.mark.parametrize("take_away", [withdraw, reject, hide, delete])
async def test_whoever_may_not_know_any_more_is_told_and_sent_away(
    owner: User, member: User, take_away: Callable[[ContentMain, User], None]
) -> None:
    item = await sync_to_async(make_item)(owner, status=ContentStatus.AVAILABLE)
    public_id = item.public_id
    async with opened(public_id, member) as socket:
        await told(socket)
        await sync_to_async(take_away)(item, owner)
        await sync_to_async(live.item_changed)(public_id)
        assert await told(socket) == {"type": "gone", "id": public_id, "seq": 2}
        assert await socket.receive_output(timeout=5) == {"type": "websocket.close", "code": CLOSE_NOT_PERMITTED}


async def test_a_person_whose_account_is_closed_is_sent_away(owner: User) -> None:
    item = await sync_to_async(make_item)(owner, audit_status=AuditStatus.PENDING)
    async with opened(item.public_id, owner) as socket:
        await told(socket)
        await User.objects.filter(pk=owner.pk).aupdate(is_active=False)
        await sync_to_async(live.item_changed)(item.public_id)
        assert (await told(socket))["type"] == "gone"


async def test_the_owner_still_sees_the_item_they_withdrew(owner: User) -> None:
    item = await sync_to_async(make_item)(owner, status=ContentStatus.AVAILABLE)
    async with opened(item.public_id, owner) as socket:
        await told(socket)
        await sync_to_async(withdraw)(item, owner)
        await sync_to_async(live.item_changed)(item.public_id)
        assert (await told(socket))["status"] == ContentStatus.WITHDRAWN


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "video.changed"}', "\x00"])
async def test_what_clients_say_changes_nothing(owner: User, text: str) -> None:
    item = await sync_to_async(make_item)(owner)
    async with opened(item.public_id, owner) as socket:
        await told(socket)
        await socket.send_to(text_data=text)
        await socket.send_to(bytes_data=text.encode())
        assert await socket.receive_nothing(timeout=0.4)


async def test_who_says_too_much_at_once_is_sent_away(owner: User) -> None:
    item = await sync_to_async(make_item)(owner)
    socket = socket_to(item.public_id, await sync_to_async(headers_of)(owner))
    await socket.connect()
    await told(socket)
    await socket.send_to(text_data="x" * 1025)
    assert await socket.receive_output(timeout=5) == {"type": "websocket.close", "code": 1009}


async def test_who_talks_without_end_is_sent_away(owner: User) -> None:
    item = await sync_to_async(make_item)(owner)
    socket = socket_to(item.public_id, await sync_to_async(headers_of)(owner))
    await socket.connect()
    await told(socket)
    for _ in range(consumers.MESSAGES_A_MINUTE + 1):
        await socket.send_to(text_data="hello")
    assert await socket.receive_output(timeout=5) == {"type": "websocket.close", "code": 1008}


@pytest.fixture(scope="module")
def redis() -> Iterator[Broker]:
    with broker() as started:
        yield started


async def test_an_idle_socket_outlives_every_timeout_of_redis(
    owner: User, redis: Broker, settings: LazySettings
) -> None:
    settings.CHANNEL_LAYERS = redis_urls.channel_layers(redis.url)
    channel_layers.backends.clear()
    item = await sync_to_async(make_item)(owner)
    async with opened(item.public_id, owner) as socket:
        await told(socket)
        assert await socket.receive_nothing(timeout=16)  # redis-py gives a silent socket five seconds
        await ContentMain.objects.filter(pk=item.pk).aupdate(clicks=3)
        await sync_to_async(live.item_changed)(item.public_id)
        assert (await told(socket))["clicks"] == 3
    await channel_layers["default"].flush()


async def test_a_socket_goes_on_without_redis_by_looking_itself(
    owner: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "LOOK_AGAIN_SECONDS", 0.1)
    item = await sync_to_async(make_item)(owner)
    with broker() as short_lived:
        settings.CHANNEL_LAYERS = redis_urls.channel_layers(short_lived.url)
        channel_layers.backends.clear()
        socket = socket_to(item.public_id, await sync_to_async(headers_of)(owner))
        await socket.connect()
        await told(socket)
    await ContentMain.objects.filter(pk=item.pk).aupdate(clicks=3)
    await sync_to_async(live.item_changed)(item.public_id)  # nobody hears it, and nothing breaks
    assert (await told(socket))["clicks"] == 3
    await socket.disconnect()
    await channel_layers["default"].flush()
