"""`python3 run.py` for real: ready, kept up, found by other commands, stopped without a trace, started again."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.config.cli.descendants import alive, count_settles
from tests.site_process import Site, run_beside, started_site

pytestmark = pytest.mark.timeout(600)  # several starts, on a machine that tests something else at the same time


def _stops_without_a_trace(site: Site, number: signal.Signals) -> None:
    os.kill(site.process.pid, number)
    assert site.process.wait(20) == 0
    assert alive(site.mark) == []
    assert not site.is_ready()


def _signs_in(site: Site, password: str) -> bool:
    body = json.dumps({"login": "admin", "password": password}).encode()
    request = urllib.request.Request(f"{site.address}/api/auth/login/", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return bool(json.load(answer)["token"])
    except urllib.error.HTTPError:
        return False


def test_a_first_day(tmp_path: Path) -> None:
    """One story, because a start is dear: first start, second instance, command beside it, falls, stop, next start."""
    with started_site(tmp_path) as site:
        assert site.is_ready()
        password = site.wait_for(r"Administrator: admin, password: (\S+) \(shown only at this first start\)")
        assert "python3 run.py manage changepassword admin" in site.printed()
        assert not _signs_in(site, "a guess")
        assert _signs_in(site, password)

        refused = run_beside(site.data_dir)
        assert refused.returncode == 1
        assert f"Another Matinee uses the data folder {site.data_dir}" in refused.stderr
        assert site.address in refused.stderr

        asked = run_beside(
            site.data_dir, "manage", "shell", "-v0", "-c", "from django.conf import settings as s; print(s.REDIS_URL)"
        )
        queue = asked.stdout.strip()
        assert queue.startswith("unix:///")
        assert Path(queue.removeprefix("unix://")).is_socket()

        for name, words in (("web", "uvicorn"), ("quick", "-Q quick")):
            fallen = set(site.pids_of(words))
            assert fallen
            os.kill(min(fallen), signal.SIGKILL)
            site.wait_for(rf"({name} was killed by SIGKILL; starts again)")
            site.wait_until(lambda: bool(set(site.pids_of(words)) - fallen))  # noqa: B023 -- called before the next turn
        site.wait_until(site.is_ready)

        _stops_without_a_trace(site, signal.SIGTERM)
        assert not Path(queue.removeprefix("unix://")).parent.exists()

    with started_site(tmp_path) as site:
        assert site.is_ready()
        for step in ("Python", "Front-end", "Words", "Database", "Static files", "Administrator"):
            assert step not in site.printed()
        _stops_without_a_trace(site, signal.SIGINT)


def test_for_everybody_on_the_network_it_answers_to_what_it_printed_and_to_nothing_else(tmp_path: Path) -> None:
    with started_site(tmp_path, HOST="0.0.0.0", ADMIN_PASSWORD="a chosen password") as site:
        assert "password: the one in ADMIN_PASSWORD" in site.printed()
        assert "a chosen password" not in site.printed()
        typed = re.findall(r"Matinee is at (http://\S+)", site.printed())
        assert typed
        for address in typed:
            assert _status(site, address.split("/")[2]) == 200
        assert _status(site, "evil.example") == 400
        os.kill(max(site.pids_of("run.py")), signal.SIGKILL)
        assert site.process.wait(20) == 128 + signal.SIGKILL
        assert count_settles(site.mark, 0)


def _status(site: Site, host: str) -> int:
    port = site.address.rstrip("/").rpartition(":")[2]
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
