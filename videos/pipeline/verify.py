"""Whether a rendition is what was planned. ffmpeg ends with 0 on full disks and on half a film, so every file
is read again by another reader before anybody may see it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any  # JSON values

from videos.pipeline import children
from videos.pipeline.aac import AacConfigError, parse_audio_specific_config
from videos.pipeline.avc import AvcConfigError, parse_avc_config
from videos.pipeline.errors import SourceError, VerificationFailed
from videos.pipeline.ladder import Ladder, Rung
from videos.pipeline.sandbox import Limits, StopQuestion

_LIMITS = Limits(wall_seconds=1800, cpu_seconds=1800, memory_bytes=3 << 30, file_bytes=1 << 20)
_TOLERATED_SECONDS = Fraction(1)
_TOLERATED_SHARE = Fraction(2, 100)
_AAC_FRAME_SECONDS = Fraction(1024, 44_100)


@dataclass(frozen=True, slots=True)
class RungFacts:
    """What a rendition is, read back. `codecs` as RFC 6381 has it; `frames` are packets where there is no
    picture."""

    width: int
    height: int
    codecs: str
    frames: int
    duration_seconds: Fraction
    bytes: int


def verify_rung(
    path: Path,
    *,
    ladder: Ladder,
    rung: Rung | None,
    frames: int | None = None,
    limits: Limits = _LIMITS,
    should_stop: StopQuestion | None = None,
) -> RungFacts:
    """Reads the file at `path` and compares it with the plan: `rung` of `ladder`, None for sound alone;
    `frames` is how many the encoder said it wrote (the same for all rungs of one run).

    Raises VerificationFailed for a wrong size, pixel format or codec, a missing track, frames that are not as
    many as the film is long (within 1 s or 2 %), a begin other than 0, a segment without a keyframe at its
    start, pictures that do not decode; otherwise as children.ask."""
    try:
        said = children.ask(
            "verify",
            {"path": str(path.absolute())},
            limits=limits,
            cwd=path.parent.absolute(),
            should_stop=should_stop,
        )
    except SourceError as error:
        raise VerificationFailed(f"{path.name}: {error.detail}") from error
    problems: list[str] = []
    tracks = said["tracks"]
    expected = {*(["video"] if rung else []), *(["audio"] if ladder.audio else [])}
    if set(tracks) != expected:
        raise VerificationFailed(f"{path.name}: tracks {sorted(tracks)} instead of {sorted(expected)}")
    if rung is not None:
        problems += _picture_problems(tracks["video"], said["decoded"], ladder, rung, frames)
    if ladder.audio is not None:
        problems += _sound_problems(tracks["audio"], ladder)
    if problems:
        raise VerificationFailed(f"{path.name}: {'; '.join(problems)}")
    leading = tracks["video"] if rung else tracks["audio"]
    return RungFacts(
        width=rung.width if rung else 0,
        height=rung.height if rung else 0,
        codecs=",".join(_codec(tracks[kind]) for kind in ("video", "audio") if kind in tracks),
        frames=leading["packets"],
        duration_seconds=Fraction(leading["end"]),
        bytes=path.stat().st_size,
    )


def _picture_problems(
    track: dict[str, Any], decoded: dict[str, int], ladder: Ladder, rung: Rung, frames: int | None
) -> list[str]:
    count = track["packets"]
    tolerance = max(_TOLERATED_SECONDS, _TOLERATED_SHARE * ladder.duration_seconds) * ladder.frame_rate
    keyframes = {Fraction(moment) for moment in track["keyframes"]}
    needed = {index / ladder.frame_rate for index in range(0, count, ladder.gop_frames)}
    told = {
        f"{track['codec']} {track['pix_fmt']}": (track["codec"], track["pix_fmt"]) == ("h264", "yuv420p"),
        f"{track['width']}x{track['height']}": (track["width"], track["height"]) == (rung.width, rung.height),
        f"{count} frames, {ladder.frames} planned": abs(count - ladder.frames) <= tolerance,
        f"{count} frames, {frames} written": frames is None or count == frames,
        f"{track['broken']} broken packets": not track["broken"],
        f"begins at {track['start']}": Fraction(track["start"]) == 0,
        f"ends at {track['end']}": Fraction(track["end"]) == count / ladder.frame_rate,
        "keyframes are not where segments begin": keyframes == needed,
        "pictures do not decode": bool(decoded.get("head") and decoded.get("tail")),
    }
    return [problem for problem, is_right in told.items() if not is_right]


def _sound_problems(track: dict[str, Any], ladder: Ladder) -> list[str]:
    end = Fraction(track["end"])
    tolerance = max(_TOLERATED_SECONDS, _TOLERATED_SHARE * ladder.duration_seconds)
    told = {
        f"sound is {track['codec']}": track["codec"] == "aac",
        f"sound begins at {track['start']}": Fraction(track["start"]) == 0,
        f"sound ends at {float(end):.3f}": abs(end - ladder.duration_seconds) <= tolerance + _AAC_FRAME_SECONDS,
    }
    return [problem for problem, is_right in told.items() if not is_right]


def _codec(track: dict[str, Any]) -> str:
    """RFC 6381 from the decoder configuration."""
    extradata = bytes.fromhex(track["extradata"])
    try:
        if track["codec"] == "aac":
            return parse_audio_specific_config(extradata).codec
        return parse_avc_config(extradata).codec
    except (AacConfigError, AvcConfigError) as error:
        raise VerificationFailed(f"decoder configuration: {error}") from error
