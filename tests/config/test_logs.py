"""What is written on stderr, for people and for programs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

SAYS = """
import django, logging, structlog
django.setup()
log = structlog.get_logger("videos.jobs.runner")
structlog.contextvars.bind_contextvars(request_id="r1")
log.info("step done", seconds=52.81, step="ladder", job="dgVz9sRbxmm")
log.warning("a file is gone", name="影片")
logging.getLogger("somebody.elses").info("told %s", "so")
logging.getLogger("celery.worker.consumer.connection").info("Connected to redis")
logging.getLogger("celery.apps.worker").info("ready.")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("it broke")
"""


def _written(**variables: str) -> list[str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "TIME_ZONE": "UTC",
        "LOG_LEVEL": "info",
        **variables,
    }
    done = subprocess.run([sys.executable, "-c", SAYS], env=environment, capture_output=True, text=True, check=True)
    return done.stderr.splitlines()


def test_a_person_reads_short_lines() -> None:
    first, second, third, broken, *traceback = _written()
    assert re.fullmatch(r"\d\d:\d\d:\d\d step done  ladder  52\.8 s  job=dgVz9sRbxmm", first)
    assert re.fullmatch(r"\d\d:\d\d:\d\d WARNING a file is gone  name=影片", second)
    assert re.fullmatch(r"\d\d:\d\d:\d\d told so", third)
    assert re.fullmatch(r"\d\d:\d\d:\d\d ERROR it broke", broken)
    assert traceback[0].startswith("Traceback")
    assert traceback[-1] == "ZeroDivisionError: division by zero"


def test_a_program_reads_one_object_a_line_with_everything() -> None:
    lines = [json.loads(line) for line in _written(LOG_FORMAT="json")]
    assert [line["event"] for line in lines] == ["step done", "a file is gone", "told so", "it broke"]
    done = lines[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", done.pop("timestamp"))
    assert done == {
        "event": "step done", "level": "info", "logger": "videos.jobs.runner", "request_id": "r1", "seconds": 52.81,
        "step": "ladder", "job": "dgVz9sRbxmm",
    }  # fmt: skip
    assert "ZeroDivisionError" in lines[3]["exception"]


def test_another_format_is_refused_at_the_start() -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        _written(LOG_FORMAT="xml")
    assert "LOG_FORMAT" in refused.value.stderr
