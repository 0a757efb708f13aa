"""Makes an original playable as it is: asks a sandboxed child for its index and playlists."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self  # JSON values

from videos.pipeline import children
from videos.pipeline.facts import SourceFacts
from videos.pipeline.instant import Limits as PlayLimits
from videos.pipeline.sandbox import Limits, StopQuestion

LABEL = "original"


@dataclass(frozen=True, slots=True)
class Original:
    """What an original offers as a rendition. Bit rates in bits a second."""

    codecs: str
    frames: int
    frame_rate: float
    average_bps: int
    peak_bps: int
    duration_seconds: float

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Refused:
    """It cannot be played as it is; `reason` is for the operator."""

    reason: str


@dataclass(frozen=True, slots=True)
class IndexLimits:
    """What indexing may cost; a table of a day's film fits."""

    process: Limits = field(
        default_factory=lambda: Limits(
            wall_seconds=60, cpu_seconds=60, memory_bytes=3 << 30, file_bytes=512 << 20, nice=0
        )
    )


def index(
    source: Path,
    facts: SourceFacts,
    folder: Path,
    *,
    source_name: str,
    play_limits: PlayLimits,
    limits: IndexLimits | None = None,
    should_stop: StopQuestion | None = None,
) -> Original | Refused:
    """Writes `original.idx` and four playlists into `folder`; nothing where browsers cannot play the file as it is.
    `source_name` is what cutter.FilmIndex.source will say. Raises LimitError, MachineError, Cancelled."""
    request = {
        "path": str(source.absolute()),
        "facts": facts.to_json(),
        "limits": asdict(play_limits),
        "source": source_name,
        "label": LABEL,
        "folder": str(folder.absolute()),
    }
    limits = limits or IndexLimits()
    answer = children.ask("index", request, limits=limits.process, cwd=folder.absolute(), should_stop=should_stop)
    if "refused" in answer:
        return Refused(answer["refused"])
    return Original.from_json(answer["original"])
