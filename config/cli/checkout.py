"""Where things are in a checkout. Everything that set-up makes lies in git-ignored folders."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Checkout:
    """A checkout by its top folder."""

    root: Path

    @property
    def venv(self) -> Path:
        """The virtual environment."""
        return self.root / ".venv"

    @property
    def programs(self) -> Path:
        """The environment's folder of programs."""
        return self.venv / "bin"

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.programs / "python"

    @property
    def requirements(self) -> Path:
        """Folder of the hash-pinned lists."""
        return self.root / "requirements"

    @property
    def cache(self) -> Path:
        """Stamps, locks and reports of set-up and tests."""
        return self.root / ".cache"

    @property
    def node_modules(self) -> Path:
        """Front-end packages as npm lays them."""
        return self.root / "node_modules"

    @property
    def vendor(self) -> Path:
        """Front-end files that the site serves."""
        return self.root / "static" / "vendor"

    def search_path(self, inherited: str) -> str:
        """A PATH on which the environment's programs come first."""
        return f"{self.programs}{os.pathsep}{inherited}"


HERE = Checkout(Path(__file__).resolve().parents[2])
