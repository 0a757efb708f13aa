"""Ladders of the sample clips, each made once per session."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import av
from av.video.frame import VideoFrame

from tests.media_samples import media_folder, sample
from videos.pipeline.facts import SourceFacts
from videos.pipeline.ffmpeg import find_ffmpeg
from videos.pipeline.ladder import Ladder, plan_ladder
from videos.pipeline.meter import Progress
from videos.pipeline.probe import probe
from videos.pipeline.transcode import Encoding, Transcoded, transcode


@dataclass(frozen=True, slots=True)
class Made:
    """A source, its plan and what came of it."""

    source: Path
    facts: SourceFacts
    ladder: Ladder
    result: Transcoded
    progress: tuple[Progress, ...]

    @property
    def top(self) -> Path:
        """The largest rung."""
        return self.result.rungs[0].path


@functools.cache
def facts_of(name: str) -> SourceFacts:
    """What the probe finds out about `sample(name)`."""
    return probe(sample(name))


@functools.cache
def made(name: str) -> Made:
    """The ladder of `sample(name)`."""
    source = sample(name)
    facts = facts_of(name)
    ladder = plan_ladder(facts)
    folder = media_folder() / f"made-{name}"
    folder.mkdir()
    progress: list[Progress] = []
    result = transcode(Encoding(source, facts, ladder, find_ffmpeg(None)), folder, on_progress=progress.append)
    return Made(source, facts, ladder, result, tuple(progress))


def frames_of(path: Path) -> list[VideoFrame]:
    """Every picture, decoded, in order of presentation."""
    with av.open(str(path)) as container:
        return list(container.decode(video=0))
