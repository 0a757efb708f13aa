"""Small fragmented MP4 files from ffmpeg's own generators, made once a run."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

import imageio_ffmpeg

from videos.pipeline.fmp4 import FragmentedMp4, index_fragmented_mp4
from videos.pipeline.mpegts import segment_to_ts

_FOLDER = Path(tempfile.mkdtemp(prefix="matinee-clips-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=s={size}:r={rate}")
_SOUND = ("-f", "lavfi", "-i", "sine=440:sample_rate={hertz}")
_X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-sc_threshold", "0", "-bf", "2")


class ClipOptions(TypedDict, total=False):
    """What clip() can be asked for."""

    seconds: float
    rate: str
    gop: int
    size: str
    hertz: int
    has_picture: bool
    has_sound: bool
    flags: str


@lru_cache
def clip(
    *,
    seconds: float = 5,
    rate: str = "25",
    gop: int = 50,
    size: str = "320x180",
    hertz: int = 48000,
    has_picture: bool = True,
    has_sound: bool = True,
    flags: str = "+cmaf+frag_keyframe+empty_moov",
) -> Path:
    """A film with a moving clock and a tone: one fragment for each group of `gop` frames; B-frames, so
    decoding and presentation order differ."""
    path = _FOLDER / f"{seconds}-{rate.replace('/', '_')}-{gop}-{size}-{hertz}-{has_picture}-{has_sound}-{flags}.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y"]
    if has_picture:
        command += [part.format(size=size, rate=rate) for part in _PICTURE]
    if has_sound:
        command += [part.format(hertz=hertz) for part in _SOUND]
    command += ["-t", str(seconds)]
    if has_picture:
        command += [*_X264, "-g", str(gop), "-keyint_min", str(gop)]
    if has_sound:
        command += ["-c:a", "aac", "-b:a", "64k"]
    fragments = [] if has_picture else ["-frag_duration", "2000000"]
    subprocess.run([*command, "-movflags", flags, *fragments, str(path)], check=True)
    return path


def index(path: Path) -> FragmentedMp4:
    """The index of a file on disk."""
    content = path.read_bytes()
    return index_bytes(content)


def index_bytes(content: bytes) -> FragmentedMp4:
    """The index of a file in memory."""
    return index_fragmented_mp4(lambda offset, length: content[offset : offset + length], len(content))


def transport_segments(path: Path) -> list[bytes]:
    """Every segment of a clip as a transport stream."""
    content, indexed = path.read_bytes(), index(path)
    return [
        segment_to_ts(
            content[segment.offset : segment.offset + segment.bytes],
            segment.offset,
            segment.samples,
            indexed.tracks,
            index=number,
        )
        for number, segment in enumerate(indexed.segments)
    ]
