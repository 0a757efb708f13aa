"""What probing has told about a file, in words."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from videos.pipeline.facts import AudioFacts, SourceFacts, VideoFacts

# libav's names of what may be read, as people know them.
CONTAINERS: Final = {
    "mov": "MP4/MOV", "matroska": "Matroska (MKV/WebM)", "avi": "AVI", "flv": "FLV", "mpegts": "MPEG-TS",
    "mpeg": "MPEG-PS", "asf": "WMV/ASF", "ogg": "Ogg", "wav": "WAV", "w64": "Wave64", "mp3": "MP3", "flac": "FLAC",
    "aac": "AAC", "aiff": "AIFF", "caf": "CAF",
}  # fmt: skip


CODECS: Final = {
    "h264": "H.264", "hevc": "HEVC", "av1": "AV1", "vp8": "VP8", "vp9": "VP9", "mpeg2video": "MPEG-2",
    "mpeg1video": "MPEG-1", "mpeg4": "MPEG-4", "prores": "ProRes", "mjpeg": "Motion JPEG", "theora": "Theora",
    "aac": "AAC", "mp3": "MP3", "opus": "Opus", "vorbis": "Vorbis", "flac": "FLAC", "alac": "ALAC", "ac3": "AC-3",
    "eac3": "E-AC-3", "dca": "DTS", "dts": "DTS", "truehd": "TrueHD",
}  # fmt: skip
SURROUND: Final = {6: "5.1", 8: "7.1"}
USUAL_BITS: Final = 8


def file_words(facts: SourceFacts) -> list[tuple[str, str]]:
    """Label and value: container, picture, each sound track."""
    rows = [(_("Container"), CONTAINERS.get(facts.container, facts.container))]
    if facts.video is not None:
        rows.append((_("Picture"), _picture(facts.video)))
    rows.extend((_("Sound"), _sound(track)) for track in facts.audio)
    return rows


def _picture(video: VideoFacts) -> str:
    words = [
        CODECS.get(video.codec, video.codec),
        f"{video.display_width} × {video.display_height}",
        f"{float(video.frame_rate):.4g} fps",
    ]
    if video.is_hdr:
        words.append("HDR")
    if video.is_interlaced:
        words.append(_("interlaced"))
    if video.bit_depth > USUAL_BITS and not video.is_hdr:
        words.append(_("%(count)d bits") % {"count": video.bit_depth})
    return " · ".join(words)


def _sound(track: AudioFacts) -> str:
    channels = {1: _("mono"), 2: _("stereo"), **SURROUND}
    words = [
        CODECS.get(track.codec, track.codec),
        channels.get(track.channels) or _("%(count)d channels") % {"count": track.channels},
        f"{track.sample_rate / 1000:.4g} kHz",
        track.language,
        track.title,
    ]
    return " · ".join(word for word in words if word)
