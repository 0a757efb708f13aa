"""Gives the whole run its own data folder and key. Loaded as a pytest plugin (`-p tests.environment`), before Django's
settings are read."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Every xdist worker makes its own folder: the parent's is not inherited, so that two databases never share a file.
_FOLDER = Path(tempfile.mkdtemp(prefix="matinee-test-"))
(_FOLDER / "static").mkdir()  # WhiteNoise warns about a missing one, and warnings are errors here
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)

os.environ.update(
    {
        "DATA_DIR": str(_FOLDER),
        "SECRET_KEY": "tests-only-" + "k" * 50,
        "DISK_RESERVE_BYTES": "1000000",
        "LOG_LEVEL": "warning",
    }
)
for name in ("HOST", "PORT", "PUBLIC_URL", "ALLOWED_HOSTS", "REDIS_URL", "MEDIA_STORAGE", "SIGNUP", "FFMPEG_BINARY"):
    os.environ.pop(name, None)
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")
