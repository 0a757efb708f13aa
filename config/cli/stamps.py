"""Remembers what set-up made from which inputs, so that a second start repeats nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


def digest(files: Iterable[Path], *words: str) -> str:
    """One hash over the files' paths and contents and the words, in whatever order. Missing files count too."""
    whole = hashlib.sha256()
    for file in sorted(files):
        whole.update(f"{file}\0".encode())
        whole.update(hashlib.sha256(file.read_bytes()).digest() if file.is_file() else b"missing")
    for word in words:
        whole.update(f"\0{word}".encode())
    return whole.hexdigest()


@dataclass(frozen=True)
class Stamp:
    """A file beside (or inside) what was made, holding the hash of what it was made from."""

    file: Path

    def says(self, key: str) -> bool:
        """Is what stands there made from these inputs?"""
        return self.file.is_file() and self.file.read_text() == key

    def write(self, key: str) -> None:
        """Called only after everything succeeded."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_name(self.file.name + ".new")
        fresh.write_text(key)
        fresh.replace(self.file)
