"""What viewers see of a picture: a source through the pipeline's own filters, encoded small, decoded again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
from av.video.frame import VideoFrame

from tests.media_samples import ffmpeg
from videos.pipeline import sandbox
from videos.pipeline.facts import VideoFacts
from videos.pipeline.ffmpeg import examine, find_ffmpeg, input_arguments
from videos.pipeline.ladder import plan_ladder
from videos.pipeline.picture import deinterlacing, fitting
from videos.pipeline.probe import probe

Colour = tuple[int, int, int]
Quarters = tuple[Colour, Colour, Colour, Colour]
"""Top left, top right, bottom left, bottom right."""

QUARTERS: Quarters = ((200, 40, 40), (40, 160, 60), (50, 60, 200), (220, 220, 210))


def quarters(size: str = "320x180", seconds: float = 0.4, colours: Quarters = QUARTERS, extra: str = "") -> list[str]:
    """Input arguments for a picture of four colours, as RGB; `extra` are filters after it."""
    width, height = (int(part) // 2 for part in size.split("x"))
    named = [f"color=c=0x{red:02x}{green:02x}{blue:02x}:s={width}x{height}:r=10:d={seconds},format=gbrp[{letter}]" for letter, (red, green, blue) in zip("abcd", colours, strict=True)]  # fmt: skip  # noqa: E501
    graph = ";".join([*named, "[a][b]hstack[top]", "[c][d]hstack[low]", "[top][low]vstack,setsar=1"])
    return ["-f", "lavfi", "-i", graph + (f",{extra}" if extra else "")]


def make(path: Path, *arguments: str | Path) -> Path:
    """Runs ffmpeg with `path` as its output."""
    ffmpeg(*arguments, path)
    return path


def facts_of_picture(source: Path) -> VideoFacts:
    """What the probe tells of its picture."""
    video = probe(source).video
    assert video is not None
    return video


def shown(source: Path, *, has_tone_mapping: bool = True) -> list[VideoFrame]:
    """The pictures of its largest rung, read from bare H.264: nothing of a container says how to show them."""
    facts = probe(source)
    assert facts.video is not None
    rung, binary = plan_ladder(facts).rungs[0], examine(find_ffmpeg(None))
    is_mapped = has_tone_mapping and binary.has_tone_mapping
    filters = [*deinterlacing(facts.video), *fitting(facts.video, rung.width, rung.height, has_tone_mapping=is_mapped)]
    out = source.with_name(f"{source.stem}.shown.h264")
    command: Sequence[str | Path] = [
        binary.path, "-y", *input_arguments(source),
        "-filter_complex", f"[0:{facts.video.index}]{','.join(filters)}[picture]", "-map", "[picture]",
        "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-crf", "12", "-f", "h264", out,
    ]  # fmt: skip
    done = sandbox.run(command, limits=sandbox.Limits(), cwd=source.parent)
    assert done.returncode == 0, done.stderr_tail
    with av.open(str(out)) as container:
        frames = list(container.decode(video=0))
    for frame in frames:
        assert (frame.width, frame.height) == (rung.width, rung.height)
        assert frame.format.name == "yuv420p"
        assert not frame.interlaced_frame
        assert (frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range) == (1, 1, 1, 1)
    return frames


def quarters_of(frame: VideoFrame) -> Quarters:
    """The colours in the middle of its quarters, as RGB by BT.709."""
    rgb = frame.reformat(format="rgb24", src_colorspace="ITU709", dst_color_range="JPEG")
    plane = rgb.planes[0]
    content = bytes(plane)

    def at(across: int, down: int) -> Colour:
        place = down * rgb.height // 4 * plane.line_size + 3 * (across * rgb.width // 4)
        red, green, blue = content[place : place + 3]
        return red, green, blue

    return at(1, 1), at(3, 1), at(1, 3), at(3, 3)


def difference(one: Quarters, other: Quarters) -> int:
    """The largest in any channel."""
    return max(
        abs(first - second)
        for colours in zip(one, other, strict=True)
        for first, second in zip(*colours, strict=True)
    )  # fmt: skip
