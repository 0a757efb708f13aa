"""Makes the ladder: runs the commands, tells how far they are, finishes each file. In a site every part and every sound
is a step of its own; transcode() does them all, one after the other."""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from videos.pipeline import joining
from videos.pipeline.command import (
    AUDIO_LABEL,
    loudness_name,
    output_name,
    part_command,
    raw_name,
    sound_command,
    warm_up,
)
from videos.pipeline.errors import LimitError, MachineError, PipelineError, SourceError
from videos.pipeline.facts import SourceFacts
from videos.pipeline.ffmpeg import examine
from videos.pipeline.filmfile import FinishedFile
from videos.pipeline.ladder import AudioPlan, Ladder
from videos.pipeline.loudness import Loudness, parse_loudness
from videos.pipeline.meter import Meter, OnProgress, Progress, nobody
from videos.pipeline.outcome import Finished
from videos.pipeline.parts import PART_SECONDS, Part, plan_parts
from videos.pipeline.sandbox import Limits, StopQuestion, run

_STREAM_OVERHEAD = Fraction(5, 4)  # of a capped stream over its cap, with headers
_SLACK_BYTES = 64 << 20
_PICTURE_TOO_LARGE = ("Picture size", "max_pixels", "exceeds the limit", "dimensions too large")
_SOURCE_IS_BAD = (
    "Invalid data found",
    "Error while decoding",
    "Error submitting packet",
    "does not contain any stream",
)


@dataclass(frozen=True, slots=True)
class Encoded:
    """Finished files by label, rungs' and sounds'; how loud the sounds are that were encoded whole."""

    files: Mapping[str, FinishedFile]
    loudness: Mapping[str, Loudness | None]


@dataclass(frozen=True, slots=True)
class Transcoded:
    """All rungs, largest first, then the sounds that have files of their own."""

    rungs: tuple[FinishedFile, ...]
    sounds: tuple[FinishedFile, ...]
    loudness: Mapping[str, Loudness | None]


@dataclass(frozen=True, slots=True)
class Encoding:
    """What all commands of one film share. `threads` 0 means as many as there are processors."""

    source: Path
    facts: SourceFacts
    ladder: Ladder
    ffmpeg: Path
    threads: int = 0
    limits: Limits = field(default_factory=Limits)
    should_stop: StopQuestion | None = None


def encode_part(
    encoding: Encoding,
    part: Part,
    folder: Path,
    *,
    sounds: Sequence[AudioPlan] = (),
    on_progress: OnProgress | None = None,
) -> Encoded:
    """Encodes every rung of one part into `folder` as `<label>.mp4`, at its place in the film; and `sounds` of the
    whole film beside them, where one read shall do for both.

    Raises SourceError (corrupt), LimitError (decode_limit, output_too_large, timed_out, out_of_memory),
    MachineError (disk_full, crashed), VerificationFailed, Cancelled; the caller removes partial files."""
    ladder = encoding.ladder
    argv = part_command(
        encoding.source,
        encoding.facts,
        ladder,
        part,
        ffmpeg=examine(encoding.ffmpeg),
        threads=encoding.threads,
        sounds=sounds,
    )
    seconds = part.frames / ladder.frame_rate
    _run(encoding, argv, folder, Meter(part.frames, float(seconds), on_progress or nobody, time.monotonic))
    files = {}
    for rung in ladder.rungs:
        raw = folder / raw_name(rung.label)
        files[rung.label] = joining.finish_picture(raw, folder / output_name(rung.label), ladder=ladder, part=part)
        raw.unlink()
    for audio in sounds:
        files[audio.label] = _finished_sound(encoding, audio, folder)
    return Encoded(files, {audio.label: _loudness(audio, folder) for audio in sounds})


def encode_sound(
    encoding: Encoding, audio: AudioPlan, folder: Path, *, on_progress: OnProgress | None = None
) -> Encoded:
    """Encodes one sound track of the whole film into `folder` as `<label>.mp4`. Raises as encode_part()."""
    argv = sound_command(
        encoding.source,
        encoding.facts,
        encoding.ladder,
        audio,
        ffmpeg=examine(encoding.ffmpeg),
        threads=encoding.threads,
    )
    meter = Meter(0, float(encoding.ladder.duration_seconds), on_progress or nobody, time.monotonic)
    _run(encoding, argv, folder, meter)
    return Encoded({audio.label: _finished_sound(encoding, audio, folder)}, {audio.label: _loudness(audio, folder)})


def encode_sound_of_part(encoding: Encoding, audio: AudioPlan, part: Part, folder: Path) -> Encoded:
    """The sound that belongs to one part, for those who watch while the film is being made; what is published at the
    end has the sound that was encoded in one go. Raises as encode_part()."""
    ladder = encoding.ladder
    packets = (joining.packets_before(ladder, audio, part), joining.packets_until(ladder, audio, part))
    argv = sound_command(
        encoding.source,
        encoding.facts,
        ladder,
        audio,
        ffmpeg=examine(encoding.ffmpeg),
        threads=encoding.threads,
        packets=packets,
    )
    seconds = float(part.frames / ladder.frame_rate)
    _run(encoding, argv, folder, Meter(0, seconds, nobody, time.monotonic))
    return Encoded({audio.label: _finished_sound(encoding, audio, folder, part, warm_up(packets))}, {})


