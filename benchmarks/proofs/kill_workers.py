"""Kills workers and their broker at random moments; every job must end once, well or with a reason."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.proofs.crew import Broker, Crew, kill, wait_for
from benchmarks.proofs.record import write_down
from benchmarks.proofs.scene import scene

if TYPE_CHECKING:
    from videos.models import Job  # Django is set up by main(), after this module is loaded

ACTS = {"child": 5, "main": 2, "all": 1, "flush": 1, "broker": 1}  # what is killed, and how often of ten times
OPEN_JOBS = 6  # kept waiting or running while the killing goes on
NAP_SECONDS = 0.6


@dataclass
class Outcome:
    """What became of the jobs; `faults` is empty when the proof holds."""

    acts: Counter[str] = field(default_factory=Counter)
    done: int = 0
    given_up: int = 0
    attempts: Counter[int] = field(default_factory=Counter)  # attempts a step needed → steps
    faults: list[str] = field(default_factory=list)


def disturb(
    *, crew: Crew, redis: Broker, folder: Path, rounds: int, chance: random.Random, acts: dict[str, int] | None = None
) -> Outcome:
    """Keeps jobs coming while it does `rounds` acts of violence, then waits for the end of every job and judges.

    Needs a set-up Django on the crew's database, and beat on its broker."""
    from videos.models import Job

    weights = acts or ACTS
    outcome = Outcome()
    before = set(Job.objects.values_list("pk", flat=True))
    crew.start()
    for _ in range(rounds):
        _keep_busy(folder, chance)
        _wait_for_another_step(folder)
        time.sleep(chance.uniform(0, NAP_SECONDS))
        act = chance.choices(list(weights), list(weights.values()))[0]
        outcome.acts[act] += 1
        _do(act, crew=crew, redis=redis, chance=chance)
    jobs = Job.objects.exclude(pk__in=before)
    wait_for("every job has ended", lambda: not jobs.filter(state__in=["queued", "running"]).exists())
    for job in jobs:
        _judge(job, outcome)
    return outcome


def _wait_for_another_step(folder: Path) -> None:
    begun = len(list(folder.iterdir()))
    wait_for("another step has begun", lambda: len(list(folder.iterdir())) > begun)


def _keep_busy(folder: Path, chance: random.Random) -> None:
    from accounts.models import User
    from benchmarks.proofs.drill import make_drill
    from videos.models import Job, Lane

    for _ in range(OPEN_JOBS - Job.objects.filter(state__in=["queued", "running"]).count()):
        owner, _is_new = User.objects.get_or_create(username=f"driller{chance.randrange(3)}")
        make_drill(seconds=NAP_SECONDS, lanes=[Lane.QUICK, Lane.ENCODE, Lane.QUICK], folder=folder, owner=owner)


def _do(act: str, *, crew: Crew, redis: Broker, chance: random.Random) -> None:
    if act == "flush":
        redis.forget_everything()
    elif act == "broker":
        redis.kill()
        redis.start()
    elif act == "child":
        kill(chance.choice(crew.children() or [0]))
    else:
        (crew.kill_main if act == "main" else crew.kill_all)()
        crew.start()  # as the supervisor does


def _judge(job: Job, outcome: Outcome) -> None:
    from django.conf import settings

    steps = list(job.steps.order_by("position"))
    counts = job.parameters.get("ended", {})
    outcome.attempts.update(step.attempts for step in steps if step.state == "done")
    if any(step.attempts > 3 for step in steps):
        outcome.faults.append(f"{job}: more than three attempts")
    if job.state == "done":
        outcome.done += 1
        if counts != {str(step.position): 1 for step in steps}:
            outcome.faults.append(f"{job}: steps ended {counts} times")
        if list((Path(settings.SCRATCH_DIR) / job.public_id).glob("*")):
            outcome.faults.append(f"{job}: left files in scratch")
    elif (job.state, job.error_code) == ("failed", "crashed_repeatedly"):
        outcome.given_up += 1
        if not any(step.state == "failed" and step.attempts == 3 for step in steps):
            outcome.faults.append(f"{job}: given up too early")
    else:
        outcome.faults.append(f"{job}: ended as {job.state} {job.error_code}")


def main() -> int:
    """Runs the whole proof and writes it down. Exit code 1 when a job was lost, doubled or stuck."""
    with scene("kill_workers", meaning=str(__doc__)) as its:
        outcome = disturb(crew=its.crew, redis=its.redis, folder=its.folder, rounds=its.rounds, chance=its.chance)
        its.crew.ask_to_end()
        its.crew.wait_until_gone()
    figures = {
        "kills and flushes": ", ".join(f"{count} {act}" for act, count in sorted(outcome.acts.items())),
        "jobs done": outcome.done,
        "jobs given up after three dead workers": outcome.given_up,
        "steps by attempts needed": ", ".join(f"{steps} × {n}" for n, steps in sorted(outcome.attempts.items())),
        "jobs lost, doubled or stuck": len(outcome.faults),
    }
    write_down("kill_workers", meaning=str(__doc__), figures=figures, seed=its.seed)
    for fault in outcome.faults:
        print(fault)
    return 1 if outcome.faults else 0
