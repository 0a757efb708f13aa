"""A seeded sample of `run.py prove kills`: real workers make real films, and die."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings

from benchmarks.proofs.crew import Crew, beat, broker
from benchmarks.proofs.kills import disturb
from tests.databases import url_of_test_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

SECRET_KEY = "kills-" + "k" * 50


def test_nothing_is_lost_doubled_or_left_when_workers_die(tmp_path: Path, settings: LazySettings) -> None:
    films = tmp_path / "films"
    films.mkdir()
    with broker() as redis:
        variables = {
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": url_of_test_database(),
            "REDIS_URL": redis.url,
            "SECRET_KEY": SECRET_KEY,
            "PART_SECONDS": "2",
        }
        crew = Crew(variables, slots=2)
        acts = {"child": 2, "encoder": 2, "all": 1, "flush": 1, "delete": 1, "replace": 1, "ring": 1}
        try:
            with beat(variables):
                outcome = disturb(crew=crew, redis=redis, folder=films, rounds=4, chance=random.Random(7), acts=acts)
        finally:
            crew.kill_all()
            sys.stdout.write(crew.log)  # shown when the test has failed
    assert outcome.faults == []
    assert outcome.acts.total() == 4
    assert outcome.ends
