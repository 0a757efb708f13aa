"""/readyz tells what the site needs and lacks: 503 where nothing can be served, 200 where only uploads are refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client, override_settings

from config import health
from config.cli.readiness import free_port
from tests.media_places import use_bucket

pytestmark = pytest.mark.django_db


def _asked(client: Client) -> tuple[int, str, dict[str, str]]:
    """Status, the one word, and the parts that are not well."""
    answer = client.get("/readyz")
    body = answer.json()
    assert set(body["checks"]) == {"database", "queue", "storage", "disk"}
    return answer.status_code, body["status"], {part: word for part, word in body["checks"].items() if word != "ok"}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What the last bucket said."""
    health._bucket.asked_at = float("-inf")
    yield
    health._bucket.asked_at = float("-inf")


def test_all_is_well(client: Client) -> None:
    assert _asked(client) == (200, "ok", {})
    assert "no-store" in client.get("/readyz")["Cache-Control"]


def test_a_short_disk_refuses_uploads_and_serves_pages(client: Client, settings: LazySettings) -> None:
    settings.DISK_RESERVE_BYTES = 1 << 60
    status, word, faults = _asked(client)
    assert (status, word, set(faults)) == (200, "degraded", {"disk"})
    assert "uploads are refused" in faults["disk"]
    assert client.get("/").status_code == 200


def test_a_database_without_our_tables_is_told(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO forgotten")
    assert _asked(client) == (503, "not ready", {"database": "unreachable or not migrated"})


def test_a_queue_that_does_not_answer_is_told(client: Client, tmp_path: Path) -> None:
    backend = "django.core.cache.backends.redis.RedisCache"
    with override_settings(CACHES={"default": {"BACKEND": backend, "LOCATION": f"unix://{tmp_path}/nobody.sock"}}):
        assert _asked(client) == (503, "not ready", {"queue": "unreachable"})


def test_a_bucket_that_answers_is_well(client: Client, bucket: str) -> None:
    assert _asked(client) == (200, "ok", {})


def test_a_bucket_that_is_not_there_is_told(client: Client, settings: LazySettings, s3_server: str) -> None:
    use_bucket(settings, s3_server, bucket="never-made")
    assert _asked(client) == (503, "not ready", {"storage": "unreachable"})


def test_a_bucket_is_not_asked_at_every_question(client: Client, settings: LazySettings, bucket: str) -> None:
    assert _asked(client)[0] == 200
    use_bucket(settings, f"http://127.0.0.1:{free_port()}", bucket=bucket)
    assert _asked(client)[0] == 200


def test_it_lives_whatever_it_lacks(client: Client, settings: LazySettings) -> None:
    settings.DISK_RESERVE_BYTES = 1 << 60
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_it_is_only_read(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
