"""What a file is and, where browsers play it as it is, its index and playlists: one question to one sandboxed child,
because a start of Python costs more than reading a short film's headers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from videos.pipeline import children
from videos.pipeline.errors import SourceError
from videos.pipeline.facts import SourceFacts
from videos.pipeline.indexing import LABEL, Original, Refused
from videos.pipeline.playable import PlayLimits
from videos.pipeline.probe import ProbeLimits
from videos.pipeline.sandbox import StopQuestion

_MOST_INDEX_BYTES = 512 << 20  # of a day's film


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that can be used. `original` is what it offers as it is, or why it does not."""

    facts: SourceFacts
    original: Original | Refused


def inspect(
    source: Path,
    folder: Path,
    *,
    source_name: str,
    play_limits: PlayLimits,
    limits: ProbeLimits | None = None,
    should_stop: StopQuestion | None = None,
) -> Inspected:
    """The facts of the file at `source`, whatever it is called. Where browsers play it as it is, `folder` holds
    `original.idx` and four playlists afterwards, nothing otherwise; `source_name` is what cutter.FilmIndex.source will
    say. Raises what probe.probe() raises."""
    limits = limits or ProbeLimits()
    if not source.stat().st_size:
        raise SourceError("empty_file")
    request = {
        "path": str(source.absolute()),
        "limits": limits.to_json(),
        "play_limits": asdict(play_limits),
        "source": source_name,
        "label": LABEL,
        "folder": str(folder.absolute()),
    }
    process = replace(limits.process, file_bytes=_MOST_INDEX_BYTES)
    answer = children.ask("inspect", request, limits=process, cwd=folder.absolute(), should_stop=should_stop)
    facts = SourceFacts.from_json(answer["facts"])
    if "refused" in answer:
        return Inspected(facts, Refused(answer["refused"], answer["is_only_container"]))
    return Inspected(facts, Original.from_json(answer["original"]))
