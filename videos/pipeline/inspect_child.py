"""Probes a source and indexes it where browsers can play it; the body of the sandboxed child behind inspect.py."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any  # JSON values

from videos.pipeline import index_child, probe_child
from videos.pipeline.playable import PlayLimits


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """`request` is {path, limits, play_limits, source, label, folder}; the answer is the facts, and {original: {…}} or
    {refused: why it cannot be played as it is}."""
    gc.disable()  # the process is gone in a second, and looking through its tables for garbage takes a fifth of that
    path = Path(request["path"])
    facts = probe_child.facts_of(path, request["limits"])
    made = index_child.index(
        path,
        facts,
        Path(request["folder"]),
        limits=PlayLimits(**request["play_limits"]),
        source=request["source"],
        label=request["label"],
    )
    return {"facts": facts.to_json(), **made}
