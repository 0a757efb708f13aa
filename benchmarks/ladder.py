"""The ladder: our whole step beside the bare ffmpeg commands that encode the same, in one run.

Every round runs ours (encoding, finishing and verifying each rung), one command that decodes once, and one
command for each rung, one after the other on the same file; what else the machine does meets all three. A longer film
is then made in parts and by one command. Only the ratios mean something. `ladder [seconds]` sets the length of the
first film."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from videos.pipeline.ffmpeg import find_ffmpeg
from videos.pipeline.ladder import Ladder, Rung, plan_ladder
from videos.pipeline.probe import probe
from videos.pipeline.sandbox import Limits
from videos.pipeline.transcode import Encoding, transcode
from videos.pipeline.verify import verify_rung

ROUNDS = 3
SECONDS = 12
# The site's parts are three times as long; what a cut costs does not grow with them.
PART_SECONDS, PARTS, ROUNDS_IN_PARTS = 20, 2, 2
MOST_OVER_ONE_COMMAND = 1.05
MOST_IN_PARTS = 1.10
MOST_OVER_ONE_A_RUNG = 0.75


def make_film(ffmpeg: Path, path: Path, seconds: int, size: str = "1920x1080") -> None:
    """A film with motion, grain and noise for sound: something an encoder has to work at."""
    subprocess.run(
        [
            ffmpeg, "-y", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d={seconds}",
            "-f", "lavfi", "-i", f"anoisesrc=c=pink:a=0.2:r=48000:d={seconds}", "-vf", "noise=alls=12:allf=t",
            "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2",
            "-movflags", "+faststart", path,
        ],
        check=True,
    )  # fmt: skip


def ours(ffmpeg: Path, film: Path, folder: Path, part_seconds: float = 0) -> None:
    """The steps as a worker runs them, one after the other, but for their niceness."""
    limits = Limits(nice=0)
    facts = probe(film)
    ladder = plan_ladder(facts)
    made = transcode(Encoding(film, facts, ladder, ffmpeg, limits=limits), folder, part_seconds=part_seconds)
    for planned, rung in zip(ladder.rungs, made.rungs, strict=True):
        verify_rung(rung.path, ladder=ladder, rung=planned, frames=rung.samples, limits=limits)


def ours_in_parts(ffmpeg: Path, film: Path, folder: Path) -> None:
    """The same, a part after the other."""
    ours(ffmpeg, film, folder, PART_SECONDS)


def one_command(ffmpeg: Path, film: Path, folder: Path) -> None:
    """One decode, a scaler and an encoder for each rung."""
    ladder = _plan(film)
    pads = "".join(f"[in{index}]" for index in range(len(ladder.rungs)))
    scalers = ";".join(
        f"[in{index}]scale={rung.width}:{rung.height}[out{index}]" for index, rung in enumerate(ladder.rungs)
    )
    argv: list[str | Path] = [ffmpeg, "-y", "-nostdin", "-v", "error", "-i", film]
    argv += ["-filter_complex", f"[0:v]split={len(ladder.rungs)}{pads};{scalers}"]
    for index, rung in enumerate(ladder.rungs):
        argv += ["-map", f"[out{index}]", "-map", "0:a", *_encoding(ladder, rung), folder / f"{rung.label}.mp4"]
    subprocess.run(argv, check=True)


def one_a_rung(ffmpeg: Path, film: Path, folder: Path) -> None:
    """A command, and a decode, for each rung."""
    ladder = _plan(film)
    for rung in ladder.rungs:
        scaler = ["-vf", f"scale={rung.width}:{rung.height}"]
        argv = [ffmpeg, "-y", "-nostdin", "-v", "error", "-i", film, *scaler, *_encoding(ladder, rung)]
        subprocess.run([*argv, folder / f"{rung.label}.mp4"], check=True)


def _plan(film: Path) -> Ladder:
    return plan_ladder(probe(film))


def _encoding(ladder: Ladder, rung: Rung) -> list[str | Path]:
    gop = str(ladder.gop_frames)
    return [
        "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p", "-crf", str(rung.crf),
        "-maxrate", str(rung.maxrate_bps), "-bufsize", str(rung.bufsize_bits), "-g", gop, "-keyint_min", gop,
        "-sc_threshold", "0", "-c:a", "aac", "-b:a", "128k", "-ac", "2",
    ]  # fmt: skip


def measured(way: Callable[[Path, Path, Path], None], ffmpeg: Path, film: Path) -> tuple[float, float]:
    """Seconds on the clock and of the processors."""
    folder = Path(tempfile.mkdtemp(dir=film.parent))
    before, begun = os.times(), time.monotonic()
    way(ffmpeg, film, folder)
    after, seconds = os.times(), time.monotonic() - begun
    shutil.rmtree(folder)
    return seconds, sum(after[:4]) - sum(before[:4])


def main() -> int:
    """Prints the ratios; 1 if one of them is out of its budget."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    ffmpeg = find_ffmpeg(os.environ.get("FFMPEG_BINARY") or None)
    ways = {"ours": ours, "one command": one_command, "one command a rung": one_a_rung}
    runs = _runs(ffmpeg, seconds, ways, ROUNDS)
    in_parts = _runs(
        ffmpeg, PART_SECONDS * PARTS, {"ours in parts": ours_in_parts, "one command": one_command}, ROUNDS_IN_PARTS
    )
    over_one = _ratio(runs, "ours", "one command")
    parts_over_one = _ratio(in_parts, "ours in parts", "one command")
    over_each = _ratio(runs, "ours", "one command a rung")
    print(f"ours ÷ one command: {over_one[0]:.2f} (at most {MOST_OVER_ONE_COMMAND}), of processor {over_one[1]:.2f}")
    print(
        f"ours in parts of {PART_SECONDS} s ÷ one command: {parts_over_one[0]:.2f} (at most {MOST_IN_PARTS}), "
        f"of processor {parts_over_one[1]:.2f}"
    )
    print(f"ours ÷ one a rung: {over_each[0]:.2f} (at most {MOST_OVER_ONE_A_RUNG}), of processor {over_each[1]:.2f}")
    is_within = (
        over_one[0] <= MOST_OVER_ONE_COMMAND
        and parts_over_one[0] <= MOST_IN_PARTS
        and over_each[0] <= MOST_OVER_ONE_A_RUNG
    )
    return 0 if is_within else 1


def _runs(
    ffmpeg: Path, seconds: int, ways: Mapping[str, Callable[[Path, Path, Path], None]], rounds: int
) -> dict[str, list[tuple[float, float]]]:
    """Prints and returns what each way took on a film of that length, round by round."""
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory(prefix="matinee-bench-") as name:
        film = Path(name) / "film.mp4"
        make_film(ffmpeg, film, seconds)
        for _ in range(rounds):
            for label, way in ways.items():
                runs[label].append(measured(way, ffmpeg, film))
    for label, figures in runs.items():
        clock, processor = (statistics.median(column) for column in zip(*figures, strict=True))
        print(f"{label}: {clock:.1f} s, {processor:.1f} s of processor for {seconds} s of 1080p")
    return runs


def _ratio(runs: dict[str, list[tuple[float, float]]], one: str, other: str) -> tuple[float, float]:
    """Of the clock's time and the processors': the medians of the rounds' ratios."""
    pairs = list(zip(runs[one], runs[other], strict=True))
    clock = statistics.median(mine[0] / theirs[0] for mine, theirs in pairs)
    return clock, statistics.median(mine[1] / theirs[1] for mine, theirs in pairs)


if __name__ == "__main__":
    sys.exit(main())
