"""Makes a film of another container playable as it is: a sandboxed child copies its streams into an MP4, which is then
looked at as if it had been uploaded."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any  # JSON values

from videos.pipeline import children
from videos.pipeline.errors import LimitError, SourceError
from videos.pipeline.facts import SourceFacts
from videos.pipeline.indexing import LABEL, Original, Refused
from videos.pipeline.inspect import Inspected, inspect
from videos.pipeline.playable import PlayLimits
from videos.pipeline.sandbox import Limits, StopQuestion

FILENAME = f"{LABEL}.mp4"
_MOST_OFF_SECONDS = 0.25
_OVERHEAD_BYTES = 64 << 20  # tables of a film of many small samples


@dataclass(frozen=True, slots=True)
class RemuxLimits:
    """What copying may cost: a copy is as large as its source and stays until the rungs take its place; quick steps,
    of which it is part, are to end within ten seconds on a usual disk."""

    most_bytes: int = 4 << 30
    reserve_bytes: int = 0  # of the disk, that have to stay free
    process: Limits = field(
        default_factory=lambda: Limits(wall_seconds=20, cpu_seconds=20, memory_bytes=3 << 30, nice=0)
    )


def needs_remux(inspected: Inspected, limits: RemuxLimits) -> bool:
    """Whether only the container keeps browsers from playing the file, and it is small enough to be copied."""
    made = inspected.original
    return isinstance(made, Refused) and made.is_only_container and inspected.facts.bytes <= limits.most_bytes


def remux(
    source: Path,
    facts: SourceFacts,
    folder: Path,
    *,
    play_limits: PlayLimits,
    limits: RemuxLimits,
    should_stop: StopQuestion | None = None,
) -> Original | Refused:
    """Writes `original.mp4`, its index (which names it without a folder: it lies beside) and its playlists into the
    empty `folder`; nothing where the copy would not be the same film, or would not fit. Raises MachineError,
    Cancelled."""
    target = folder / FILENAME
    made: Original | Refused = Refused("the disk is too full for a copy")
    if shutil.disk_usage(folder).free >= facts.bytes + _OVERHEAD_BYTES + limits.reserve_bytes:
        try:
            made = _copied(source, facts, target, play_limits, limits, should_stop)
        except (SourceError, LimitError) as error:  # the ladder will say whether the film can be used
            made = Refused(f"copying ended with {error}")
    if isinstance(made, Refused):
        for file in folder.iterdir():
            file.unlink()
    return made


def _copied(
    source: Path,
    facts: SourceFacts,
    target: Path,
    play_limits: PlayLimits,
    limits: RemuxLimits,
    should_stop: StopQuestion | None,
) -> Original | Refused:
    request = {"path": str(source.absolute()), "facts": facts.to_json(), "target": str(target.absolute())}
    process = replace(limits.process, file_bytes=facts.bytes + _OVERHEAD_BYTES)
    answer = children.ask("remux", request, limits=process, cwd=target.parent.absolute(), should_stop=should_stop)
    if "refused" in answer:
        return Refused(answer["refused"])
    copy = inspect(target, target.parent, source_name=FILENAME, play_limits=play_limits, should_stop=should_stop)
    if isinstance(copy.original, Original) and (fault := _fault(facts, copy.facts, copy.original, answer)):
        return Refused(f"the copy is not the same: {fault}")
    return copy.original


def _fault(source: SourceFacts, copy: SourceFacts, made: Original, answer: dict[str, Any]) -> str:
    """What is different, or nothing."""
    assert source.video is not None
    assert copy.video is not None
    if made.frames != answer["packets"][0]:
        return f"{made.frames} frames of {answer['packets'][0]}"
    size, was = ((video.display_width, video.display_height) for video in (copy.video, source.video))
    if size != was:
        return f"{size[0]}x{size[1]}"
    if abs(copy.duration_seconds - source.duration_seconds) > _MOST_OFF_SECONDS:
        return f"{copy.duration_seconds} of {source.duration_seconds} s"
    return ""
