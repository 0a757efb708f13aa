"""A picture that somebody sends becomes a JPEG of ours: upright, in sRGB, with nothing in it but the picture. It is
read in a sandboxed child: what a bomb or a flaw of a decoder does, it does there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from videos.pipeline import children
from videos.pipeline.errors import LimitError, MachineError
from videos.pipeline.poster import LONG_SIDE_PX, PosterFacts
from videos.pipeline.sandbox import Limits

MOST_PIXELS = 40_000_000
JPEG_QUALITY = 88  # Pillow's scale: 95 is best
# Forty million pixels take 160 MB, and half as much again while they are turned; libraries and their arenas the rest.
_LIMITS = Limits(wall_seconds=20, cpu_seconds=20, memory_bytes=2 << 30, file_bytes=16 << 20, open_files=64, nice=0)


@dataclass(frozen=True, slots=True)
class Refused:
    """What was sent is no picture that is taken."""

    reason: Literal["unreadable", "too_large"]
    detail: str


def take_picture(path: Path, out_path: Path) -> PosterFacts | Refused:
    """Reads the JPEG, PNG or WebP at `path`, and writes a JPEG of at most 1280 pixels' long side. Raises MachineError
    when the machine, not the picture, is the reason."""
    request = {
        "path": str(path.absolute()),
        "out": str(out_path.absolute()),
        "long_side": LONG_SIDE_PX,
        "max_pixels": MOST_PIXELS,
        "quality": JPEG_QUALITY,
    }
    try:
        said = children.ask("own_picture", request, limits=_LIMITS, cwd=out_path.parent.absolute())
    except LimitError as error:
        return Refused("too_large", str(error))
    except MachineError as error:
        if error.code != "crashed":
            raise
        return Refused("unreadable", str(error))  # the decoder died of it
    if reason := said.get("refused"):
        return Refused(reason, said["detail"])
    return PosterFacts(said["width"], said["height"], out_path.stat().st_size)
