"""One key, one owner, one running instance."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.cli.data_folder import DataFolder, Instance
from config.cli.faults import SetUpError

ROOT = Path(__file__).resolve().parents[3]
OTHER_INSTANCE = """
import os, sys
from pathlib import Path
from config.cli.data_folder import DataFolder, Instance
folder = DataFolder(Path(sys.argv[1]))
folder.claim()
folder.announce(Instance(os.getpid(), "http://127.0.0.1:8123/", "unix:///somewhere", ""))
print("holding", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "films" / "data")
    made.prepare()
    return made


@pytest.fixture
def other(folder: DataFolder) -> Iterator[subprocess.Popen[str]]:
    """Another process that runs on the same folder."""
    command = [sys.executable, "-c", OTHER_INSTANCE, str(folder.path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holding\n"
        yield process
        process.kill()


def test_the_key_is_long_private_and_made_once(folder: DataFolder) -> None:
    key = folder.secret_key.read_text()
    assert len(key.strip()) >= 50
    assert folder.secret_key.stat().st_mode & 0o777 == 0o600
    assert folder.path.stat().st_mode & 0o777 == 0o700
    folder.prepare()
    assert folder.secret_key.read_text() == key
    assert [entry.name for entry in folder.path.glob("secret_key*")] == ["secret_key"]


def test_a_second_instance_is_told_who_runs(folder: DataFolder, other: subprocess.Popen[str]) -> None:
    with pytest.raises(SetUpError, match=rf"process {other.pid}, http://127.0.0.1:8123/") as refused:
        folder.claim()
    assert "--data-dir" in refused.value.advice


def test_commands_beside_it_find_the_running_instance(folder: DataFolder, other: subprocess.Popen[str]) -> None:
    assert folder.running_instance() == Instance(other.pid, "http://127.0.0.1:8123/", "unix:///somewhere", "")


def test_a_killed_instance_holds_nothing(folder: DataFolder, other: subprocess.Popen[str]) -> None:
    other.kill()
    other.wait()
    assert folder.running_instance() is None
    os.close(folder.claim())


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SetUpError, match="cannot be written") as refused:
        DataFolder(tmp_path / "file" / "data").prepare()
    assert "--data-dir" in refused.value.advice
