"""What a file is: asked of a sandboxed child, because opening a stranger's file is the most dangerous thing
done here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any  # JSON values

from videos.pipeline import children
from videos.pipeline.errors import SourceError
from videos.pipeline.facts import AudioFacts, ChapterFacts, SourceFacts, SubtitleFacts, VideoFacts
from videos.pipeline.sandbox import Limits, StopQuestion
from videos.pipeline.whitelist import MOST_PIXELS, MOST_STREAMS

__all__ = ["AudioFacts", "ChapterFacts", "ProbeLimits", "SourceFacts", "SubtitleFacts", "VideoFacts", "probe"]


@dataclass(frozen=True, slots=True)
class ProbeLimits:
    """What a source may be, and what looking at it may cost."""

    max_pixels: int = MOST_PIXELS
    max_streams: int = MOST_STREAMS
    max_duration_seconds: float = 24 * 3600.0
    max_frame_rate: float = 1000.0
    scan_seconds: float = 20.0  # only for files that do not say how long they are
    process: Limits = field(
        default_factory=lambda: Limits(
            wall_seconds=60, cpu_seconds=60, memory_bytes=3 << 30, file_bytes=1 << 20, nice=0
        )
    )

    def to_json(self) -> dict[str, Any]:
        """What the child has to know."""
        return {name: value for name, value in asdict(self).items() if name != "process"}


def probe(source: Path, *, limits: ProbeLimits | None = None, should_stop: StopQuestion | None = None) -> SourceFacts:
    """The facts of the file at `source`, whatever it is called.

    Raises SourceError for a file that cannot be used (empty_file, not_a_video, unsupported_container,
    no_streams, too_many_streams, unsupported_codec, truncated, corrupt, dimensions_too_large,
    dimensions_unsupported, frame_rate_unsupported, duration_too_long), LimitError (decode_limit,
    out_of_memory, timed_out), MachineError, Cancelled."""
    limits = limits or ProbeLimits()
    if not source.stat().st_size:
        raise SourceError("empty_file")
    request = {"path": str(source.absolute()), "limits": limits.to_json()}
    answer = children.ask(
        "probe", request, limits=limits.process, cwd=source.parent.absolute(), should_stop=should_stop
    )
    return SourceFacts.from_json(answer)
