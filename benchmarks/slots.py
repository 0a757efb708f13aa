"""Parts side by side: the same film made by one encode slot of one thread and by two, in one run.

Both make the same parts of a film of 720 lines, and join them; two slots are two workers' children at a time. Each slot
keeps to a processor of its own, as on a machine of its own: whatever its threads option says, an ffmpeg of today
decodes, filters and encodes in threads of their own, and one alone would keep two processors busy. `slots [seconds]`
sets the length of the film."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.ladder import make_film
from videos.pipeline.command import output_name
from videos.pipeline.ffmpeg import find_ffmpeg
from videos.pipeline.ladder import plan_ladder
from videos.pipeline.parts import Part, plan_parts
from videos.pipeline.probe import probe
from videos.pipeline.sandbox import Limits
from videos.pipeline.transcode import Encoding, encode_part, encode_sound, join_rung

ROUNDS = 2
SECONDS = 120
PART_SECONDS = 4  # of the reference: 9 s of a film of 720 lines
LEAST_FASTER = 1.7


def make(film: Path, folder: Path, *, ffmpeg: Path, slots: int) -> float:
    """Seconds on the clock for the whole film."""
    facts = probe(film)
    ladder = plan_ladder(facts)
    encoding = Encoding(film, facts, ladder, ffmpeg, threads=1, limits=Limits(nice=0))
    parts = plan_parts(ladder, facts, part_seconds=PART_SECONDS)
    for part in parts:
        (folder / str(part.number)).mkdir(parents=True)
    begun = time.monotonic()
    free = deque(sorted(os.sched_getaffinity(0))[:slots])
    with ThreadPoolExecutor(slots, initializer=lambda: os.sched_setaffinity(0, {free.popleft()})) as workers:
        sound = workers.submit(encode_sound, encoding, ladder.sounds[0], folder)
        done = [workers.submit(encode_part, encoding, part, folder / str(part.number)) for part in parts]
        for future in done:
            future.result()
        sounds = dict(sound.result().files)
    for rung in ladder.rungs:
        join_rung(_pieces(folder, parts, rung.label), sounds, folder / output_name(rung.label), ladder=ladder)
    return time.monotonic() - begun


def _pieces(folder: Path, parts: tuple[Part, ...], label: str) -> list[Path]:
    return [folder / str(part.number) / output_name(label) for part in parts]


def main() -> int:
    """Prints the ratio; 1 if it is out of its budget."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    ffmpeg = find_ffmpeg(os.environ.get("FFMPEG_BINARY") or None)
    clocks: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory(prefix="matinee-bench-") as name:
        film = Path(name) / "film.mp4"
        make_film(ffmpeg, film, seconds, size="1280x720")
        for _ in range(ROUNDS):
            for slots, taken in clocks.items():
                folder = Path(tempfile.mkdtemp(dir=name))
                taken.append(make(film, folder, ffmpeg=ffmpeg, slots=slots))
                shutil.rmtree(folder)
    for slots, taken in clocks.items():
        print(f"slots of one thread: {slots}: {statistics.median(taken):.1f} s for {seconds} s of 720p")
    faster = statistics.median(one / two for one, two in zip(clocks[1], clocks[2], strict=True))
    print(f"two slots are {faster:.2f} times as fast as one (at least {LEAST_FASTER})")
    return 0 if faster >= LEAST_FASTER else 1


if __name__ == "__main__":
    sys.exit(main())
