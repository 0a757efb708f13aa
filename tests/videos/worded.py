"""Films that bring their own words along: subtitle tracks of several makes, and chapters."""

from __future__ import annotations

import functools
import struct
from pathlib import Path

from tests.media_samples import ffmpeg, media_folder, sample

ENGLISH = (
    "1\n00:00:00,500 --> 00:00:01,500\nHello <i>you</i>\n\n"
    "2\n00:00:02,000 --> 00:00:03,000\n{\\an8}Up & <b>down</b>\n\n"
)
GERMAN = (
    "WEBVTT\n\n00:00.500 --> 00:01.500 line:10% align:start\nHallo <i>du</i>\n\n"
    "00:02.000 --> 00:03.000\nZwei &amp; drei\n"
)
CHINESE = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Italic, Alignment
Style: Default,Arial,16,&Hffffff,0,0,2
Style: Thought,Arial,16,&Hffffff,0,-1,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.50,0:00:01.50,Default,,0,0,0,,你好，{\\b1}世界{\\b0}
Dialogue: 0,0:00:02.00,0:00:03.00,Thought,,0,0,0,,第二行\\N换行
"""
CHAPTERS = ";FFMETADATA1\n" + "".join(
    f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n"
    for start, end, title in ((0, 1500, "Rain"), (1500, 4000, "Sun"))
)


def _words(folder: Path) -> list[str | Path]:
    texts = {"en.srt": ENGLISH, "zh.ass": CHINESE, "de.vtt": GERMAN, "chapters.txt": CHAPTERS}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [part for name in texts for part in ("-i", folder / name)]


def _film(name: str, *words: str) -> Path:
    folder = media_folder() / name.replace(".", "-")
    folder.mkdir()
    ffmpeg(
        "-i", sample("no_audio.mp4"), *_words(folder), "-map", "0:v", "-map", "1", "-map", "2", *words, folder / name
    )
    return folder / name


@functools.cache
def worded_film() -> Path:
    """Four seconds: SubRip (English, "SDH", default), ASS (Chinese), WebVTT (German, forced), two chapters."""
    return _film(
        "worded.mkv", "-map", "3", "-map_chapters", "4", "-c", "copy",
        "-metadata:s:s:0", "language=eng", "-metadata:s:s:0", "title=SDH", "-metadata:s:s:1", "language=chi",
        "-metadata:s:s:2", "language=ger",
        "-disposition:s:0", "default", "-disposition:s:1", "0", "-disposition:s:2", "forced",
    )  # fmt: skip


@functools.cache
def worded_mp4() -> Path:
    """The English and the Chinese words as timed text, and the chapters."""
    return _film(
        "worded.mp4", "-c:v", "copy", "-c:s", "mov_text",
        "-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=zho",
    )  # fmt: skip


@functools.cache
def late_film() -> Path:
    """The worded film, three seconds later on its own clock."""
    path = media_folder() / "late_words.mkv"
    ffmpeg("-itsoffset", "3", "-i", worded_film(), "-map", "0", "-c", "copy", "-copyts", "-muxpreload", "0", path)
    return path


@functools.cache
def drawn_film() -> Path:
    """Its words are pictures, as on a Blu-ray (PGS): one composition with nothing in it, and its end."""
    folder = media_folder() / "drawn"
    folder.mkdir()
    composition = struct.pack(">HHBHBBBB", 320, 180, 0x10, 0, 0x80, 0, 0, 0)
    segments = ((0x16, composition), (0x80, b""))
    stream = b"".join(
        b"PG" + struct.pack(">IIBH", second * 90_000, 0, kind, len(content)) + content
        for second in (1, 2)
        for kind, content in segments
    )
    (folder / "drawn.sup").write_bytes(stream)
    path = folder / "drawn.mkv"
    ffmpeg("-i", sample("no_audio.mp4"), "-i", folder / "drawn.sup", "-map", "0", "-map", "1", "-c", "copy", path)
    return path
