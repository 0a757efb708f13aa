"""How loud a sound track is (EBU R 128, ITU-R BS.1770), and by how much a player should change it. Pure.

In a graph that ends in `…[sound]`, a side branch measures what is encoded, in the same pass:

    …,asplit[sound][measured];[measured]{measuring("sound-1.loudness.txt")}[told]

[told] is mapped to an output that keeps nothing (`-f null`): a branch that ended in a sink of its own would still work
when the graph has ended for ffmpeg, which then fails an assertion of its own now and then (seen with 9.0).
The filters write that file into the working folder: some 30 bytes for each second of film, whatever the log level is.
(The summary that ffmpeg writes at its end shows only where everything else does that the file's author chose: titles,
names, messages.) When the command has ended: `parse_loudness(text)`, then `gain_db(loudness)`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

TARGET_LUFS = -16.0
MOST_TRUE_PEAK_DBTP = -1.0  # of what was made louder: decoders and converters overshoot
LEAST_GAIN_DB = -20.0
MOST_GAIN_DB = 12.0

_GATE_LUFS = -70.0  # R 128 counts nothing below; ffmpeg says this for silence
_SECONDS_A_LINE = 10
_SAMPLES_A_LINE = 480_000  # at 48 kHz
_FILE_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_INTEGRATED = re.compile(r"^lavfi\.r128\.I=(-?\d{1,4}\.\d{1,6})$", re.MULTILINE)
_PEAK = re.compile(r"^lavfi\.r128\.true_peaks_ch\d=(\d{1,4}\.\d{1,6})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Loudness:
    """Of a whole track: integrated loudness, and the highest peak between its samples too."""

    integrated_lufs: float
    true_peak_dbtp: float


def measuring(file_name: str) -> str:
    """Filters of a branch that writes what it measures to `file_name`, a plain name. A line tells
    what was measured up to its beginning, so the branch is made longer by silence, which R 128 does not count."""
    if not _FILE_NAME.fullmatch(file_name):
        raise ValueError(f"not a plain name: {file_name!r}")
    return (
        f"apad=pad_dur={_SECONDS_A_LINE + 2},ebur128=peak=true:metadata=1:framelog=verbose,"
        f"asetnsamples=n={_SAMPLES_A_LINE}:p=0,ametadata=mode=print:file={file_name}"
    )


def parse_loudness(text: str) -> Loudness | None:
    """What `measuring` has written; None for silence and where nothing was measured. Peaks are written as amplitudes,
    1 for full scale, by every version of ffmpeg."""
    integrated = [float(value) for value in _INTEGRATED.findall(text)]
    peak = max(map(float, _PEAK.findall(text)), default=0.0)
    if not integrated or integrated[-1] <= _GATE_LUFS or not peak:
        return None
    return Loudness(round(integrated[-1], 2), round(20 * math.log10(peak), 2))


def gain_db(loudness: Loudness | None) -> float:
    """What brings a track to the target. Sound is never compressed: a quiet film with loud peaks is raised only as far
    as its peaks allow, and left as it is where they allow nothing."""
    if loudness is None:
        return 0.0
    wanted = TARGET_LUFS - loudness.integrated_lufs
    headroom = max(0.0, MOST_TRUE_PEAK_DBTP - loudness.true_peak_dbtp)
    return round(min(max(wanted, LEAST_GAIN_DB), MOST_GAIN_DB, headroom), 1)
