"""Clips that ffmpeg's own generators make, each once per test session in a folder of its own. Every picture
carries its frame number as twelve bars along its top, so that a test can ask any rendition which frame it sees."""

from __future__ import annotations

import atexit
import functools
import math
import random
import shutil
import subprocess
import tempfile
from array import array
from collections.abc import Callable
from pathlib import Path

import av
from av.video.frame import VideoFrame

from videos.pipeline.ffmpeg import find_ffmpeg

NUMBER_BITS = 12
"""How many frames can be told apart: 4096."""

_Maker = Callable[[Path], None]
_makers: dict[str, _Maker] = {}


@functools.cache
def media_folder() -> Path:
    """Where this session's clips lie; removed at its end."""
    folder = Path(tempfile.mkdtemp(prefix="matinee-media-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def sample(name: str) -> Path:
    """The clip called `name`, for example `sample("film.mp4")`; see SAMPLES. Never change it: it is shared."""
    path = media_folder() / name
    _makers[name](path)
    return path


def ffmpeg(*arguments: str | Path) -> None:
    """Runs ffmpeg on what the tests themselves made."""
    command = [find_ffmpeg(None), "-y", "-nostdin", "-hide_banner", "-v", "error", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def numbered(size: str = "320x180", rate: str = "25", seconds: float = 4, extra: str = "") -> list[str]:
    """Input arguments for a moving picture that tells its frame number; `extra` are filters after it."""
    width, height = (int(part) for part in size.split("x"))
    band = max(2, height // 6 * 2)
    bars = f"geq=lum='16+219*mod(floor(N/pow(2\\,X))\\,2)':cb=128:cr=128,scale={width}:{band}:flags=neighbor"
    graph = (
        f"color=s={NUMBER_BITS}x2:r={rate}:d={seconds},format=yuv444p,{bars},format=yuv420p[band];"
        f"testsrc2=s={width}x{height - band}:r={rate}:d={seconds},format=yuv420p[rest];"
        f"[band][rest]vstack,setsar=1{',' + extra if extra else ''}"
    )
    return ["-f", "lavfi", "-i", graph]


def beeps(seconds: float = 4, rate: int = 48000) -> list[str]:
    """Input arguments for a tone with a short higher beep at every whole second."""
    return ["-f", "lavfi", "-i", f"sine=frequency=440:beep_factor=4:sample_rate={rate}:duration={seconds}"]


H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-pix_fmt", "yuv420p", "-bf", "2", "-threads", "1"]
AAC = ["-c:a", "aac", "-aac_coder", "fast", "-b:a", "96k", "-ac", "2"]


def number_of(frame: VideoFrame) -> int:
    """The frame number that a picture of `numbered()` shows, whatever its size."""
    small = frame.reformat(width=NUMBER_BITS * 8, height=48, format="gray")
    plane = small.planes[0]
    row = bytes(plane)[6 * plane.line_size :]
    return sum((row[8 * bit + 4] > 128) << bit for bit in range(NUMBER_BITS))


def beeps_heard(path: Path) -> list[float]:
    """When the beeps of `beeps()` begin in a file, in seconds of its clock, to some five milliseconds."""
    samples: list[int] = []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=16000)
        start: float | None = None
        for frame in container.decode(audio=0):
            start = frame.time if start is None else start
            for mono in resampler.resample(frame):
                samples += array("h", bytes(mono.planes[0])[: mono.samples * 2])
    step = 16000 * 4 // 1000
    loud = [_power(samples[at : at + 2 * step]) > 2e4 for at in range(0, len(samples) - 2 * step, step)]
    return [
        round((start or 0) + index * step / 16000, 3)
        for index in range(len(loud))
        if loud[index] and not any(loud[max(0, index - 50) : index])
    ]


def _power(samples: list[int], frequency: float = 1760, rate: int = 16000) -> float:
    """Goertzel: how much of one frequency is in these samples."""
    coefficient = 2 * math.cos(2 * math.pi * frequency / rate)
    last = before = 0.0
    for sample in samples:
        last, before = sample + coefficient * last - before, last
    return math.sqrt(max(0.0, last * last + before * before - coefficient * last * before))


def _maker(name: str) -> Callable[[_Maker], _Maker]:
    def register(make: _Maker) -> _Maker:
        _makers[name] = make
        return make

    return register


def _clip(name: str, *arguments: str) -> None:
    """Registers a clip that is one ffmpeg command."""

    def make(path: Path) -> None:
        ffmpeg(*arguments, path)

    _makers[name] = make


_clip("film.mp4", *numbered("854x480", seconds=6), *beeps(6), *H264, *AAC, "-movflags", "+faststart")
_clip("ntsc.mp4", *numbered(rate="30000/1001", seconds=5), *beeps(5, 44100), *H264, *AAC)
_clip("portrait.mp4", *numbered("180x320"), *beeps(), *H264, *AAC)
_clip("no_audio.mp4", *numbered(), *H264)
_clip("sixty.mp4", *numbered(rate="60", seconds=3), *beeps(3), *H264, *AAC)
_clip("fast.mp4", *numbered(rate="240", seconds=1), *H264)
_clip("slow.mp4", *numbered(rate="1/2", seconds=8), *H264)
_clip("film.avi", *numbered(), *beeps(), "-c:v", "mpeg4", "-q:v", "4", "-c:a", "libmp3lame", "-b:a", "96k")
_clip("film.flv", *numbered(), *beeps(4, 44100), *H264, *AAC)
_clip("film.ts", *numbered(), *beeps(), *H264, *AAC, "-muxdelay", "0.7")
_clip(
    "film.webm", *numbered(seconds=2), *beeps(2), "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8",
    "-b:v", "1M", "-c:a", "libopus",
)  # fmt: skip
_clip("tiny.mp4", *numbered("24x8", seconds=1), "-vf", "scale=2:2", *H264)
_clip("odd.mkv", *numbered("320x180", seconds=2), "-vf", "scale=321:181", "-c:v", "mpeg4")
_clip("anamorphic.mp4", *numbered("360x288", extra="setsar=16/9", seconds=2), *H264)
_clip("large.mp4", "-f", "lavfi", "-i", "color=s=8800x4400:d=0.1:r=10", *H264)
_clip("unknown_codec.mkv", *numbered(seconds=1), "-c:v", "magicyuv", "-pix_fmt", "yuv420p")
_clip(
    "hevc.mkv", *numbered(), *beeps(), *beeps(4, 44100), "-map", "0:v", "-map", "1:a", "-map", "2:a",
    "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:pools=1:frame-threads=1", *AAC,
    "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=chi", "-metadata:s:a:1", "title=国语",
    "-disposition:a:0", "0", "-disposition:a:1", "default", "-metadata", "title=A \x07film",
)  # fmt: skip
_HDR = "hdr-opt=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400"
_clip(
    "hdr10.mp4", *numbered(seconds=1), *beeps(1), "-vf",
    "zscale=tin=bt709:min=bt709:pin=bt709:rin=tv:t=smpte2084:m=bt2020nc:p=bt2020:r=tv:npl=200,format=yuv420p10le",
    "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", f"log-level=none:pools=1:frame-threads=1:{_HDR}",
    "-color_trc", "smpte2084", "-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-tag:v", "hvc1", *AAC,
)  # fmt: skip
_clip(
    "interlaced.ts", *numbered("320x192", rate="50"), *beeps(), "-vf", "interlace=scan=tff", "-c:v", "mpeg2video",
    "-flags", "+ilme+ildct", "-b:v", "3M", "-c:a", "mp2",
)  # fmt: skip
_clip("sound.m4a", *beeps(5), *AAC, "-metadata", "title=Beeps")
_clip(
    "vfr.mkv", *numbered(rate="30", seconds=6), *beeps(6), "-vf",
    "select='if(lt(t\\,2)\\,1\\,if(lt(t\\,4)\\,not(mod(n\\,3))\\,not(mod(n\\,2))))'", "-fps_mode", "passthrough",
    *H264, *AAC,
)  # fmt: skip


@_maker("rotated.mp4")
def _rotated(path: Path) -> None:
    """As a phone held upright writes it: the picture lies on its side and a matrix says so."""
    upright = sample("portrait.mp4")
    lying = path.with_suffix(".lying.mp4")
    ffmpeg("-i", upright, "-vf", "transpose=clock", *H264, "-c:a", "copy", lying)
    ffmpeg("-display_rotation", "90", "-i", lying, "-c", "copy", path)


@_maker("late_sound.mkv")
def _late_sound(path: Path) -> None:
    """Picture from 1.4 s, sound from 2.4 s on: neither begins at 0."""
    ffmpeg(
        *numbered(), *beeps(), *H264, *AAC, "-bsf:v", "setts=pts=PTS+1.4/TB:dts=DTS+1.4/TB",
        "-bsf:a", "setts=pts=PTS+2.4/TB:dts=DTS+2.4/TB",
        "-avoid_negative_ts", "disabled", path,
    )  # fmt: skip


@_maker("edit_list.mp4")
def _edit_list(path: Path) -> None:
    """Cut by copying at 1.5 s: the first second and a half is there, but not to be shown."""
    ffmpeg("-ss", "1.48", "-i", sample("film.mp4"), "-c", "copy", path)


@_maker("cover.m4a")
def _cover(path: Path) -> None:
    """Sound with a cover, which looks like a video stream."""
    picture = path.with_suffix(".jpg")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", "1", picture)
    ffmpeg(
        "-i",
        sample("sound.m4a"),
        "-i",
        picture,
        "-map",
        "0:a",
        "-map",
        "1:v",
        "-c",
        "copy",
        "-disposition:v:0",
        "attached_pic",
        path,
    )


@_maker("dark_start.mp4")
def _dark_start(path: Path) -> None:
    """One keyframe, black for a good second of three."""
    ffmpeg(*numbered(seconds=3, extra="drawbox=c=black:t=fill:enable='lt(t\\,1.2)'"), *H264, path)


@_maker("long_sound.mp4")
def _long_sound(path: Path) -> None:
    """Sound goes on for three seconds after the picture."""
    ffmpeg(*numbered(seconds=2), *beeps(5), *H264, *AAC, path)


@_maker("short_sound.mp4")
def _short_sound(path: Path) -> None:
    """Sound ends three seconds before the picture."""
    ffmpeg(*numbered(seconds=5), *beeps(2), *H264, *AAC, path)


@_maker("resized.ts")
def _resized(path: Path) -> None:
    """As a broadcast may: after two seconds the picture has another size."""
    parts = []
    for start, size in ((0, "320x180"), (2, "160x120")):
        part = path.with_suffix(f".{start}.ts")
        ffmpeg(*numbered(size, seconds=2), *beeps(2), *H264, *AAC, "-output_ts_offset", str(start), part)
        parts.append(part.read_bytes())
    path.write_bytes(b"".join(parts))


@_maker("empty_sound.mkv")
def _empty_sound(path: Path) -> None:
    """A sound track without a single packet, as recorders without microphone leave it."""
    with av.open(str(sample("no_audio.mp4"))) as source, av.open(str(path), "w") as target:
        picture = target.add_stream_from_template(source.streams.video[0])
        target.add_stream("aac", rate=48000)
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = picture
                target.mux(packet)


@_maker("many_tracks.mkv")
def _many_tracks(path: Path) -> None:
    """One picture and forty sound tracks."""
    tracks = ["-map", "1:a"] * 40
    ffmpeg("-i", sample("no_audio.mp4"), "-i", sample("sound.m4a"), "-map", "0:v", *tracks, "-c", "copy", path)


@_maker("subtitles_only.mkv")
def _subtitles_only(path: Path) -> None:
    words = path.with_suffix(".srt")
    words.write_text("1\n00:00:00,000 --> 00:00:01,000\nhello\n\n", encoding="utf-8")
    ffmpeg("-i", words, "-c:s", "srt", path)


def _cut(name: str, whole: str, share: float) -> None:
    def make(path: Path) -> None:
        content = sample(whole).read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    _makers[name] = make


_cut("half_faststart.mp4", "film.mp4", 0.5)
_cut("half_moov_last.mp4", "ntsc.mp4", 0.5)
_cut("half.mkv", "hevc.mkv", 0.5)
_cut("half.avi", "film.avi", 0.5)
_cut("half.flv", "film.flv", 0.5)


@_maker("damaged.mp4")
def _damaged(path: Path) -> None:
    """Headers are right, every frame is noise."""
    content = bytearray(sample("no_audio.mp4").read_bytes())
    start = content.index(b"mdat") + 4
    end = content.index(b"moov") - 4
    content[start:end] = random.Random(5).randbytes(end - start)
    path.write_bytes(content)


@_maker("random.mp4")
def _random(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(100_000))


@_maker("empty.mp4")
def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _text(name: str, text: str) -> None:
    def make(path: Path) -> None:
        path.write_text(text, encoding="utf-8")

    _makers[name] = make


_text("page.mp4", "<!doctype html><html><body><script>alert(1)</script></body></html>\n" * 50)
_text("playlist.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfilm.ts\n#EXT-X-ENDLIST\n")
_text("master.mp4", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n/etc/passwd\n")
_text("concat.mp4", "ffconcat version 1.0\nfile film.mp4\n")
_text("sdp.mp4", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n")
_text(
    "dash.mp4",
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S">'
    "<Period><AdaptationSet><Representation id='1' bandwidth='1' mimeType='video/mp4'><BaseURL>film.mp4</BaseURL>"
    "</Representation></AdaptationSet></Period></MPD>\n",
)
_text("srt.mp4", "1\n00:00:00,000 --> 00:00:01,000\nhello\n\n")

SAMPLES = tuple(_makers)
"""Every name `sample` knows."""


def long_clip(*, seconds: int, size: str = "640x360", rate: int = 25, is_instant: bool = True) -> Path:
    """A film of that length that is cheap to make: for what needs time to pass, or an encode to be under way. Its
    keyframes are too rare to play it as it is unless `is_instant`."""
    path = media_folder() / f"long-{seconds}-{size}-{rate}-{is_instant}.mp4"
    if not path.exists():
        part = path.with_suffix(".part.mp4")
        ffmpeg(
            "-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}", *beeps(seconds),
            "-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", "-pix_fmt", "yuv420p",
            "-g", str(4 * rate if is_instant else 60 * rate), *AAC, part,
        )  # fmt: skip
        part.rename(path)
    return path
