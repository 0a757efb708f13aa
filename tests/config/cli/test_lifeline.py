"""Killing either half with SIGKILL leaves no process, grandchildren in sessions of their own included."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.config.cli.descendants import MARK, alive, count_settles

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")

ROOT = Path(__file__).resolve().parents[3]
# The worker half starts a child as the supervisor does; that one starts a grandchild as the encoder starts ffmpeg.
SITE = """
import os, signal, subprocess, sys, time
from config.cli import lifeline
for number in (signal.SIGINT, signal.SIGHUP):  # who runs tests in the background may have them ignored
    signal.signal(number, signal.SIG_DFL)
lifeline.guard()
nap = "import time; time.sleep(600)"
child = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', %r], start_new_session=True); " % nap + nap
subprocess.Popen([sys.executable, "-c", child], start_new_session=True, preexec_fn=lifeline.die_with_parent)
print(os.getppid(), os.getpid(), flush=True)
ENDING
"""
KEEPS_RUNNING = "time.sleep(600)"


@dataclass
class Halves:
    """A running pair with two descendants."""

    mark: str
    process: subprocess.Popen[str]
    worker: int


def _start(ending: str) -> Halves:
    mark = secrets.token_hex(8)
    process = subprocess.Popen(
        [sys.executable, "-c", SITE.replace("ENDING", ending)],
        cwd=ROOT,
        env={**os.environ, MARK: mark},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    guard, worker = (int(word) for word in process.stdout.readline().split())
    assert guard == process.pid
    return Halves(mark, process, worker)


@pytest.fixture
def halves() -> Iterator[Halves]:
    started = _start(KEEPS_RUNNING)
    assert count_settles(started.mark, 4)
    with started.process:
        yield started
        started.process.kill()
    assert count_settles(started.mark, 0)


def test_when_the_worker_half_is_killed_the_guard_buries_everything(halves: Halves) -> None:
    os.kill(halves.worker, signal.SIGKILL)
    assert halves.process.wait(20) == 128 + signal.SIGKILL
    assert alive(halves.mark) == []


def test_when_the_guard_is_killed_its_worker_hears_of_it(halves: Halves) -> None:
    os.kill(halves.process.pid, signal.SIGKILL)
    # Only the encoder's own lifeline could reach its grandchild here; the worker and its children end.
    assert count_settles(halves.mark, 1)
    (grandchild,) = alive(halves.mark)
    os.kill(grandchild, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_guard_reaches_its_worker(halves: Halves, number: signal.Signals) -> None:
    os.kill(halves.process.pid, number)
    assert halves.process.wait(20) != 0
    assert alive(halves.mark) == []


def test_the_exit_code_is_the_workers_and_its_leftovers_are_buried() -> None:
    started = _start("sys.exit(7)")
    with started.process:
        assert started.process.wait(20) == 7
    assert alive(started.mark) == []
