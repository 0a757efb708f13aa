"""What a child may do, what it dies of, and that nothing of it is ever left."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest
import structlog

from tests.videos.pipeline.processes import processes_mentioning, wait_until_gone, wait_until_there
from videos.pipeline import sandbox
from videos.pipeline.errors import Cancelled, LimitError, MachineError, PipelineError
from videos.pipeline.outcome import Finished
from videos.pipeline.sandbox import Limits, run

ROOT = Path(__file__).parents[3]


def python(code: str, cwd: Path, limits: Limits | None = None, **options: object) -> Finished:
    """Runs a few lines of Python in the sandbox."""
    return run([sys.executable, "-I", "-S", "-c", code], limits=limits or Limits(), cwd=cwd, **options)  # type: ignore[arg-type]


def test_lines_of_output_arrive_one_by_one_and_the_last_may_lack_its_end(tmp_path: Path) -> None:
    lines: list[str] = []
    finished = python("print('one'); print('zwei ü'); print('three', end='')", tmp_path, on_line=lines.append)
    assert lines == ["one", "zwei ü", "three"]
    assert finished.returncode == 0


def test_a_return_code_is_reported_and_not_an_error(tmp_path: Path) -> None:
    finished = python("import sys; print('why', file=sys.stderr); sys.exit(3)", tmp_path)
    assert (finished.returncode, finished.stderr_tail) == (3, "why")


def test_only_the_tail_of_endless_complaints_is_kept(tmp_path: Path) -> None:
    finished = python("import sys\nfor n in range(100_000): print('complaint', n, file=sys.stderr)", tmp_path)
    assert len(finished.stderr_tail) <= 16 << 10
    assert finished.stderr_tail.endswith("complaint 99999")


def test_nothing_of_our_environment_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary-of-the-house")
    monkeypatch.setenv("LD_PRELOAD", "")
    lines: list[str] = []
    python("import os\nfor item in os.environ.items(): print(*item)", tmp_path, on_line=lines.append)
    assert lines
    assert not any("canary" in line or "LD_PRELOAD" in line for line in lines)


def test_the_largest_memory_is_the_childs_own(tmp_path: Path) -> None:
    ballast = bytearray(os.urandom(1 << 20)) * 200  # what the parent holds must not be counted
    small = python("import time; time.sleep(0.3)", tmp_path)
    large = python("import time; kept = b'x' * 100_000_000; time.sleep(0.3)", tmp_path)
    assert len(ballast) == 200 << 20
    assert small.max_rss_bytes < 50 << 20
    assert 100_000_000 < large.max_rss_bytes < 200_000_000


@pytest.mark.parametrize(
    ("code", "limits", "expected"),
    [
        ("kept = bytearray(1 << 30)", Limits(memory_bytes=300 << 20), "out_of_memory"),
        ("while True: pass", Limits(cpu_seconds=1), "timed_out"),
        ("import time; time.sleep(600)", Limits(wall_seconds=0.5), "timed_out"),
        ("import os; os.abort()", Limits(), "crashed"),
        ("import os; os.kill(os.getpid(), 9)", Limits(), "crashed"),
        ("import ctypes; ctypes.string_at(0)", Limits(), "crashed"),
    ],
    ids=["memory", "processor", "clock", "abort", "killed", "segmentation fault"],
)
def test_every_way_to_die_has_a_code(tmp_path: Path, code: str, limits: Limits, expected: str) -> None:
    with pytest.raises(PipelineError) as caught:
        python(code, tmp_path, limits)
    assert caught.value.code == expected
    assert caught.value.message.endswith(".")
    assert python("print()", tmp_path).returncode == 0  # the next one runs


def test_a_file_that_grows_too_large_ends_its_writer(tmp_path: Path) -> None:
    dd = shutil.which("dd")
    assert dd is not None
    argv = [dd, "if=/dev/zero", "of=large", "bs=1M", "count=50"]
    with pytest.raises(LimitError) as caught:
        run(argv, limits=Limits(file_bytes=5 << 20), cwd=tmp_path)
    assert caught.value.code == "output_too_large"
    assert (tmp_path / "large").stat().st_size <= 5 << 20


def test_a_full_disk_is_told_from_what_the_child_says(tmp_path: Path) -> None:
    dd = shutil.which("dd")
    assert dd is not None
    with pytest.raises(MachineError) as caught:
        run([dd, "if=/dev/zero", "of=/dev/full", "bs=1k", "count=1"], limits=Limits(), cwd=tmp_path)
    assert (caught.value.code, caught.value.retryable) == ("disk_full", True)


def test_stopping_leaves_no_process_of_the_group(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    spawning = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import time; time.sleep(600)', '{mark}'])\n"
        "print('ready', flush=True)\ntime.sleep(600)"
    )
    ready = threading.Event()
    with pytest.raises(Cancelled):
        python(spawning, tmp_path, on_line=lambda _: ready.set(), should_stop=ready.is_set)
    assert wait_until_gone(mark)


def test_an_error_in_a_callback_leaves_no_process(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex

    def fail(line: str) -> None:
        raise LookupError(line)

    with pytest.raises(LookupError):
        python(f"import time; print('{mark}', flush=True); time.sleep(600)", tmp_path, on_line=fail)
    assert not processes_mentioning(mark)


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    parent_code = (
        "import sys; from pathlib import Path; from videos.pipeline.sandbox import Limits, run\n"
        f"run([sys.executable, '-I', '-S', '-c', 'import time; time.sleep(600)', 'child-{mark}'],"
        f" limits=Limits(), cwd=Path({str(tmp_path)!r}))"
    )
    parent = subprocess.Popen([sys.executable, "-c", parent_code], cwd=ROOT)
    try:
        assert wait_until_there(f"time.sleep(600) child-{mark}")
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert wait_until_gone(f"child-{mark}")


def test_the_network_cannot_be_reached(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0)
        code = f"import socket; socket.create_connection(('127.0.0.1', {canary.getsockname()[1]}), 2)"
        finished = python(code, tmp_path)
        if not finished.returncode and not _can_leave_the_network():
            pytest.skip("this system lets nobody make a network namespace")
        assert finished.returncode
        with pytest.raises(BlockingIOError):
            canary.accept()


# --- Files ------------------------------------------------------------------------------------------------------------

KERNEL_CONFINES = ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) > 0
TRY = (
    "import os\n"
    "def attempt(name, deed):\n"
    "    try: deed()\n"
    "    except OSError as error: print(name, type(error).__name__)\n"
    "    else: print(name, 'done')\n"
)


def attempts(folder: Path, deeds: dict[str, str], *arguments: str, reads: tuple[Path, ...] = ()) -> dict[str, str]:
    """What became of each deed in a child that works in `folder`."""
    code = TRY + "\n".join(f"attempt({name!r}, lambda: {deed})" for name, deed in deeds.items())
    lines: list[str] = []
    argv = [sys.executable, "-I", "-S", "-c", code, *arguments]
    finished = run(argv, limits=Limits(), cwd=folder, reads=reads, on_line=lines.append)
    assert finished.returncode == 0, finished.stderr_tail
    return {name: answer for name, _, answer in (line.partition(" ") for line in lines)}


def test_an_unconfined_child_is_spoken_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_is_told", set())
    with structlog.testing.capture_logs() as logs:
        python("pass", tmp_path)
    said = [entry for entry in logs if "weaker" in entry["event"] and "files" in entry["reason"]]
    assert len(said) == (0 if KERNEL_CONFINES else 1)


def test_a_child_reads_what_it_was_given_and_nothing_else(tmp_path: Path) -> None:
    work, source, neighbour = tmp_path / "work", tmp_path / "source" / "original", tmp_path / "source" / "other"
    for folder in (work, source.parent):
        folder.mkdir()
    for file in (source, neighbour, work / "own"):
        file.write_text("x")
    deeds = {
        "own": "open('own').read()",
        "source": f"open({str(source)!r}).read()",
        "neighbour": f"open({str(neighbour)!r}).read()",
        "its folder": f"os.listdir({str(source.parent)!r})",
        "passwords": "open('/etc/passwd').read()",
        "the site": f"open({str(ROOT / 'manage.py')!r}).read()",
        "the project": f"os.listdir({str(ROOT)!r})",
        "libraries": "os.listdir('/usr')",
        "nothing": "open('/dev/null', 'w')",
    }
    allowed = {"own": "done", "libraries": "done", "nothing": "done", "source": "done"}
    refused = "PermissionError" if KERNEL_CONFINES else "done"
    expected = {name.split(" ")[0]: allowed.get(name, refused) for name in deeds}
    by_argument = attempts(work, {name.replace(" ", "_"): deed for name, deed in deeds.items()}, f"file:{source}")
    by_name = attempts(work, {name.replace(" ", "_"): deed for name, deed in deeds.items()}, reads=(source,))
    assert by_argument == by_name
    assert {name.split("_")[0]: how for name, how in by_name.items()} == expected
    assert attempts(work, {"source": deeds["source"]}) == {"source": refused}


def test_a_child_writes_in_its_own_folder_and_runs_nothing_from_there(tmp_path: Path) -> None:
    work, source = tmp_path / "work", tmp_path / "original"
    work.mkdir()
    source.write_text("x")
    (work / "program").write_text("#!/bin/sh\n")
    (work / "program").chmod(0o755)
    deeds = {
        "inside": "(os.mkdir('a'), open('a/b', 'w'), os.rename('a/b', 'c'), os.truncate('c', 5), os.unlink('c'))",
        "beside": f"open({str(tmp_path / 'new')!r}, 'w')",
        "source": f"open({str(source)!r}, 'a')",
        "truncate": f"os.truncate({str(source)!r}, 0)",
        "remove": f"os.unlink({str(source)!r})",
        "link": "os.symlink('/etc/passwd', 'link')",
        "pipe": "os.mkfifo('pipe')",
        "program": "os.posix_spawn('./program', ['program'], {})",
    }
    done = attempts(work, deeds, str(source))
    refused = "PermissionError" if KERNEL_CONFINES else "done"
    assert done == {name: "done" if name == "inside" else refused for name in deeds}
    assert source.exists() == KERNEL_CONFINES


def test_what_cannot_be_confined_is_said_once_and_the_work_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The launcher of a kernel without these calls, in place of ours."""
    older = tmp_path / "launcher.py"
    text = Path(sandbox.__file__).with_name("launcher.py").read_text()
    older.write_text(text.replace("_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444", "_CREATE_RULESET, _A, _R = 9999"))
    monkeypatch.setattr(sandbox, "_LAUNCHER", older)
    monkeypatch.setattr(sandbox, "_is_told", set())
    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            finished = python("print(open('/etc/passwd').read(1))", tmp_path)
            assert (finished.returncode, finished.stderr_tail) == (0, "")
    (said,) = [entry for entry in logs if "weaker" in entry["event"] and "files" in entry["reason"]]
    assert said["log_level"] == "warning"


