"""A site whose media lies in a bucket, started as a newcomer starts it: with the demonstration films."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitors
from tests.e2e.visits import ADMIN_PASSWORD, assert_plays, sign_in_as_admin, upload, wait_until_made
from tests.media_places import KEYS, bucket_client
from tests.media_samples import sample
from tests.site_process import Site, started_site

pytestmark = pytest.mark.browser

BUCKET = "films"


@pytest.fixture(scope="module")
def bucket_site(s3_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    client = bucket_client(s3_server)
    client.create_bucket(Bucket=BUCKET)
    client.close()
    settings = {
        "MEDIA_STORAGE": "s3",
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT_URL": s3_server,
        "S3_REGION": KEYS["region_name"],
        "S3_ACCESS_KEY": KEYS["access_key"],
        "S3_SECRET_KEY": KEYS["secret_key"],
    }
    folder = tmp_path_factory.mktemp("bucket")
    with started_site(folder, has_demo=True, ADMIN_PASSWORD=ADMIN_PASSWORD, **settings) as started:
        yield started


@pytest.mark.timeout(400)
def test_the_home_page_fills_while_one_looks_and_films_play_from_the_bucket(
    visitor: Visitors, bucket_site: Site, s3_server: str
) -> None:
    guest = visitor(at=bucket_site)
    guest.goto("/")
    guest.evaluate("window.isSamePage = true")

    # Meanwhile a film of one's own goes the same way.
    desk = visitor(at=bucket_site)
    sign_in_as_admin(desk)
    public_id = upload(desk, sample("film.mp4"))

    for title in ("Harbour Light", "The Coast That Never Ends", "Windows at Night"):
        expect(guest.locator("#programme")).to_contain_text(title, timeout=180_000)
    assert guest.evaluate("window.isSamePage")

    wait_until_made(desk, public_id)
    fetched: list[str] = []
    guest.on("response", lambda response: fetched.append(response.url) if response.status in {200, 206} else None)
    guest.goto(f"/watch/{public_id}/")
    assert_plays(guest)
    assert any(url.startswith(f"{s3_server}/{BUCKET}/") and ".mp4" in url for url in fetched), "the bytes are its own"
