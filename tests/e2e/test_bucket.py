"""A site whose media lies in a bucket: pages fetch films from there, as the policy and the bucket's CORS rule allow."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any  # boto3 ships no types

import pytest

from tests.e2e.conftest import Visitors
from tests.e2e.visits import (
    ADMIN_PASSWORD,
    PROGRESS,
    READY,
    assert_plays,
    sign_in_as_admin,
    until,
    upload,
    wait_until_made,
)
from tests.media_places import KEYS, bucket_client
from tests.media_samples import long_clip, sample
from tests.site_process import ROOT, Site, started_site

pytestmark = pytest.mark.browser

BUCKET = "films"


@pytest.fixture(scope="module")
def bucket_site(s3_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Its bucket has the CORS rule of the docs, for this site's address."""
    client = bucket_client(s3_server)
    client.create_bucket(Bucket=BUCKET)
    with started_site(
        tmp_path_factory.mktemp("bucket"),
        ADMIN_PASSWORD=ADMIN_PASSWORD,
        MEDIA_STORAGE="s3",
        S3_BUCKET=BUCKET,
        S3_ENDPOINT_URL=s3_server,
        S3_REGION=KEYS["region_name"],
        S3_ACCESS_KEY=KEYS["access_key"],
        S3_SECRET_KEY=KEYS["secret_key"],
    ) as started:
        client.put_bucket_cors(Bucket=BUCKET, CORSConfiguration=_documented_rule(started.address))
        yield started
    client.close()


def _documented_rule(origin: str) -> dict[str, Any]:
    """What docs/streaming.md tells the operator to set."""
    page = (ROOT / "docs" / "streaming.md").read_text("utf-8")
    told = re.search(r"```json\n(.*?\"CORSRules\".*?)```", page, re.DOTALL)
    assert told
    rule: dict[str, Any] = json.loads(told[1].replace("https://video.example.org", origin))
    return rule


def test_a_film_is_uploaded_published_and_played_from_the_bucket(
    visitor: Visitors, bucket_site: Site, s3_server: str
) -> None:
    desk = visitor(at=bucket_site)
    sign_in_as_admin(desk)
    public_id = upload(desk, sample("film.mp4"))
    wait_until_made(desk, public_id)

    guest = visitor(at=bucket_site)
    fetched: list[str] = []
    guest.on("response", lambda response: fetched.append(response.url) if response.status in {200, 206} else None)
    guest.goto(f"/watch/{public_id}/")
    assert_plays(guest)
    assert any(url.startswith(f"{s3_server}/{BUCKET}/") and ".mp4" in url for url in fetched)


@pytest.mark.timeout(200)
def test_an_original_in_the_bucket_plays_before_its_rungs_are_made(
    visitor: Visitors, bucket_site: Site, s3_server: str
) -> None:
    """Segments are cut from ranges of the bucket, here; the browser never asks the bucket for the whole file."""
    desk = visitor(at=bucket_site)
    sign_in_as_admin(desk)
    fetched: list[str] = []
    desk.on("response", lambda response: fetched.append(response.url) if response.ok else None)
    public_id = upload(desk, long_clip(seconds=40, size="854x480"))
    desk.goto(f"/watch/{public_id}/")
    until(desk, READY, seconds=60)
    assert desk.evaluate(PROGRESS, public_id)["state"] != "done"
    assert_plays(desk)
    desk.keyboard.press("5")  # half-way: a segment that nobody has asked for
    until(desk, "document.querySelector('video').currentTime > 20.5")
    assert any("/original/" in url and url.endswith(".m4s") for url in fetched)
    assert not any(url.startswith(s3_server) and "/source/" in url for url in fetched)
    assert list((bucket_site.data_dir / "cache" / "segments").rglob("*.m4s"))
