"""The pages' policy names the place from where films really come."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from django.conf import LazySettings
from django.test import Client

from config import bucket_address

ASKED = "import json; from config import settings as s; print(json.dumps([s.CONTENT_SECURITY_POLICY, s.STORAGES]))"


def presigned(*, bucket: str, endpoint_url: str, region: str) -> str:
    """An address as django-storages makes it."""
    style = bucket_address.addressing_style(bucket=bucket, endpoint_url=endpoint_url)
    client = boto3.session.Session(aws_access_key_id="key", aws_secret_access_key="secret").client(
        "s3",
        region_name=region or None,
        endpoint_url=endpoint_url or None,
        config=Config(s3={"addressing_style": style}, signature_version="s3v4"),  # type: ignore[arg-type]
    )
    address: str = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "items/x/v1/720p.mp4"})
    return address


@pytest.mark.parametrize("bucket", ["films", "our-films-2", "films.example.org", "Old_Films"])
@pytest.mark.parametrize(
    ("endpoint_url", "region"),
    [
        ("", "us-east-1"),
        ("", "eu-central-1"),
        ("", "ap-southeast-5"),
        ("", "cn-north-1"),
        ("", "us-gov-west-1"),
        ("http://127.0.0.1:9000", ""),
        ("https://s3.example.org", "eu-west-3"),
        ("https://S3.example.org:8443/", ""),
    ],
)
def test_the_origin_is_that_of_the_clients_own_addresses(bucket: str, endpoint_url: str, region: str) -> None:
    parts = urlsplit(presigned(bucket=bucket, endpoint_url=endpoint_url, region=region or "us-east-1"))
    origin = bucket_address.origin(bucket=bucket, endpoint_url=endpoint_url, region=region)
    assert origin == f"{parts.scheme}://{parts.netloc.lower()}"


def test_amazon_is_asked_in_the_buckets_own_region() -> None:
    """An address of its first region would be redirected to one for which it was not signed."""
    address = presigned(bucket="films", endpoint_url="", region="eu-central-1")
    assert address.startswith("https://films.s3.eu-central-1.amazonaws.com/items/")


@pytest.mark.parametrize("endpoint_url", ["s3.example.org", "ftp://s3.example.org", "https://"])
def test_what_is_no_address_is_refused(endpoint_url: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        bucket_address.origin(bucket="films", endpoint_url=endpoint_url, region="")


def settings_with(**variables: str) -> subprocess.CompletedProcess[str]:
    """The policy and the storages of a site that is started so."""
    environment = {**{name: text for name, text in os.environ.items() if not name.startswith("S3_")}, **variables}
    return subprocess.run([sys.executable, "-c", ASKED], env=environment, capture_output=True, text=True, check=False)


def directives(**variables: str) -> dict[str, list[str]]:
    """Its policy."""
    policy, _storages = json.loads(settings_with(**variables).stdout)
    found: dict[str, list[str]] = policy["DIRECTIVES"]
    return found


def test_films_may_come_from_the_bucket_and_nothing_else_may() -> None:
    origin = "https://films.s3.eu-west-3.amazonaws.com"
    with_bucket = directives(MEDIA_STORAGE="s3", S3_BUCKET="films", S3_REGION="eu-west-3")
    assert {name for name, sources in with_bucket.items() if origin in sources} == {"connect-src", "media-src"}
    plain = directives(MEDIA_STORAGE="files", S3_BUCKET="films", S3_REGION="eu-west-3")
    assert with_bucket == {
        **plain, "connect-src": [*plain["connect-src"], origin], "media-src": [*plain["media-src"], origin]
    }  # fmt: skip
    assert not any("amazonaws" in source for sources in plain.values() for source in sources)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/browse/", "/admin/login/", "/accounts/login/"])
def test_every_page_sends_the_policy_that_the_settings_make(
    address: str, client: Client, settings: LazySettings
) -> None:
    origin = "http://127.0.0.1:9000"
    policy = directives(MEDIA_STORAGE="s3", S3_BUCKET="films", S3_ENDPOINT_URL=origin)
    settings.CONTENT_SECURITY_POLICY = {**settings.CONTENT_SECURITY_POLICY, "DIRECTIVES": policy}
    sent = dict(
        part.strip().split(" ", 1) for part in client.get(address)["Content-Security-Policy"].split(";") if part
    )
    assert {name for name, sources in sent.items() if origin in sources.split()} == {"connect-src", "media-src"}


def test_another_services_endpoint_is_named_with_its_port() -> None:
    policy = directives(MEDIA_STORAGE="s3", S3_BUCKET="films", S3_ENDPOINT_URL="http://127.0.0.1:9000")
    assert "http://127.0.0.1:9000" in policy["connect-src"]


def test_an_endpoint_that_is_no_address_stops_the_start() -> None:
    told = settings_with(MEDIA_STORAGE="s3", S3_BUCKET="films", S3_ENDPOINT_URL="s3.example.org")
    assert told.returncode != 0
    assert "S3_ENDPOINT_URL" in told.stderr
