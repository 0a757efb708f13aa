"""Asks one of our PyAV children something and reads its one answer."""

from __future__ import annotations

import functools
import importlib.util
import json
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal  # JSON values

from videos.pipeline import sandbox
from videos.pipeline.errors import LimitError, MachineError, PipelineError, SourceError

Subject = Literal["captions", "inspect", "own_picture", "probe", "remux", "poster", "verify"]

_AHEAD: Subject = "inspect"  # what somebody waits for
_CHILD = Path(__file__).with_name("child.py")
_LIMIT_CODES = frozenset({"out_of_memory", "decode_limit", "timed_out"})
_spares: list[sandbox.Spare] = []


def stand_by() -> None:
    """Starts the child of the next first look ahead, which takes 0.35 s of processor time and 35 MB. It ends with this
    process."""
    if _spares and _spares[0].is_waiting():
        return
    while _spares:
        _spares.pop().give_up()
    _spares.append(sandbox.Spare(_command(_AHEAD)))


def ask(
    subject: Subject,
    request: Mapping[str, Any],
    *,
    limits: sandbox.Limits,
    cwd: Path,
    should_stop: sandbox.StopQuestion | None = None,
) -> dict[str, Any]:
    """The answer of videos.pipeline.<subject>_child. Raises what the child raised, and as sandbox.run."""
    lines: deque[str] = deque(maxlen=1)  # the answer is the last one
    spare = _spares.pop() if subject == _AHEAD and _spares else None
    reads = [str(_CHILD.parent), *_folders(), *(value for value in request.values() if isinstance(value, str))]
    finished = sandbox.run(
        [*_command(subject), json.dumps(request)],
        limits=limits,
        cwd=cwd,
        reads=reads,
        on_line=lines.append,
        should_stop=should_stop,
        spare=spare,
    )
    if finished.returncode or not lines:
        raise MachineError("crashed", detail=finished.stderr_tail[-2000:])
    said: dict[str, Any] = json.loads(lines[-1])
    if "error" in said:
        raise _error(**said["error"])
    answer: dict[str, Any] = said["answer"]
    return answer


def _command(subject: Subject) -> list[str]:
    """What a child is started with, but for its request."""
    module = f"videos.pipeline.{subject}_child"
    return [sys.executable, "-I", "-S", str(_CHILD), json.dumps(_folders()), module]


@functools.cache
def _folders() -> list[str]:
    """Where this package and PyAV are imported from."""
    spec = importlib.util.find_spec("av")
    assert spec is not None
    assert spec.origin is not None
    return [str(Path(__file__).parents[1]), str(Path(spec.origin).parents[1])]


def _error(code: str, detail: str) -> PipelineError:
    return (LimitError if code in _LIMIT_CODES else SourceError)(code, detail=detail)
