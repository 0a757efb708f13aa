"""Celery's doorbells: tasks without arguments that look into the database for what is to be done."""

from __future__ import annotations

from celery import shared_task
from celery.signals import worker_process_init

from videos.ingest import expiry
from videos.jobs import bell, reaper, runner, sweeper, worker
from videos.models import Lane
from videos.pipeline import children
from videos.publishing import leftovers, retiring


@worker_process_init.connect
def look_for_the_dead(**_kwargs: object) -> None:
    """A new process of a worker often takes the place of one that was killed: its step need not wait for beat."""
    bell.call_reaper()


@shared_task(name="videos.drain_quick")
def drain_quick() -> None:
    """Runs short steps until none is left, and gets ready for the next upload."""
    runner.drain(Lane.QUICK)
    children.stand_by()


@shared_task(name="videos.drain_encode")
def drain_encode() -> None:
    """Runs encoding steps until none is left."""
    runner.drain(Lane.ENCODE)


@shared_task(name="videos.reap")
def reap() -> None:
    """Every 5 s by beat: takes steps back from dead workers, rings lanes again."""
    reaper.reap()


@shared_task(name="videos.sweep")
def sweep() -> None:
    """Hourly by beat: removes what newer files have replaced and nobody plays any more, and what dead attempts and
    broken uploads have left, on this machine and in the storage."""
    expiry.sweep(may_go_on=_after_what_waits)
    sweeper.sweep()
    retiring.remove_due(may_go_on=_after_what_waits)
    leftovers.sweep(may_go_on=_after_what_waits)


def _after_what_waits() -> bool:
    """A large storage takes long to look through, and nobody's upload shall wait for that."""
    runner.drain(Lane.QUICK)
    return not worker.is_going()
