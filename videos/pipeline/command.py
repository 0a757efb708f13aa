"""The ffmpeg commands that make a ladder. A part of it: one decode, one filter graph, an encoder for each rung, one
fragmented MP4 each. Sound: once for the whole film, or beside the pictures of a film that is one part. Pure.

Time: the first displayed frame of the film is 0, and so is the first frame of what a part's command writes; joining.py
puts it at its place. Frames are chosen on the film's own grid: a part begins to read a second early, at the keyframe
before that, and lets go what is shown before it begins.

Sound is cut or filled with silence to begin 1024 samples after 0, because the first AAC packet holds only the encoder's
delay and lies 1024 samples before what it is given: so the packets begin at 0, and no player has to know of priming."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, Self

from videos.pipeline.facts import SourceFacts
from videos.pipeline.ffmpeg import Ffmpeg, input_arguments
from videos.pipeline.ladder import AudioPlan, Ladder, Rung
from videos.pipeline.loudness import measuring
from videos.pipeline.parts import Part
from videos.pipeline.picture import deinterlacing, fitting, scaling

AUDIO_LABEL: Final = "audio"
REORDERED_FRAMES: Final = 2
"""Of x264 with three B-frames and a pyramid, set below."""
AAC_FRAME: Final = 1024
"""Samples in a packet of sound."""
WARM_UP_PACKETS: Final = 4
"""Packets before a part's sound: what the encoder says at its begin depends on what it has not heard."""

_LEAST_TIMESCALE = 10_000
_RUNAWAY_SECONDS = 2
_PRE_ROLL_SECONDS = 1
_SILENT_TAIL_SECONDS = 25  # enough for the last line of what is measured
# Their clocks may jump, and ffmpeg mends that unless it is told to keep them.
_JUMPING_CLOCKS = frozenset({"mpegts", "mpeg", "ogg"})
_MOST_PACKETS_WAITING = str(1 << 20)  # of pictures, where sound begins late
# Negative composition offsets make the muxer put every track's first sample at 0; joining.py turns them into an edit
# list, which all readers agree on.
_MOVFLAGS = "+empty_moov+default_base_moof+negative_cts_offsets+frag_discont"


def part_command(
    source: Path,
    facts: SourceFacts,
    ladder: Ladder,
    part: Part,
    *,
    ffmpeg: Ffmpeg,
    threads: int = 0,
    sounds: Sequence[AudioPlan] = (),
) -> list[str]:
    """Encodes every rung's frames of `part`, and `sounds` of the whole film. The outputs are `raw_name(label)` in the
    working folder."""
    begins = part.first_frame / ladder.frame_rate
    graphs = [_picture(facts, ladder, part, has_tone_mapping=ffmpeg.has_tone_mapping, origin=_origin(facts))]
    for audio in sounds:
        graphs += _sound(facts, audio, _Span.of_film(ladder, audio), ffmpeg=ffmpeg, is_measured=True)
    length = part.frames / ladder.frame_rate
    return [
        *_reading(source, facts, begins, ffmpeg=ffmpeg, threads=threads, graphs=graphs),
        *[text for number in range(len(ladder.rungs)) for text in ("-map", f"[picture{number}]")],
        *_nothing_else(),
        *_video_encoding(ladder, threads),
        "-t", _decimal(length + _RUNAWAY_SECONDS), *_tee(ladder),
        *[text for audio in sounds for text in _sound_output(audio, ladder.duration_seconds)],
        *[text for audio in sounds for text in _measured_output(audio)],
    ]  # fmt: skip


def sound_command(
    source: Path,
    facts: SourceFacts,
    ladder: Ladder,
    audio: AudioPlan,
    *,
    ffmpeg: Ffmpeg,
    threads: int = 0,
    packets: tuple[int, int] | None = None,
) -> list[str]:
    """Encodes one track of the whole film; or `packets` of it, from the first up to the one after the last, preceded by
    `warm_up(packets)` more. The output is `raw_name(audio.label)`."""
    span = _Span.of_film(ladder, audio) if packets is None else _Span.of_packets(packets, audio)
    graphs = _sound(facts, audio, span, ffmpeg=ffmpeg, is_measured=packets is None)
    return [
        *_reading(source, facts, span.begins_seconds, ffmpeg=ffmpeg, threads=threads, graphs=graphs),
        *_sound_output(audio, span.ends_seconds),
        *(_measured_output(audio) if packets is None else []),
    ]


def warm_up(packets: tuple[int, int]) -> int:
    """How many packets stand before those that were asked for."""
    return min(WARM_UP_PACKETS, packets[0])


