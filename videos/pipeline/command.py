"""The one ffmpeg command that makes a whole ladder: one decode, one filter graph, sound encoded once, a
fragmented MP4 for each rung. Pure.

Time: the first displayed frame is 0. Sound is cut or filled with silence to begin 1024 samples later, because
the first AAC packet holds only the encoder's delay and lies 1024 samples before what it is given: so the
packets begin at 0 too, and no player has to know of priming. Fragments are cut where the muxer meets a
segment's first picture in decoding order, two frames (the reorder delay) before its time; sound goes through
the muxer early by as much, so that a segment's sound never begins before its picture. (hls.js takes the
earlier of both as the segment's begin: without this a film opened in the middle is off by two frames.)"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from videos.pipeline.facts import SourceFacts
from videos.pipeline.ffmpeg import Ffmpeg, input_arguments
from videos.pipeline.ladder import AudioPlan, Ladder, Rung
from videos.pipeline.picture import deinterlacing, fitting, scaling

AUDIO_LABEL = "audio"
REORDERED_FRAMES = 2  # of x264 with three B-frames and a pyramid, set below
_AAC_FRAME = 1024
_LEAST_TIMESCALE = 10_000
_RUNAWAY_SECONDS = 2
# Their clocks may jump, and ffmpeg mends that unless it is told to keep them.
_JUMPING_CLOCKS = frozenset({"mpegts", "mpeg", "ogg"})
_MOST_METADATA = 60_000
_MOST_PACKETS_WAITING = str(1 << 20)  # of pictures, where sound begins late


def ladder_command(
    source: Path, facts: SourceFacts, ladder: Ladder, *, ffmpeg: Ffmpeg, threads: int = 0, reserve_bytes: int
) -> list[str]:
    """Arguments; the outputs are `<label>.mp4` in the working folder. `reserve_bytes` are kept free in every
    moov box, as a comment, for what is only known at the end."""
    keeps_clock = facts.container not in _JUMPING_CLOCKS
    origin = facts.start_seconds - (0.0 if keeps_clock else facts.container_start_seconds)
    graphs, video_pads = _graphs(facts, ladder, origin, ffmpeg)
    maps = [*video_pads, *(["[sound]"] if ladder.audio else [])]
    return [
        str(ffmpeg.path), "-y", *(["-copyts"] if keeps_clock else []),
        "-reinit_filter:v", "0",  # a size that changes midway is the scaler's matter; a new graph would begin at 0
        *input_arguments(source.absolute(), threads=threads),
        "-filter_complex_threads", str(threads),
        *[argument for graph in graphs for argument in ("-filter_complex", graph)],
        *[argument for pad in maps for argument in ("-map", pad)],
        "-map_metadata", "-1", "-map_chapters", "-1", *_reserve(reserve_bytes),
        *_video_encoding(ladder, threads),
        *_audio_encoding(ladder),
        "-t", _decimal(ladder.duration_seconds + _RUNAWAY_SECONDS),
        "-avoid_negative_ts", "disabled", "-max_interleave_delta", "0", "-flags", "+global_header",
        "-max_muxing_queue_size", _MOST_PACKETS_WAITING,
        "-stats_period", "0.5", "-progress", "pipe:1",
        *_outputs(ladder),
    ]  # fmt: skip


def video_timescale(frame_rate: Fraction) -> int:
    """Ticks a second in which every frame lasts a whole number."""
    return frame_rate.numerator * math.ceil(_LEAST_TIMESCALE / frame_rate.numerator)


def output_name(label: str) -> str:
    """The file of one rung."""
    return f"{label}.mp4"


def _graphs(facts: SourceFacts, ladder: Ladder, origin: float, ffmpeg: Ffmpeg) -> tuple[list[str], list[str]]:
    """Filter graphs for pictures and for sound, apart, so that neither waits for the other's first frame; and
    the labels of the pictures in the order of the rungs."""
    graphs = []
    pads: list[str] = []
    if ladder.rungs and facts.video is not None:
        pads = [f"[picture{index}]" for index in range(len(ladder.rungs))]
        graphs.append(_picture(facts, ladder, origin, pads, has_tone_mapping=ffmpeg.has_tone_mapping))
    if ladder.audio is not None:
        graphs += _sound(ladder.audio, ladder.duration_seconds, origin, is_chained=ffmpeg.has_chained_graphs)
    return graphs, pads


def _picture(facts: SourceFacts, ladder: Ladder, origin: float, pads: Sequence[str], *, has_tone_mapping: bool) -> str:
    """Frames on the grid in the top rung's size, then smaller ones made of those."""
    assert facts.video is not None
    top, *lower = ladder.rungs
    rate = f"{ladder.frame_rate.numerator}/{ladder.frame_rate.denominator}"
    chain = [
        *deinterlacing(facts.video),
        f"setpts=round(PTS-({origin:.9f})/TB)",
        f"fps=fps={rate}:start_time=0:round=near",
        *_held_last_frame(facts, ladder),
        *fitting(facts.video, top.width, top.height, has_tone_mapping=has_tone_mapping),
    ]
    first = f"[0:{facts.video.index}]{','.join(chain)}"
    if not lower:
        return first + pads[0]
    copies = [f"[copy{index}]" for index in range(1, len(ladder.rungs))]
    scaled = [
        f"{copy}{','.join(scaling(rung.width, rung.height))}{pad}"
        for copy, rung, pad in zip(copies, lower, pads[1:], strict=True)
    ]
    return ";".join([f"{first},split={len(ladder.rungs)}{pads[0]}{''.join(copies)}", *scaled])


