"""What a proof with killed workers plays in: an empty site, its broker, its workers, and chance from a seed."""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.proofs.crew import Broker, Crew, beat, broker


@dataclass(frozen=True)
class Scene:
    """Everything is up but the workers. `folder` is empty and the proof's own."""

    crew: Crew
    redis: Broker
    folder: Path
    rounds: int
    seed: int
    chance: random.Random


@contextmanager
def scene(name: str, *, meaning: str, **settings: str) -> Iterator[Scene]:
    """Reads the command line of the proof `name`, and sets it up with `settings`; no worker outlives it."""
    reader = argparse.ArgumentParser(prog=f"run.py prove {name}", description=meaning)
    reader.add_argument("rounds", nargs="?", type=int, default=100)
    reader.add_argument("--seed", type=int, default=20_261_121)
    reader.add_argument("--database-url", default="", help="an empty PostgreSQL database instead of a new SQLite file")
    wanted = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="matinee-proof-") as data_dir, broker() as redis:
        variables = {
            "DATA_DIR": data_dir,
            "DATABASE_URL": wanted.database_url,
            "REDIS_URL": redis.url,
            "SECRET_KEY": "proof-" + "k" * 50,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **settings,
        }
        os.environ.update(variables)
        _migrate()
        folder = Path(data_dir) / name
        folder.mkdir()
        crew = Crew(variables, slots=2)
        try:
            with beat(variables):
                yield Scene(crew, redis, folder, wanted.rounds, wanted.seed, random.Random(wanted.seed))
        finally:
            crew.kill_all()


def _migrate() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
