"""Which ffmpeg is used, what it can do, and the arguments that stand before every input.

Valid for ffmpeg 5.1 to 9.0: what differs between them is asked of the binary, not guessed from a version."""

from __future__ import annotations

import functools
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import structlog

from videos.pipeline import sandbox
from videos.pipeline.errors import MachineError
from videos.pipeline.whitelist import DECODERS, DEMUXERS, MOST_PIXELS, MOST_STREAMS

log = structlog.get_logger(__name__)

_MOST_BYTES_AT_ONCE = 1 << 30

_NEEDED = {
    "encoders": frozenset({"libx264", "aac", "mjpeg"}),
    "filters": frozenset({"scale", "split", "fps", "bwdif", "setpts", "asetpts", "aresample", "apad", "atrim", "tpad"}),
    "bsfs": frozenset({"setts"}),
    "muxers": frozenset({"mp4", "tee"}),
}
_TONE_MAPPING = frozenset({"zscale", "tonemap"})
_CHAINED_GRAPHS = (
    "-f", "lavfi", "-i", "anullsrc=d=0.01", "-filter_complex", "[0:a]anull[one]", "-filter_complex", "[one]anull[two]",
    "-map", "[two]", "-f", "null", "-",
)  # fmt: skip
_LISTED = re.compile(r"\s*(?:[A-Z.|]+\s+)?([a-z0-9_]+)(?:\s|$)")
_VERSION = re.compile(r"ffmpeg version (\S+)")
_LIMITS = sandbox.Limits(wall_seconds=20, cpu_seconds=20, nice=0)


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """A binary and what it was found to offer."""

    path: Path
    version: str
    has_tone_mapping: bool
    has_chained_graphs: bool  # a filter graph may read what another one has made (7.1)


def find_ffmpeg(setting: str | None = None) -> Path:
    """The ffmpeg to use: `setting` where given, else the one on PATH if it can do what is needed and map HDR to what
    screens show, else that of the package imageio-ffmpeg, else one on PATH that shows HDR pale. Raises
    MachineError(ffmpeg_missing), which another attempt won't mend."""
    if setting:
        return examine(Path(shutil.which(setting) or setting)).path
    failed: MachineError | None = None
    found: Ffmpeg | None = None
    on_path = shutil.which("ffmpeg")
    if on_path:
        try:
            found = examine(Path(on_path))
        except MachineError as error:
            log.info("ffmpeg on PATH cannot be used", reason=error.detail)
            failed = error
    if found is not None and found.has_tone_mapping:
        return found.path
    try:
        return examine(Path(imageio_ffmpeg.get_ffmpeg_exe())).path
    except (RuntimeError, MachineError) as error:
        if found is not None:
            return found.path
        if isinstance(error, MachineError):
            raise
        if failed is not None and failed.retryable:  # it was killed while it was asked; it may be there the next time
            raise failed from error
        raise MachineError("ffmpeg_missing", detail=str(error), retryable=False) from error


def examine(path: Path) -> Ffmpeg:
    """What the binary at `path` can do; asked once for each state of the file. Raises as `find_ffmpeg`."""
    try:
        state = path.stat()
    except OSError as error:
        raise MachineError("ffmpeg_missing", detail=str(error), retryable=False) from error
    return _examine(path.absolute(), state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=8)
def _examine(path: Path, _mtime_ns: int, _size: int) -> Ffmpeg:
    version = next(iter(_VERSION.findall("\n".join(_ask(path, "version")))), "")
    missing = []
    filters: set[str] = set()
    for kind, needed in _NEEDED.items():
        listed = {found[1] for line in _ask(path, kind) if (found := _LISTED.match(line))}
        missing += sorted(needed - listed)
        filters = listed if kind == "filters" else filters
    if missing:
        lacks = f"{path} lacks {', '.join(missing)}"
        raise MachineError("ffmpeg_missing", detail=lacks, retryable=False)
    if not filters >= _TONE_MAPPING:
        log.warning("HDR films will look pale: this ffmpeg lacks zscale or tonemap", path=str(path))
    return Ffmpeg(
        path,
        version,
        has_tone_mapping=filters >= _TONE_MAPPING,
        has_chained_graphs=_succeeds(path, _CHAINED_GRAPHS),
    )


def _succeeds(path: Path, arguments: Sequence[str]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        command: list[str | Path] = [path, "-nostdin", "-hide_banner", "-v", "quiet", *arguments]
        return sandbox.run(command, limits=_LIMITS, cwd=Path(folder)).returncode == 0


def _ask(path: Path, what: str) -> list[str]:
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        sandbox.run([path, "-hide_banner", f"-{what}"], limits=_LIMITS, cwd=Path(folder), on_line=lines.append)
    return lines


def input_arguments(
    source: Path, *, threads: int = 0, max_pixels: int = MOST_PIXELS, seek: Sequence[str] = ()
) -> list[str]:
    """What stands before and names every input: nothing but the file itself is opened, by known demuxers and
    decoders, within limits. `threads` is the decoder's; 0 means as many as there are processors. `seek` are arguments
    that say where reading begins."""
    return [
        "-nostdin", "-hide_banner", "-v", "error",
        "-max_alloc", str(_MOST_BYTES_AT_ONCE),
        *reading_arguments(threads=threads, max_pixels=max_pixels),
        *seek,
        "-i", f"file:{source}",
    ]  # fmt: skip


def reading_arguments(*, threads: int, max_pixels: int) -> list[str]:
    """The options of one input."""
    return [
        "-protocol_whitelist", "file,pipe",
        "-format_whitelist", ",".join(DEMUXERS),
        "-codec_whitelist", ",".join(DECODERS),
        "-max_pixels", str(max_pixels),
        "-max_streams", str(MOST_STREAMS),
        "-threads", str(threads),
    ]  # fmt: skip
