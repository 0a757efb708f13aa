"""Asks one of our PyAV children something and reads its one answer."""

from __future__ import annotations

import functools
import importlib.util
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal  # JSON values

from videos.pipeline import sandbox
from videos.pipeline.errors import LimitError, MachineError, PipelineError, SourceError

Subject = Literal["captions", "inspect", "own_picture", "probe", "remux", "poster", "verify"]

_CHILD = Path(__file__).with_name("child.py")
_LIMIT_CODES = frozenset({"out_of_memory", "decode_limit", "timed_out"})


def ask(
    subject: Subject,
    request: Mapping[str, Any],
    *,
    limits: sandbox.Limits,
    cwd: Path,
    should_stop: sandbox.StopQuestion | None = None,
) -> dict[str, Any]:
    """The answer of videos.pipeline.<subject>_child. Raises what the child raised, and as sandbox.run."""
    lines: list[str] = []
    command: list[str | Path] = [
        sys.executable, "-I", "-S", _CHILD,
        json.dumps(_folders()), f"videos.pipeline.{subject}_child", json.dumps(request),
    ]  # fmt: skip
    reads = [str(_CHILD.parent), *_folders(), *(value for value in request.values() if isinstance(value, str))]
    finished = sandbox.run(command, limits=limits, cwd=cwd, reads=reads, on_line=lines.append, should_stop=should_stop)
    if finished.returncode or not lines:
        raise MachineError("crashed", detail=finished.stderr_tail[-2000:])
    said: dict[str, Any] = json.loads(lines[-1])
    if "error" in said:
        raise _error(**said["error"])
    answer: dict[str, Any] = said["answer"]
    return answer


@functools.cache
def _folders() -> list[str]:
    """Where this package and PyAV are imported from."""
    spec = importlib.util.find_spec("av")
    assert spec is not None
    assert spec.origin is not None
    return [str(Path(__file__).parents[1]), str(Path(spec.origin).parents[1])]


def _error(code: str, detail: str) -> PipelineError:
    return (LimitError if code in _LIMIT_CODES else SourceError)(code, detail=detail)
