"""What an uploaded file offers before anything is encoded: itself, or a copy in an MP4 where only its container keeps
browsers from playing it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from django.conf import settings

from videos.pipeline import inspect, remux
from videos.pipeline.inspect import Inspected
from videos.pipeline.playable import PlayLimits
from videos.pipeline.sandbox import StopQuestion


def look_at(source: Path, folder: Path, *, source_name: str, should_stop: StopQuestion | None = None) -> Inspected:
    """As inspect.inspect(), within the limits of this site, with the copy made where one helps. `source_name` is the
    source's name in storage."""
    play_limits = PlayLimits(settings.INSTANT_SHORT_SIDE, settings.INSTANT_FRAME_RATE, settings.INSTANT_BPS)
    found = inspect.inspect(source, folder, source_name=source_name, play_limits=play_limits, should_stop=should_stop)
    limits = remux.RemuxLimits(most_bytes=settings.INSTANT_REMUX_BYTES, reserve_bytes=settings.DISK_RESERVE_BYTES)
    if not remux.needs_remux(found, limits):
        return found
    made = remux.remux(source, found.facts, folder, play_limits=play_limits, limits=limits, should_stop=should_stop)
    return replace(found, original=made)
