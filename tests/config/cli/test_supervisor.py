"""Named processes stay up, say what they say under their name, and are gone afterwards, whatever they do."""

from __future__ import annotations

import io
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.cli import supervisor as supervising
from config.cli.console import Console
from config.cli.processes import Process
from config.cli.supervisor import Post, Supervisor, describe_exit
from tests.config.cli.descendants import MARK, alive, count_settles

SLEEP = "import time; print('up', flush=True); time.sleep(600)"
WITH_CHILD = (
    "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); " + SLEEP
)
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP


@pytest.fixture
def mark() -> Iterator[str]:
    """Every process of the test carries it; none may be left."""
    made = secrets.token_hex(8)
    yield made
    assert count_settles(made, 0, seconds=5)


@pytest.fixture
def printed() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(
    printed: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: str
) -> Iterator[Supervisor]:
    """Ends before the mark is looked for."""
    monkeypatch.setattr(supervising, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(supervising, "STOP_SECONDS", 1.0)
    with Supervisor(Console(printed), tmp_path) as made:
        yield made


def program(name: str, code: str, mark: str, **facts: int) -> Process:
    return Process(name, (sys.executable, "-c", code), {**os.environ, MARK: mark}, **facts)  # type: ignore[arg-type]  # facts of Process


def is_up(post: Post) -> bool:
    return "up" in post.last_lines


def test_what_a_process_says_is_printed_under_its_name(supervisor: Supervisor, printed: io.StringIO, mark: str) -> None:
    code = "import sys; print('one'); print('two', file=sys.stderr); sys.stdout.write('no newline')"
    post = supervisor.start(program("web", code, mark, is_kept=False))
    assert supervisor.run(until=lambda: post.exit_code == 0, seconds=20)
    assert {"web     | one", "web     | two", "web     | no newline"} <= set(printed.getvalue().splitlines())


def test_a_killed_process_is_started_again_and_said_so(supervisor: Supervisor, printed: io.StringIO, mark: str) -> None:
    post = supervisor.start(program("quick", SLEEP, mark))
    assert supervisor.run(until=lambda: is_up(post), seconds=20)
    (first,) = alive(mark)
    post.last_lines.clear()
    os.kill(first, signal.SIGKILL)
    assert supervisor.run(until=lambda: is_up(post), seconds=20)
    assert alive(mark) not in ([], [first])
    assert "quick was killed by SIGKILL; starts again in" in printed.getvalue()


def test_one_that_keeps_falling_waits_longer_each_time(supervisor: Supervisor, printed: io.StringIO, mark: str) -> None:
    post = supervisor.start(program("web", "raise SystemExit(3)", mark))
    assert supervisor.run(until=lambda: post.falls == 4, seconds=20)
    pauses = [line.split("again in ")[1] for line in printed.getvalue().splitlines() if "ended with code 3" in line]
    assert pauses == ["0.1 s", "0.1 s", "0.2 s", "0.4 s"]  # doubled: 0.05, 0.1, 0.2, 0.4


def test_the_workers_of_one_that_fell_fall_with_it(supervisor: Supervisor, mark: str) -> None:
    post = supervisor.start(program("encode", WITH_CHILD, mark, is_kept=False))
    assert supervisor.run(until=lambda: is_up(post), seconds=20)
    assert count_settles(mark, 2)
    assert post.child is not None
    os.kill(post.child.pid, signal.SIGKILL)
    assert supervisor.run(until=lambda: post.exit_code is not None, seconds=20)
    assert count_settles(mark, 0)


def test_one_that_is_not_kept_ends_once(supervisor: Supervisor, printed: io.StringIO, mark: str) -> None:
    post = supervisor.start(program("demo", "print('up')", mark, is_kept=False))
    assert supervisor.run(until=lambda: post.exit_code is not None, seconds=20)
    supervisor.run(seconds=0.3)
    assert (post.exit_code, post.falls, post.child) == (0, 0, None)
    assert printed.getvalue().count("up") == 1


def test_niceness_is_given(supervisor: Supervisor, mark: str) -> None:
    own = os.nice(0)
    post = supervisor.start(program("encode", "import os; print('nice', os.nice(0))", mark, niceness=7, is_kept=False))
    assert supervisor.run(until=lambda: post.exit_code is not None, seconds=20)
    assert f"nice {own + 7}" in post.last_lines


def test_a_signal_ends_the_run_and_nothing_is_left(supervisor: Supervisor, printed: io.StringIO, mark: str) -> None:
    posts = [
        supervisor.start(program("web", WITH_CHILD, mark)),
        supervisor.start(program("quick", DEAF, mark)),
        supervisor.start(program("redis", SLEEP, mark, stop_order=1)),
    ]
    assert supervisor.run(until=lambda: all(is_up(post) for post in posts), seconds=20)
    assert count_settles(mark, 4)
    os.kill(os.getpid(), signal.SIGTERM)
    assert not supervisor.run()
    assert supervisor.is_stopping
    supervisor.stop()
    assert alive(mark) == []
    assert "quick   | did not stop within 1 s and is killed" in printed.getvalue()
    assert "web     | did not stop" not in printed.getvalue()


def test_the_queue_outlives_those_who_use_it(supervisor: Supervisor, mark: str, tmp_path: Path) -> None:
    note = "import signal, sys, time, pathlib\n"
    note += "def bye(*_):\n    open('order', 'a').write(sys.argv[1] + ' '); sys.exit()\n"
    note += "signal.signal(signal.SIGTERM, bye)\nprint('up', flush=True)\ntime.sleep(600)\n"
    posts = []
    for name, order in (("redis", 1), ("web", 0)):
        command = (sys.executable, "-c", note, name)
        posts.append(supervisor.start(Process(name, command, {**os.environ, MARK: mark}, stop_order=order)))
    assert supervisor.run(until=lambda: all(is_up(post) for post in posts), seconds=20)
    supervisor.stop()
    assert (tmp_path / "order").read_text() == "web redis "


def test_a_program_that_does_not_exist_is_an_error(supervisor: Supervisor) -> None:
    with pytest.raises(FileNotFoundError):
        supervisor.start(Process("web", ("/nowhere/program",), {}))


def test_endings_are_told_in_words() -> None:
    assert describe_exit(2) == "ended with code 2"
    assert describe_exit(-signal.SIGSEGV) == "was killed by SIGSEGV"
