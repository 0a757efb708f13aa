"""The sample table: where each frame of a track lies and when it is decoded and shown, in columns. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import add
from typing import NamedTuple


class Sample(NamedTuple):
    """One frame: bytes in the file, ticks of its track. Tick 0 is the first displayed frame, so `dts` may be
    negative."""

    offset: int
    size: int
    dts: int
    pts: int
    duration: int
    is_keyframe: bool


@dataclass(frozen=True, slots=True)
class SampleTable:
    """Samples in decoding order, a column each: two hours of film take some 20 MB instead of 200."""

    offsets: array[int]
    sizes: array[int]
    dts: array[int]
    pts: array[int]
    durations: array[int]
    keyframes: bytes
    _end: list[int] = field(default_factory=list, repr=False, compare=False)  # once it was asked for

    def __len__(self) -> int:
        return len(self.sizes)

    def __getitem__(self, index: int) -> Sample:
        return Sample(
            self.offsets[index],
            self.sizes[index],
            self.dts[index],
            self.pts[index],
            self.durations[index],
            bool(self.keyframes[index]),
        )

    def __iter__(self) -> Iterator[Sample]:
        return (self[index] for index in range(len(self)))

    @property
    def start(self) -> int:
        """The earliest presentation time, in ticks."""
        return min(self.pts)

    @property
    def end(self) -> int:
        """When the last shown sample ends, in ticks."""
        if self.pts is self.dts:  # nothing is reordered
            return self.dts[-1] + self.durations[-1]
        if not self._end:
            self._end.append(max(map(add, self.pts, self.durations)))
        return self._end[0]
