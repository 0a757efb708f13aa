"""A child started ahead answers as any other, is as confined as any other, and outlives nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.media_samples import sample
from tests.videos.pipeline.processes import wait_until_gone, wait_until_there
from videos.pipeline import children, launcher, outcome, sandbox, witness
from videos.pipeline.errors import LimitError
from videos.pipeline.inspect import Inspected, inspect
from videos.pipeline.playable import PlayLimits

ROOT = Path(__file__).parents[3]
# A program as sandbox.Spare asks for it: loads what it needs, waits for its order, confines itself, does `work`.
PROGRAM = """
import importlib.util, json, os, socket, sys
spec = importlib.util.spec_from_file_location("launcher", {launcher!r})
launcher = importlib.util.module_from_spec(spec)
sys.modules["launcher"] = launcher
spec.loader.exec_module(launcher)
limits, readable, folder, argument = json.loads(sys.stdin.readline())
os.chdir(folder)
launcher.confine(limits, readable)
{work}
"""


def program(work: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", PROGRAM.format(launcher=launcher.__file__, work=work)]


def look(folder: Path) -> Inspected:
    folder.mkdir()
    return inspect(sample("film.mp4"), folder, source_name="items/x/original", play_limits=PlayLimits())


@pytest.fixture
def spare() -> Iterator[sandbox.Spare]:
    """The child of the next first look, waiting."""
    children.stand_by()
    (waiting,) = children._spares
    yield waiting
    waiting.give_up()
    children._spares.clear()


@pytest.mark.usefixtures("spare")
def test_what_waited_answers_like_what_is_started_now(tmp_path: Path) -> None:
    ahead = look(tmp_path / "ahead")
    assert not children._spares
    now = look(tmp_path / "now")
    assert ahead == now
    for file in (tmp_path / "now").iterdir():
        assert (tmp_path / "ahead" / file.name).read_bytes() == file.read_bytes()


def test_it_is_written_down_as_the_same_command(spare: sandbox.Spare, tmp_path: Path) -> None:
    told: list[witness.Ran] = []
    with witness.witnessed(told.append):
        look(tmp_path / "ahead")
    assert told[0].argv[: len(spare.argv)] == tuple(spare.argv)
    assert told[0].exit_code == 0


def test_one_is_enough(spare: sandbox.Spare) -> None:
    children.stand_by()
    assert children._spares == [spare]


def test_one_that_died_is_not_missed(spare: sandbox.Spare, tmp_path: Path) -> None:
    os.killpg(spare._child.pid, signal.SIGKILL)
    spare._child.wait()
    assert look(tmp_path / "ahead").facts.video is not None
    assert spare not in children._spares


def test_the_place_of_one_that_died_is_taken(spare: sandbox.Spare) -> None:
    spare.give_up()
    children.stand_by()
    (next_one,) = children._spares
    assert next_one is not spare
    assert next_one.is_waiting()
    next_one.give_up()


def test_it_may_read_what_its_order_names_and_nothing_else(tmp_path: Path) -> None:
    secret, given, work = tmp_path / "secret", tmp_path / "given", tmp_path / "work"
    secret.write_text("of the house")
    given.write_text("of the film")
    work.mkdir()
    argv = program(
        "print(open(argument).read())\n"
        f"try: print(open({str(secret)!r}).read())\n"
        "except PermissionError: print('refused')\n"
        "try: socket.create_connection(('127.0.0.1', 9), 1)\n"
        "except ConnectionRefusedError: print('connected')\n"
        "except OSError: print('no network')\n"
        "print(os.getcwd(), os.nice(0))"
    )
    lines: list[str] = []
    finished = sandbox.run(
        [*argv, str(given)],
        limits=sandbox.Limits(nice=3),
        cwd=work,
        on_line=lines.append,
        spare=sandbox.Spare(argv),
    )
    assert lines == ["of the film", "refused", "no network", f"{work} 3"]
    assert finished == outcome.Finished(0, "", finished.seconds, finished.max_rss_bytes)


def test_its_limits_are_those_of_the_order(tmp_path: Path) -> None:
    argv = program("bytearray(1 << 30)")
    with pytest.raises(LimitError) as caught:
        sandbox.run(
            [*argv, "x"], limits=sandbox.Limits(memory_bytes=512 << 20), cwd=tmp_path, spare=sandbox.Spare(argv)
        )
    assert caught.value.code == "out_of_memory"


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_it_goes_with_its_parent_however_that_ends(end: signal.Signals, tmp_path: Path) -> None:
    mark = f"/nowhere/{uuid.uuid4().hex}"
    code = (
        "import sys; from videos.pipeline import children; folders = children._folders(); "
        "children._folders = lambda: [*folders, sys.argv[1]]; children.stand_by(); input()"
    )
    with subprocess.Popen([sys.executable, "-c", code, mark], cwd=ROOT, stdin=subprocess.PIPE) as parent:
        assert wait_until_there(f'{mark}"]')  # the child's own, not the parent's
        parent.send_signal(end)
    assert wait_until_gone(mark)