def raw_name(label: str) -> str:
    """The file that a command writes for a rung or a sound."""
    return f"{label}.raw.mp4"


def loudness_name(label: str) -> str:
    """What a command that encodes a whole sound has measured of it (loudness.parse_loudness)."""
    return f"{label}.loudness.txt"


def output_name(label: str) -> str:
    """The finished file of a rung or a sound."""
    return f"{label}.mp4"


@dataclass(frozen=True, slots=True)
class _Span:
    """From which sample on an encoder is fed, and up to which."""

    first_sample: int
    end_sample: int
    sample_rate: int

    @classmethod
    def of_film(cls, ladder: Ladder, audio: AudioPlan) -> Self:
        return cls(AAC_FRAME, math.ceil(ladder.duration_seconds * audio.sample_rate), audio.sample_rate)

    @classmethod
    def of_packets(cls, packets: tuple[int, int], audio: AudioPlan) -> Self:
        """A packet holds what is fed one packet later than its own time; the encoder looks two ahead."""
        first = packets[0] - warm_up(packets) + 1
        return cls(first * AAC_FRAME, (packets[1] + 2) * AAC_FRAME, audio.sample_rate)

    @property
    def begins_seconds(self) -> Fraction:
        return Fraction(self.first_sample, self.sample_rate)

    @property
    def ends_seconds(self) -> Fraction:
        return Fraction(self.end_sample, self.sample_rate)


def _origin(facts: SourceFacts) -> float:
    """Where the film begins on the clock that the filters see."""
    return facts.start_seconds - (0.0 if _keeps_clock(facts) else facts.container_start_seconds)


def _keeps_clock(facts: SourceFacts) -> bool:
    return facts.container not in _JUMPING_CLOCKS


def _reading(
    source: Path, facts: SourceFacts, begins: Fraction, *, ffmpeg: Ffmpeg, threads: int, graphs: Sequence[str]
) -> list[str]:
    """Everything up to the outputs. `begins` is where in the film the first wanted frame lies."""
    return [
        str(ffmpeg.path), "-y", *(["-copyts"] if _keeps_clock(facts) else []),
        "-reinit_filter:v", "0",  # a size that changes midway is the scaler's matter; a new graph would begin at 0
        *input_arguments(source.absolute(), threads=threads, seek=_seek(facts, begins)),
        "-filter_complex_threads", str(threads),
        *[argument for graph in graphs for argument in ("-filter_complex", graph)],
        "-stats_period", "0.5", "-progress", "pipe:1",
    ]  # fmt: skip


def _seek(facts: SourceFacts, begins: Fraction) -> list[str]:
    """To the keyframe before; ffmpeg counts from the file's begin."""
    wanted = float(begins) - _PRE_ROLL_SECONDS + facts.start_seconds - facts.container_start_seconds
    return ["-noaccurate_seek", "-ss", f"{wanted:.6f}"] if begins and wanted > 0 else []


def _nothing_else() -> list[str]:
    return [
        "-map_metadata", "-1", "-map_chapters", "-1", "-avoid_negative_ts", "disabled", "-max_interleave_delta", "0",
        "-flags", "+global_header", "-max_muxing_queue_size", _MOST_PACKETS_WAITING,
    ]  # fmt: skip


def video_timescale(frame_rate: Fraction) -> int:
    """Ticks a second in which every frame lasts a whole number."""
    return frame_rate.numerator * math.ceil(_LEAST_TIMESCALE / frame_rate.numerator)


def _picture(facts: SourceFacts, ladder: Ladder, part: Part, *, has_tone_mapping: bool, origin: float) -> str:
    """Frames on the grid in the top rung's size, then smaller ones made of those: [picture0], [picture1], …"""
    assert facts.video is not None
    top, *lower = ladder.rungs
    rate = f"{ladder.frame_rate.numerator}/{ladder.frame_rate.denominator}"
    chain = [
        *deinterlacing(facts.video),
        f"setpts=round(PTS-({origin:.9f})/TB)",
        f"fps=fps={rate}:start_time=0:round=near",
        *_own_frames(facts, ladder, part),
        *fitting(facts.video, top.width, top.height, has_tone_mapping=has_tone_mapping),
    ]
    first = f"[0:{facts.video.index}]{','.join(chain)}"
    if not lower:
        return f"{first}[picture0]"
    copies = [f"[copy{number}]" for number in range(1, len(ladder.rungs))]
    scaled = [
        f"{copy}{','.join(scaling(rung.width, rung.height))}[picture{number}]"
        for number, (copy, rung) in enumerate(zip(copies, lower, strict=True), start=1)
    ]
    return ";".join([f"{first},split={len(ladder.rungs)}[picture0]{''.join(copies)}", *scaled])


