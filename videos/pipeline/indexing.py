"""What comes of an original that is played as it is, or why it is not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self  # JSON values

LABEL = "original"


@dataclass(frozen=True, slots=True)
class Original:
    """What an original offers as a rendition. Bit rates in bits a second; `bytes` is the size of the file in which its
    samples lie, the uploaded one or its copy."""

    codecs: str
    frames: int
    frame_rate: float
    average_bps: int
    peak_bps: int
    duration_seconds: float
    bytes: int

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Refused:
    """It cannot be played as it is; `reason` is for the operator. `is_only_container`: copied into an MP4 it may be."""

    reason: str
    is_only_container: bool = False
