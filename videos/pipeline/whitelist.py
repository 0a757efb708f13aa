"""What may be read at all: demuxers, decoders, sizes. Everything else is refused unopened. Pure."""

from __future__ import annotations

# Demuxers by libav's names. HLS, concat, DASH and SDP are what must never be here: they open other files.
DEMUXERS = (
    "mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "flv", "mpegts", "mpeg",
    "asf", "ogg", "wav", "w64", "mp3", "flac", "aac", "aiff", "caf",
)  # fmt: skip
VIDEO_DECODERS = (
    "h264", "hevc", "vp8", "vp9", "libvpx-vp9", "av1", "libdav1d", "libaom-av1", "mpeg4",
    "msmpeg4v2", "msmpeg4", "mpeg1video", "mpeg2video", "mjpeg", "prores", "dvvideo", "dnxhd",
    "vc1", "wmv1", "wmv2", "wmv3", "theora", "h263", "flv",
)  # fmt: skip
AUDIO_DECODERS = (
    "aac", "mp3", "mp3float", "mp2", "mp2float", "opus", "libopus", "vorbis", "flac", "alac", "ac3",
    "eac3", "dca", "truehd", "wmav1", "wmav2", "amrnb", "amrwb", "pcm_s16le", "pcm_s16be",
    "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le",
    "pcm_u8", "pcm_s8", "pcm_alaw", "pcm_mulaw", "pcm_bluray", "adpcm_ms", "adpcm_ima_wav",
)  # fmt: skip
DECODERS = VIDEO_DECODERS + AUDIO_DECODERS
MOST_PIXELS = 8192 * 4320
MOST_STREAMS = 32
