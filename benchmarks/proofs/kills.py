"""Kills encoders, workers and their broker at random while films are sent, replaced and deleted."""

from __future__ import annotations

import random
import secrets
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.proofs.crew import Broker, Crew, kill
from benchmarks.proofs.record import write_down
from benchmarks.proofs.scene import scene

if TYPE_CHECKING:
    from videos.models import ContentMain  # Django is set up by main(), after this module is loaded

# What is done, and how often of 21 times.
ACTS = {"encoder": 6, "child": 5, "main": 2, "all": 1, "flush": 1, "broker": 1, "ring": 1, "delete": 2, "replace": 2}
OPEN_FILMS = 4  # kept on their way while the killing goes on
LONGEST_PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 420.0
# A film may end by these where workers died over it.
OF_VIOLENCE = frozenset({"crashed_repeatedly", "crashed", "replaced"})
FILMS = {
    "instant": ("mp4", "-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -c:a aac -movflags +faststart"),
    "grows": ("avi", "-c:v mpeg4 -q:v 8 -c:a libmp3lame"),
    "sound": ("ipod", "-vn -c:a aac"),
}


@dataclass
class Outcome:
    """What became of the films; `faults` is empty when the proof holds."""

    acts: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)  # attempts a step needed → steps
    leftovers: Counter[str] = field(default_factory=Counter)  # what the sweep would have found a day later
    faults: list[str] = field(default_factory=list)


class Audience:
    """Who keeps sending films, and remembers what they were."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        from accounts.models import User

        self.chance = chance
        self.owner, _is_new = User.objects.get_or_create(username="audience")
        self.films = _films(folder)
        self.sent: dict[str, str] = {}  # public id → kind

    def fill(self) -> None:
        """Sends films until enough are on their way."""
        while len(self.on_their_way()) < OPEN_FILMS:
            kind = self.chance.choice([*self.films])
            self.sent[self._send(kind).public_id] = kind

    def on_their_way(self) -> list[ContentMain]:
        from videos.models import ContentMain

        open_jobs = ContentMain.objects.filter(jobs__state__in=["queued", "running"], public_id__in=self.sent)
        return list(open_jobs.distinct().order_by("pk"))

    def delete(self) -> None:
        from videos.publishing import versions

        if films := self.on_their_way():
            film = self.chance.choice(films)
            del self.sent[film.public_id]
            versions.delete(content=film, actor=self.owner)

    def replace(self) -> None:
        """By a resumable upload, as the owner's panel does it."""
        import base64

        from videos.ingest import uploads
        from videos.ingest.partial import UploadFolder

        if films := self.on_their_way():
            film, kind = self.chance.choice(films), self.chance.choice([*self.films])
            content = self.films[kind].read_bytes()
            words = f"replaces {base64.b64encode(film.public_id.encode()).decode()}"
            upload = uploads.create_upload(owner=self.owner, total_bytes=len(content), metadata=words)
            UploadFolder(upload.token).path.write_bytes(content)
            with uploads.held(owner=self.owner, public_id=upload.public_id) as part:
                uploads.finish_if_whole(part)
            self.sent[film.public_id] = kind

    def _send(self, kind: str) -> ContentMain:
        from django.conf import settings

        from videos.ingest.accept import accept_source
        from videos.ingest.files import ReceivedFile

        place = Path(settings.INCOMING_DIR) / secrets.token_hex(16) / "original"
        place.parent.mkdir(parents=True)
        shutil.copyfile(self.films[kind], place)
        try:
            return accept_source(owner=self.owner, received=ReceivedFile(place, kind, place.stat().st_size))
        finally:
            place.parent.rmdir()


def disturb(
    *, crew: Crew, redis: Broker, folder: Path, rounds: int, chance: random.Random, acts: dict[str, int] | None = None
) -> Outcome:
    """Keeps films coming while it does `rounds` acts of violence, then waits for the end of every job and judges.

    Needs a set-up Django on the crew's database and folders, and beat on its broker."""
    weights, outcome, audience = acts or ACTS, Outcome(), Audience(folder, chance)
    crew.start()
    for _ in range(rounds):
        audience.fill()
        _wait("somebody works", _somebody_works, crew)
        time.sleep(chance.uniform(0, LONGEST_PAUSE_SECONDS))
        act = chance.choices(list(weights), list(weights.values()))[0]
        outcome.acts[_do(act, crew=crew, redis=redis, audience=audience)] += 1
    _wait("every job has ended", lambda: not audience.on_their_way(), crew)
    crew.ask_to_end()
    crew.wait_until_gone()
    for public_id, kind in audience.sent.items():
        _judge(public_id, kind, outcome)
    _compare(outcome)
    return outcome


def _somebody_works() -> bool:
    from videos.jobs import worker
    from videos.models import Step

    running = Step.objects.filter(state="running").values_list("worker", flat=True)
    return any(worker.is_alive(name) for name in running)


