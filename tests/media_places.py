"""Where media may lie in tests: on this disk, and in a bucket of a real S3 server process."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from typing import Any  # boto3 ships no types

import boto3
import pytest
from django.conf import LazySettings

from config import settings as site
from config.cli.readiness import free_port
from tests.site_process import listening

KEYS = {"access_key": "tests", "secret_key": "tests-only", "region_name": "us-east-1"}


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an S3 server in a process of its own."""
    port = free_port()
    words = ["-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}"]
    log = tmp_path_factory.mktemp("s3") / "server.log"
    # Without this it would let every page read every bucket, whatever the bucket's own rule says.
    own = {"MOTO_PORT": str(port), "MOTO_DISABLE_GLOBAL_CORS": "true"}
    with listening(words, port=port, log=log, environment={**os.environ, **own}):
        yield f"http://127.0.0.1:{port}"


def use_bucket(settings: LazySettings, address: str, *, bucket: str, prefix: str = "site/media") -> None:
    """Points the media storage at a bucket with the very options that the site uses."""
    options = {
        **site._S3_OPTIONS,
        **KEYS,
        "bucket_name": bucket,
        "endpoint_url": address,
        "addressing_style": "path",
        "location": prefix,
    }
    backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    settings.MEDIA_STORAGE = "s3"


def bucket_client(address: str) -> Any:
    """A client that sees what the server holds, whatever the site believes."""
    return boto3.client(
        "s3",
        endpoint_url=address,
        aws_access_key_id=KEYS["access_key"],
        aws_secret_access_key=KEYS["secret_key"],
        region_name=KEYS["region_name"],
    )


@pytest.fixture
def bucket(settings: LazySettings, s3_server: str) -> Iterator[str]:
    """Media lies in a fresh bucket; its name."""
    name = f"tests-{secrets.token_hex(6)}"
    client = bucket_client(s3_server)
    client.create_bucket(Bucket=name)
    use_bucket(settings, s3_server, bucket=name)
    yield name
    client.close()


@pytest.fixture(params=["files", "s3"])
def media_place(request: pytest.FixtureRequest) -> str:
    """The test runs twice: with media on disk and with media in a bucket."""
    place: str = request.param
    if place == "s3":
        request.getfixturevalue("bucket")
    return place
