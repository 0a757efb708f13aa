"""What a web process loads before it can answer: nothing that this configuration never uses."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# Amazon's client; what looks into media; pages of the API's documentation; another server's event loop.
LATE = ["boto3", "botocore", "storages.backends.s3", "av", "PIL", "drf_spectacular.plumbing", "twisted.internet"]


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules of a fresh web process with media on disk."""
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import config.asgi, json, sys; print(json.dumps(list(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(said.stdout.splitlines()[-1]))


@pytest.mark.parametrize("module", LATE)
def test_what_is_not_needed_is_not_loaded(module: str, loaded: set[str]) -> None:
    assert "videos.storage.media" in loaded
    assert module not in loaded