def _held_last_frame(facts: SourceFacts, ladder: Ladder) -> list[str]:
    """Where sound goes on after the picture, its last frame stays."""
    assert facts.video is not None
    missing = ladder.frames - round(Fraction(facts.video.duration_seconds) * ladder.frame_rate)
    return [f"tpad=stop={missing}:stop_mode=clone"] if missing > 1 else []


def _sound(audio: AudioPlan, duration: Fraction, origin: float, *, is_chained: bool) -> list[str]:
    """Where the channels change midway (a broadcast goes from stereo to mono), ffmpeg makes the graph that reads them
    anew. What counts from the beginning therefore stands in a second graph, which always gets the same."""
    end = _decimal(duration)
    made_alike = [
        f"asetpts=round(PTS-({origin:.9f})/TB)",
        f"aresample={audio.sample_rate}",  # by itself: first_pts counts in the rate that comes in
    ]
    form = "aformat=sample_fmts=fltp:channel_layouts=stereo"
    placed = [
        f"aresample=async=1:first_pts={_AAC_FRAME}",
        form,
        f"apad=whole_dur={_decimal(duration - Fraction(_AAC_FRAME, audio.sample_rate))}",
        f"atrim=end={end}",
    ]
    if not is_chained:
        return [f"[0:{audio.index}]{','.join([*made_alike, *placed])}[sound]"]
    return [f"[0:{audio.index}]{','.join([*made_alike, form])}[alike]", f"[alike]{','.join(placed)}[sound]"]


def _video_encoding(ladder: Ladder, threads: int) -> list[str]:
    if not ladder.rungs:
        return []
    gop = str(ladder.gop_frames)
    shared = [
        "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-threads:v", str(threads),
        "-g", gop, "-keyint_min", gop, "-sc_threshold", "0", "-bf", "3", "-b_strategy", "1",
        "-force_key_frames", f"expr:not(mod(n,{gop}))",
        "-fps_mode", "passthrough",
    ]  # fmt: skip
    return shared + [text for index, rung in enumerate(ladder.rungs) for text in _rate_control(index, rung)]


def _rate_control(index: int, rung: Rung) -> list[str]:
    return [
        f"-crf:v:{index}", str(rung.crf),
        f"-maxrate:v:{index}", str(rung.maxrate_bps),
        f"-bufsize:v:{index}", str(rung.bufsize_bits),
    ]  # fmt: skip


def _audio_encoding(ladder: Ladder) -> list[str]:
    if ladder.audio is None:
        return []
    encoding = ["-c:a", "aac", "-profile:a", "aac_low", "-b:a", str(ladder.audio.bit_rate_bps)]
    if ladder.rungs:
        early = math.floor(REORDERED_FRAMES * ladder.audio.sample_rate / ladder.frame_rate)
        encoding += ["-bsf:a", f"setts=dts=DTS-{early}"]
    return encoding


def _reserve(reserve_bytes: int) -> list[str]:
    """A single argument may not exceed 128 KiB."""
    names = ("comment", "description", "synopsis", "lyrics")
    share = min(reserve_bytes, _MOST_METADATA)
    filled = math.ceil(reserve_bytes / _MOST_METADATA)
    return [text for name in names[:filled] for text in ("-metadata", f"{name}={'.' * share}")]


def _outputs(ladder: Ladder) -> list[str]:
    if not ladder.rungs:
        length = str(round(ladder.segment_seconds * 1_000_000))
        return [
            "-use_editlist",
            "0",
            "-movflags",
            _MOVFLAGS,
            "-frag_duration",
            length,
            "-f",
            "mp4",
            output_name(AUDIO_LABEL),
        ]
    # Half a GOP less than a segment: the first keyframe at which that much has been written is its last.
    least = round((ladder.segment_seconds - Fraction(ladder.gop_frames, 2) / ladder.frame_rate) * 1_000_000)
    options = (
        f"onfail=abort:f=mp4:movflags=+frag_keyframe{_MOVFLAGS}:use_editlist=0:min_frag_duration={least}"
        f":avoid_negative_ts=disabled:max_interleave_delta=0:video_track_timescale={video_timescale(ladder.frame_rate)}"
    )
    sound = ",a:0" if ladder.audio else ""
    slaves = [
        f"[select=\\'v:{index}{sound}\\':{options}]{output_name(rung.label)}" for index, rung in enumerate(ladder.rungs)
    ]
    return ["-f", "tee", "|".join(slaves)]


# Negative composition offsets make the muxer put every track's first sample at 0; presentation.py turns them
# into an edit list, which all readers agree on.
_MOVFLAGS = "+empty_moov+default_base_moof+negative_cts_offsets+frag_discont"


def _decimal(seconds: Fraction) -> str:
    return f"{float(seconds):.6f}"