def _can_leave_the_network() -> bool:
    unshare = shutil.which("unshare")
    command = [unshare or "unshare", "-rn", "true"]
    return unshare is not None and subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_a_site_inside_a_system_folder_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in /opt. What a child is given by name it reads all the same."""
    work, site, library = tmp_path / "work", tmp_path / "opt" / "sites" / "matinee", tmp_path / "opt" / "lib" / "x.so"
    for folder in (work, site / "data", library.parent):
        folder.mkdir(parents=True)
    for file in (site / "secret", site / "data" / "film", site.parent / "readme", library):
        file.write_text("x")
    monkeypatch.setattr(sandbox, "_SYSTEM", (*sandbox._SYSTEM, str(tmp_path / "opt")))
    monkeypatch.setattr(sandbox, "_private", ())
    sandbox.keep_out_of(site, site / "data")
    try:
        deeds = {
            "secret": f"open({str(site / 'secret')!r}).read()",
            "film": f"open({str(site / 'data' / 'film')!r}).read()",
            "folder": f"os.listdir({str(site)!r})",
            "beside": f"open({str(site.parent / 'readme')!r}).read()",
            "library": f"open({str(library)!r}).read()",
        }
        refused = "PermissionError" if KERNEL_CONFINES else "done"
        expected = dict.fromkeys(deeds, refused) | {"beside": "done", "library": "done"}
        assert attempts(work, deeds) == expected
        assert attempts(work, deeds, reads=(site / "data" / "film",)) == expected | {"film": "done"}
    finally:
        monkeypatch.undo()
        sandbox._of_the_system.cache_clear()


def test_one_that_never_stops_talking_is_stopped(tmp_path: Path) -> None:
    lines: list[str] = []
    for on_line in (lines.append, None):
        with pytest.raises(LimitError) as caught:
            python("while True: print('x' * 100_000)", tmp_path, on_line=on_line)
        assert caught.value.code == "output_too_large"
    assert len(lines) > 100


def test_a_line_may_come_in_pieces_and_is_cut_where_it_is_too_long(tmp_path: Path) -> None:
    lines: list[str] = []
    python("print('x' * 300_000); print('y' * (9 << 20)); print('z')", tmp_path, on_line=lines.append)
    assert [(line[0], len(line)) for line in lines] == [("x", 300_000), ("y", 8 << 20), ("z", 1)]


def test_a_python_child_that_writes_too_much_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(LimitError) as caught:
        python("open('big', 'wb').write(bytes(1 << 20))", tmp_path, Limits(file_bytes=1 << 16))
    assert caught.value.code == "output_too_large"
