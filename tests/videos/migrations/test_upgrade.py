"""A site of the version before this one is brought up to it with every row intact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

BEFORE = [("videos", "0004_upload"), ("accounts", "0002_audit_trail_is_append_only"), ("analytics", "0001_initial")]
WHEN = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
TABLES = ("Artwork", "ContentMain", "Job", "Rendition", "Source", "Step", "Upload", "VideoInfo", "WatchPosition")


def heads() -> list[tuple[str, str]]:
    """The newest migration of every app."""
    return MigrationExecutor(connection).loader.graph.leaf_nodes()


@pytest.fixture
def before() -> Iterator[Apps]:
    """The models of the version before, with their tables; those of this one afterwards, whatever happens."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    state = executor.loader.project_state(BEFORE)
    yield state.apps
    MigrationExecutor(connection).migrate(heads())


def fill(old: Apps) -> None:
    """A film that plays, one that is being made, and all that belongs to them."""
    owner = old.get_model("accounts", "User").objects.create(username="ada", public_id="AAAAAAAAAAA", password="x")
    film = old.get_model("videos", "VideoInfo").objects.create(public_id="FFFFFFFFFFF", title="Rain", rating="7.5")
    contents = old.get_model("videos", "ContentMain").objects
    playing = contents.create(
        public_id="PPPPPPPPPPP", owner=owner, title="Nine Kinds of Rain", description="Wet.", film=film, status=0,
        audit_status=0, version=3, versions_made=3, duration_seconds=61.5, clicks=17, watch_seconds=99.5,
        published_at=WHEN,
    )  # fmt: skip
    making = contents.create(public_id="MMMMMMMMMMM", owner=owner, title="Fog", status=1, audit_status=1)
    for content in (playing, making):
        old.get_model("videos", "Source").objects.create(
            content=content, token=f"token{content.pk}", filename="rain.mp4", bytes=5, facts={"kind": "video"}
        )
    for version, label in ((2, "original"), (3, "720p")):
        old.get_model("videos", "Rendition").objects.create(
            content=playing, version=version, kind="rung", label=label, height=720, codecs="avc1.64001f",
            average_bps=5, peak_bps=6, duration_seconds=61.5, bytes=7,
        )  # fmt: skip
    old.get_model("videos", "Artwork").objects.create(
        content=playing, kind="poster", token="art", width_px=640, height_px=360, bytes=9
    )
    old.get_model("videos", "WatchPosition").objects.create(
        user=owner, content=playing, position_seconds=12.5, watched_at=WHEN
    )
    old.get_model("videos", "Upload").objects.create(
        public_id="UUUUUUUUUUU", owner=owner, filename="fog.mp4", bytes=1000, expires_at=WHEN + timedelta(days=1)
    )
    for content, state in ((playing, "done"), (making, "running")):
        job = old.get_model("videos", "Job").objects.create(owner=owner, content=content, kind="transcode", state=state)
        for position, name in enumerate(("probe", "index", "poster", "ladder", "publish")):
            old.get_model("videos", "Step").objects.create(
                job=job, name=name, lane="quick", position=position, state="done" if state == "done" else "waiting"
            )


def rows(apps: Apps, name: str, columns: list[str]) -> dict[int, dict[str, Any]]:
    """What a table holds, by primary key."""
    return {row["id"]: row for row in apps.get_model("videos", name).objects.values("id", *columns)}


def test_every_row_is_as_it_was(before: Apps) -> None:
    fill(before)
    columns = {name: [f.attname for f in before.get_model("videos", name)._meta.concrete_fields] for name in TABLES}
    was = {name: rows(before, name, columns[name]) for name in TABLES}
    assert all(was.values())
    executor = MigrationExecutor(connection)
    executor.migrate(heads())
    now = MigrationExecutor(connection).loader.project_state(heads()).apps
    for name in TABLES:
        is_now = rows(now, name, columns[name])
        kept = {key: row for key, row in was[name].items() if name != "Step" or key in is_now}
        assert {key: is_now[key] for key in kept} == kept, name
    steps = now.get_model("videos", "Step").objects
    assert list(steps.filter(job__state="done").order_by("stage").values_list("name", flat=True)) == [
        "probe", "index", "poster", "ladder", "publish",
    ]  # fmt: skip
    assert steps.filter(job__state="running", name="inspect", state="queued").count() == 1
    retired = now.get_model("videos", "RetiredFiles").objects.values_list("name", flat=True)
    assert list(retired) == ["items/PPPPPPPPPPP/v2"]
