"""The data folder: made once with a secret key that only its owner can read; used by one running instance at a time."""

from __future__ import annotations

import json
import os
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from config.cli import locks
from config.cli.faults import SetUpError

_CLAIM_SECONDS = 1.0  # a `manage` command that asks who runs holds the lock for a moment


@dataclass(frozen=True)
class Instance:
    """What a running instance tells the commands that come beside it."""

    process_id: int
    address: str
    redis_url: str
    redis_folder: str  # to remove when a killed instance left it; empty for a server of the operator's


@dataclass(frozen=True)
class DataFolder:
    """One data folder by its path."""

    path: Path

    @property
    def notes(self) -> Path:
        """Stamps, the lock and what the running instance tells."""
        return self.path / "run"

    @property
    def secret_key(self) -> Path:
        """Read by config/settings.py when SECRET_KEY is not set."""
        return self.path / "secret_key"

    def prepare(self) -> None:
        """Makes folder and key where they are missing. Raises SetUpError where nothing can be written."""
        try:
            if not self.path.exists():
                self.path.mkdir(parents=True, mode=0o700)
            self.notes.mkdir(exist_ok=True)
            probe = self.notes / f"probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
            if not self.secret_key.exists():
                self._write_key()
        except OSError as error:
            raise SetUpError(
                f"The data folder {self.path} cannot be written: {error.strerror}",
                advice="Make it yours, or choose another one with --data-dir.",
            ) from error

    def claim(self) -> int:
        """Holds the folder for this process until it ends. Raises SetUpError while another instance has it."""
        deadline = time.monotonic() + _CLAIM_SECONDS
        while True:
            descriptor = locks.try_lock(self._lock)
            if descriptor is not None:
                return descriptor
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        other = self.last_instance()
        raise SetUpError(
            f"Another Matinee uses the data folder {self.path}"
            + (f" (process {other.process_id}, {other.address})" if other else ""),
            advice="Stop it first, or give this one a folder of its own with --data-dir and a --port.",
        )

    def announce(self, instance: Instance) -> None:
        """Tells the other commands how to reach this instance."""
        fresh = self._instance.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(instance)))
        fresh.chmod(0o600)
        fresh.replace(self._instance)

    def withdraw(self) -> None:
        """Nothing runs any more."""
        self._instance.unlink(missing_ok=True)

    def last_instance(self) -> Instance | None:
        """What the running instance announced, or what a killed one left."""
        try:
            return Instance(**json.loads(self._instance.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def running_instance(self) -> Instance | None:
        """The announced instance, if its lock is still held."""
        if not self._lock.exists():
            return None
        descriptor = locks.try_lock(self._lock, is_shared=True)
        if descriptor is None:
            return self.last_instance()
        os.close(descriptor)
        return None

    @property
    def _lock(self) -> Path:
        return self.notes / "lock"

    @property
    def _instance(self) -> Path:
        return self.notes / "instance.json"

    def _write_key(self) -> None:
        fresh = self.secret_key.with_name(f"secret_key.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64) + "\n")
        try:
            os.link(fresh, self.secret_key)  # of two first starts at once, one key wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