def transcode(
    encoding: Encoding,
    folder: Path,
    *,
    part_seconds: float = PART_SECONDS,
    on_progress: OnProgress | None = None,
) -> Transcoded:
    """The whole ladder, in parts of `part_seconds` (0: in one), into `folder`: `<label>.mp4` for each rung, sound alone
    as `audio.mp4`, the sounds of a film with several also as `sound-1.mp4`, … Raises as encode_part()."""
    ladder = encoding.ladder
    if not ladder.rungs:
        assert ladder.audio is not None, "a film has pictures or sound"
        encoded = encode_sound(encoding, ladder.audio, folder, on_progress=on_progress)
        file = encoded.files[ladder.audio.label]
        file = _renamed(file, folder / output_name(AUDIO_LABEL))
        return Transcoded((file,), (), encoded.loudness)
    parts = plan_parts(ladder, encoding.facts, part_seconds=part_seconds)
    done: list[Encoded] = []
    for part in parts:
        own = folder / f"part-{part.number}"
        own.mkdir()
        told = _share(on_progress, part, ladder)
        done.append(encode_part(encoding, part, own, sounds=sounds_beside(parts, ladder), on_progress=told))
    sounds = {label: file for label, file in done[0].files.items() if label.startswith("sound")}
    for audio in ladder.sounds if not sounds else ():
        own = folder / f"part-{audio.label}"
        own.mkdir()
        done.append(encode_sound(encoding, audio, own))
        sounds |= done[-1].files
    rungs = []
    for rung in ladder.rungs:
        pieces = [encoded.files[rung.label].path for encoded in done if rung.label in encoded.files]
        rungs.append(join_rung(pieces, sounds, folder / output_name(rung.label), ladder=ladder))
    alone = [_renamed(file, folder / output_name(label)) for label, file in sounds.items() if len(sounds) > 1]
    for own in folder.glob("part-*"):
        shutil.rmtree(own)
    loudness = {label: found for encoded in done for label, found in encoded.loudness.items()}
    return Transcoded(tuple(rungs), tuple(alone), loudness)


def sounds_beside(parts: Sequence[Part], ladder: Ladder) -> tuple[AudioPlan, ...]:
    """A film of one part is read once, for pictures and sounds: that is faster, and where clocks jump the only way to
    keep them together."""
    return ladder.sounds if len(parts) == 1 else ()


def join_rung(pieces: Sequence[Path], sounds: Mapping[str, FinishedFile], out: Path, *, ladder: Ladder) -> FinishedFile:
    """One rung of the whole film, with its main sound. Raises VerificationFailed."""
    main = sounds[ladder.audio.label].path if ladder.audio is not None else None
    return joining.join(pieces, main, out, ladder=ladder, is_split=len(sounds) > 1)


def _share(on_progress: OnProgress | None, part: Part, ladder: Ladder) -> OnProgress | None:
    """One part's progress as the whole film's."""
    if on_progress is None:
        return None

    def told(progress: Progress) -> None:
        done = (part.first_frame + progress.fraction * part.frames) / ladder.frames
        left = None
        if progress.speed:
            left = (1 - done) * float(ladder.duration_seconds) / progress.speed
        on_progress(Progress(done, progress.speed, left))

    return told


def _finished_sound(
    encoding: Encoding, audio: AudioPlan, folder: Path, part: Part | None = None, skipped: int = 0
) -> FinishedFile:
    raw = folder / raw_name(audio.label)
    out = folder / output_name(audio.label)
    finished = joining.finish_sound(raw, out, ladder=encoding.ladder, audio=audio, part=part, skipped=skipped)
    raw.unlink()
    return finished


def _loudness(audio: AudioPlan, folder: Path) -> Loudness | None:
    """What the command has measured; the file goes."""
    path = folder / loudness_name(audio.label)
    try:
        return parse_loudness(path.read_text(encoding="ascii", errors="replace"))
    finally:
        path.unlink()


def _renamed(file: FinishedFile, path: Path) -> FinishedFile:
    file.path.replace(path)
    return dataclasses.replace(file, path=path)


def _run(encoding: Encoding, argv: list[str], folder: Path, meter: Meter) -> None:
    limits = encoding.limits
    capped = dataclasses.replace(limits, file_bytes=min(limits.file_bytes, _most_bytes(encoding.ladder)))
    finished = run(argv, limits=capped, cwd=folder, on_line=meter.take, should_stop=encoding.should_stop)
    if finished.returncode:
        raise _failure(finished)
    meter.finish()


def _most_bytes(ladder: Ladder) -> int:
    """A file above this has run away."""
    top = max((rung.maxrate_bps for rung in ladder.rungs), default=0)
    sound = ladder.audio.bit_rate_bps if ladder.audio else 0
    return int((top + sound) * _STREAM_OVERHEAD * ladder.duration_seconds / 8) + _SLACK_BYTES


def _failure(finished: Finished) -> PipelineError:
    tail = finished.stderr_tail
    detail = f"ffmpeg ended with {finished.returncode}\n{tail[-2000:]}".strip()
    if any(sign in tail for sign in _PICTURE_TOO_LARGE):
        return LimitError("decode_limit", detail=detail)
    if any(sign in tail for sign in _SOURCE_IS_BAD):
        return SourceError("corrupt", detail=detail)
    return MachineError("crashed", detail=detail)