def _own_frames(facts: SourceFacts, ladder: Ladder, part: Part) -> list[str]:
    """Out of the film's grid those of this part, whatever the source has there. fps has filled the grid from frame 0 on
    with what it read first: only so it rounds times in every part alike. Where sound goes on after the picture, its
    last frame stays."""
    assert facts.video is not None
    begin, end = part.first_frame, part.first_frame + part.frames
    placed = [f"trim=start_frame={begin}", f"setpts=PTS-{begin}"] if begin else []  # counted in frames here
    if not part.is_last:
        return ["tpad=stop=-1:stop_mode=clone", f"trim=end_frame={end}", *placed]
    missing = ladder.frames - round(Fraction(facts.video.duration_seconds) * ladder.frame_rate)
    return [*placed, *([f"tpad=stop={missing}:stop_mode=clone"] if missing > 1 else [])]


def _sound(facts: SourceFacts, audio: AudioPlan, span: _Span, *, ffmpeg: Ffmpeg, is_measured: bool) -> list[str]:
    """Sound from the span's first sample on, silence where there is none.

    Where the channels change midway (a broadcast goes from stereo to mono), ffmpeg makes the graph that reads them
    anew. What counts from the beginning therefore stands in a second graph, which always gets the same. It is not told
    of the end, so nothing may wait for that there: silence is added before, more than is needed; joining.py cuts it."""
    alike = [
        f"asetpts=round(PTS-({_origin(facts):.9f})/TB)",
        f"aresample={audio.sample_rate}",  # by itself: first_pts counts in the rate that comes in
        "aformat=sample_fmts=fltp:channel_layouts=stereo",
    ]
    placed = [f"aresample=async=1:first_pts={span.first_sample}", "aformat=sample_fmts=fltp:channel_layouts=stereo"]
    out, branch = f"[{audio.label}]", f"[{audio.label}-measured]"
    if is_measured:
        out = f",asplit{out}{branch};{branch}{measuring(loudness_name(audio.label))}{_told(audio)}"
    if _may_change_channels(facts, ffmpeg):
        between = f"[{audio.label}-alike]"
        padding = f"apad=whole_dur={_decimal(span.ends_seconds + _SILENT_TAIL_SECONDS)}"
        return [f"[0:{audio.index}]{','.join([*alike, padding])}{between}", f"{between}{','.join(placed)}{out}"]
    samples = span.end_sample - span.first_sample
    fitted = [f"apad=whole_len={samples}", f"atrim=end_sample={samples}"]
    return [f"[0:{audio.index}]{','.join([*alike, *placed, *fitted])}{out}"]


def _may_change_channels(facts: SourceFacts, ffmpeg: Ffmpeg) -> bool:
    """Joined tapes and broadcasts."""
    return ffmpeg.has_chained_graphs and not _keeps_clock(facts)


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


def _sound_output(audio: AudioPlan, ends_seconds: Fraction) -> list[str]:
    return [
        "-map", f"[{audio.label}]", *_nothing_else(),
        "-c:a", "aac", "-profile:a", "aac_low", "-b:a", str(audio.bit_rate_bps),
        "-t", _decimal(ends_seconds + _SILENT_TAIL_SECONDS + _RUNAWAY_SECONDS),  # on the film's clock, not the part's
        "-use_editlist", "0", "-movflags", _MOVFLAGS, "-frag_duration", "4000000", "-f", "mp4", raw_name(audio.label),
    ]  # fmt: skip


def _told(audio: AudioPlan) -> str:
    """The end of the branch that measures."""
    return f"[{audio.label}-told]"


def _measured_output(audio: AudioPlan) -> list[str]:
    return ["-map", _told(audio), "-c:a", "pcm_s16le", "-f", "null", "-"]


def _tee(ladder: Ladder) -> list[str]:
    # Half a GOP less than a segment: the first keyframe at which that much has been written is its last.
    least = round((ladder.segment_seconds - Fraction(ladder.gop_frames, 2) / ladder.frame_rate) * 1_000_000)
    options = (
        f"onfail=abort:f=mp4:movflags=+frag_keyframe{_MOVFLAGS}:use_editlist=0:min_frag_duration={least}"
        f":avoid_negative_ts=disabled:max_interleave_delta=0:video_track_timescale={video_timescale(ladder.frame_rate)}"
    )
    slaves = [f"[select=\\'v:{number}\\':{options}]{raw_name(rung.label)}" for number, rung in enumerate(ladder.rungs)]
    return ["-f", "tee", "|".join(slaves)]


def _decimal(seconds: Fraction) -> str:
    return f"{float(seconds):.6f}"
