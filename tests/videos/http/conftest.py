"""A really served site, and somebody who may upload to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from knox.models import AuthToken

from accounts.models import User
from tests.live_server import running_site
from tests.videos.http.tus_client import TusClient
from tests.videos.http.uploads import Uploader


@pytest.fixture(scope="session")
def served_site() -> Iterator[int]:
    """The port of the site, served by uvicorn. It sees each test's settings and rows."""
    with running_site() as port:
        yield port


@pytest.fixture
def live_port(served_site: int, transactional_db: None) -> int:
    """The served site together with a database that its threads see."""
    return served_site


@pytest.fixture
def uploader(live_port: int, owner: User) -> Uploader:
    """The owner's client program, with a token."""
    _row, token = AuthToken.objects.create(owner)
    return Uploader(live_port, {"Authorization": f"Bearer {token}"})


@pytest.fixture
def tus(uploader: Uploader) -> TusClient:
    """The owner's tus client, with a token."""
    return TusClient(uploader.port, uploader.headers)


@pytest.fixture
def tus_of_stranger(live_port: int, stranger: User) -> TusClient:
    """Somebody else's."""
    return TusClient(live_port, {"Authorization": f"Bearer {AuthToken.objects.create(stranger)[1]}"})
