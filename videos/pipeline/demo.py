"""The demo films: what ffmpeg's own generators draw and sing. Pure: arguments in, argument lists out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SOUND_RATE = 48_000


@dataclass(frozen=True, slots=True)
class DemoClip:
    """One film: a generator, what is done to its pictures, and its sound as an expression of t."""

    name: str
    picture: str
    filters: str
    sound: str
    duration_seconds: int


CLIPS: tuple[DemoClip, ...] = (
    DemoClip(
        "harbour-light",
        "gradients=s=480x270:r=24:c0=0x1b2a49:c1=0xf2b441:c2=0xc96f4a:c3=0x5b7fb8:nb_colors=4:speed=0.008:seed=42:type=linear",
        "scale=1920:1080:flags=bicubic",
        "0.08*(sin(2*PI*220*t)+sin(2*PI*277.18*t)+sin(2*PI*329.63*t))*(0.6+0.4*sin(2*PI*0.2*t))",
        14,
    ),
    DemoClip(
        "the-coast-that-never-ends",
        "mandelbrot=s=640x360:r=24:start_scale=2.2:end_scale=0.02:start_x=-0.7436:start_y=-0.1318:end_pts=480"
        ":outer=normalized_iteration_count:inner=mincol:maxiter=400",
        "scale=1280:720:flags=lanczos,hue=h=200:s=0.55",
        "0.1*sin(2*PI*(110+6*t)*t)*(0.5+0.5*sin(2*PI*0.5*t))",
        20,
    ),
    DemoClip(
        "windows-at-night",
        "life=s=72x128:r=12:mold=14:ratio=0.16:seed=11:death_color=#5b3a7a:life_color=#f2b441:mold_color=#15161a:rate=12",
        "fps=24,scale=720:1280:flags=neighbor,gblur=sigma=1.5",
        "0.12*sin(2*PI*440*mod(t*3,1))*exp(-6*mod(t*3,1))",
        9,
    ),
)


def arguments(clip: DemoClip, *, ffmpeg: Path, out: Path) -> list[str]:
    """The argument list that makes one clip as an MP4 of H.264 and AAC."""
    length = str(clip.duration_seconds)
    return [
        str(ffmpeg), "-nostdin", "-hide_banner", "-v", "error", "-y",
        "-f", "lavfi", "-t", length, "-i", clip.picture,
        "-f", "lavfi", "-t", length, "-i", f"aevalsrc='{clip.sound}':s={SOUND_RATE}:d={length}",
        "-vf", clip.filters, "-af", f"afade=out:st={clip.duration_seconds - 1}:d=1",
        "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", "-t", length,
        "-movflags", "+faststart", "-f", "mp4", str(out),
    ]  # fmt: skip