def _do(act: str, *, crew: Crew, redis: Broker, audience: Audience) -> str:
    """What was done in the end: who wants to kill an encoder may find none."""
    from videos.jobs.bell import ring

    chance = audience.chance
    if act == "encoder" and (found := [pid for child in crew.children() for pid in _children(child)]):
        kill(chance.choice(found))
    elif act in {"encoder", "child"}:
        act = "child"
        kill(chance.choice(crew.children() or [0]))
    elif act == "flush":
        redis.forget_everything()
    elif act == "broker":
        redis.kill()
        redis.start()
    elif act == "ring":
        for lane in ("quick", "encode") * 10:
            ring(lane)
    elif act in {"delete", "replace"}:
        (audience.delete if act == "delete" else audience.replace)()
    else:
        (crew.kill_main if act == "main" else crew.kill_all)()
        crew.start()  # as the supervisor does
    return act


def _children(pid: int) -> list[int]:
    """What a worker's process has started: ffmpeg and PyAV."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(word) for word in thread.read_text().split()]
        except OSError:
            continue
    return found


def _judge(public_id: str, kind: str, outcome: Outcome) -> None:
    from videos.models import ContentMain, ContentStatus, Job, Step

    content = ContentMain.objects.filter(public_id=public_id).first()
    if content is None:
        outcome.faults.append(f"{public_id}: is gone")
        return
    steps = Step.objects.filter(job__content=content)
    outcome.attempts.update(steps.filter(state="done").values_list("attempts", flat=True))
    if steps.filter(attempts__gt=3).exists():
        outcome.faults.append(f"{public_id}: more than three attempts")
    job = Job.objects.filter(content=content).order_by("-pk")[0]
    allowed = OF_VIOLENCE | ({"not_a_video"} if kind == "noise" else set())
    if job.state == "done" and content.status == ContentStatus.AVAILABLE and kind != "noise":
        outcome.ends["ready"] += 1
    elif job.state == "failed" and job.error_code in allowed:
        plays = content.status == ContentStatus.AVAILABLE
        outcome.ends[f"{job.error_code}{', plays what it has' if plays else ''}"] += 1
    else:
        outcome.faults.append(f"{public_id} ({kind}): {content.status} {job.state} {job.error_code} {job.error_detail}")


def _compare(outcome: Outcome) -> None:
    """Nothing may be lost; what killed attempts have left is found by the sweep, and after it rows and files agree."""
    from datetime import timedelta

    from videos.publishing import fsck

    for fault in list(fsck.find(untouched=timedelta(0), trusts_database=True)):
        if fault.mend is None:
            outcome.faults.append(f"{fault.name}: {fault.why}")
        else:
            outcome.leftovers[fault.why] += 1
            fault.mend()
    outcome.faults += fsck.holds()


def _wait(what: str, happened: Callable[[], bool], crew: Crew) -> None:
    """Celery's main process gives up where a child was killed before it was up; a supervisor starts it again."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        if not crew.is_up:
            crew.start()
        if time.monotonic() > until:
            raise TimeoutError(f"waited {PATIENCE_SECONDS:.0f} s in vain: {what}")
        time.sleep(0.1)


def _films(folder: Path) -> dict[str, Path]:
    """Three short films of different fates, and noise."""
    from videos.pipeline.ffmpeg import find_ffmpeg

    made = {"noise": folder / "noise"}
    made["noise"].write_bytes(random.Random(1).randbytes(50_000))
    source = "-f lavfi -i testsrc2=s=160x90:r=25:d=6 -f lavfi -i sine=duration=6"
    for kind, (form, how) in FILMS.items():
        made[kind] = folder / kind
        words = ["-y", "-v", "error", *source.split(), *how.split(), "-f", form, str(made[kind])]
        subprocess.run([str(find_ffmpeg(None)), *words], check=True, stdin=subprocess.DEVNULL)
    return made


def main() -> int:
    """Runs the whole proof and writes it down. Exit code 1 when a film was lost, doubled or stuck."""
    begun = time.monotonic()
    with scene("kills", meaning=str(__doc__), PART_SECONDS="2", DISK_RESERVE_BYTES="1000000") as its:
        outcome = disturb(crew=its.crew, redis=its.redis, folder=its.folder, rounds=its.rounds, chance=its.chance)
    write_down("kills", meaning=str(__doc__), figures=_figures(outcome, begun), seed=its.seed)
    for fault in outcome.faults:
        print(fault)
    return 1 if outcome.faults else 0


def _figures(outcome: Outcome, begun: float) -> dict[str, object]:
    return {
        "acts": _listed(outcome.acts),
        "films, as they ended": _listed(outcome.ends),
        "steps by attempts needed": ", ".join(f"{steps} × {n}" for n, steps in sorted(outcome.attempts.items())),
        "left by the dead, for the sweep": _listed(outcome.leftovers) or "nothing",
        "films lost, doubled or stuck; rows without files, files without rows after it": len(outcome.faults),
        "minutes": round((time.monotonic() - begun) / 60, 1),
    }


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
